# entry.S - the trap vector, and the way back.
#
# sscratch tells where a trap came from: it holds the hart's address while a
# user program runs, and 0 while the kernel does. In the kernel, tp always
# holds the hart's address (struct hart, kernel/proc/hart.h).

#include "kernel/syscall.h"
#include "kernel/trap/frame.h"

  # All registers but sp (x2) and tp (x4), to and from the frame at sp.
  .macro each op
  .irp n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
          21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \op x\n, FRAME_REG(\n)(sp)
  .endr
  .endm

  .text
  .balign 4
  .globl trap_entry
trap_entry:
  csrrw tp, sscratch, tp
  beqz tp, from_kernel

  # From a user program: sscratch now holds its tp.
  sd sp, HART_SAVE(tp)
  ld sp, HART_KSP(tp)
  addi sp, sp, -FRAME_SIZE
  each sd
  ld t0, HART_SAVE(tp)
  csrrw t1, sscratch, zero
  csrr t2, sepc
  csrr t3, sstatus
  sd t0, FRAME_REG(2)(sp)
  sd t1, FRAME_REG(4)(sp)
  sd t2, FRAME_PC(sp)
  sd t3, FRAME_STATUS(sp)
  csrr a1, scause
  li t0, 8
  bne a1, t0, other

  # A system call: syscall_table[a7](&frame->a), in syscall.c.
  addi t2, t2, 4                # past the ecall
  sd t2, FRAME_PC(sp)
  li t0, SYS_MAX
  bgtu a7, t0, unknown_call
  la t1, syscall_table
  slli t0, a7, 3
  add t1, t1, t0
  ld t1, 0(t1)
  addi a0, sp, FRAME_REG(10)
  beqz t1, unknown_call
  csrsi sstatus, 2
  jalr t1
  sd a0, FRAME_REG(10)(sp)

  # Nothing but the user frame is on the stack, at sp.
  .globl user_return
user_return:
  csrci sstatus, 2
  ld t1, HART_PROC(tp)
  lw t0, HART_RESCHED(tp)
  lw t1, PROC_ATTENTION(t1)
  or t0, t0, t1
  bnez t0, leave_later
  ld t2, FRAME_PC(sp)
  ld t3, FRAME_STATUS(sp)
  csrw sepc, t2
  csrw sstatus, t3
  csrw sscratch, tp
  each ld
  ld tp, FRAME_REG(4)(sp)
  ld sp, FRAME_REG(2)(sp)
  sret

unknown_call:
  mv a0, sp
  call syscall_unknown
  j user_return

other:
  mv a0, sp
  call trap_user
  j user_return

leave_later:
  mv a0, sp
  call trap_leave
  j user_return

from_kernel:
  csrrw tp, sscratch, zero      # tp as it was
  sd t0, HART_SAVE(tp)
  addi sp, sp, -FRAME_SIZE
  srli t0, sp, KSTACK_SHIFT
  andi t0, t0, 1
  beqz t0, overflow
  ld t0, HART_SAVE(tp)
  each sd
  addi t0, sp, FRAME_SIZE
  csrr t2, sepc
  csrr t3, sstatus
  sd t0, FRAME_REG(2)(sp)
  sd tp, FRAME_REG(4)(sp)
  sd t2, FRAME_PC(sp)
  sd t3, FRAME_STATUS(sp)
  mv a0, sp
  csrr a1, scause
  call trap_kernel
  .globl kernel_return          # for backtraces: the frame is at sp
kernel_return:
  # tp is not restored: the process may have moved to another hart.
  csrci sstatus, 2
  ld t2, FRAME_PC(sp)
  ld t3, FRAME_STATUS(sp)
  csrw sepc, t2
  csrw sstatus, t3
  each ld
  addi sp, sp, FRAME_SIZE
  sret

  # The stack's guard was reached. Say so from a stack that is good.
overflow:
  ld t0, HART_SAVE(tp)
  sd sp, HART_SAVE(tp)
  sd t0, HART_SAVE + 8(tp)
  ld sp, HART_EMERGENCY(tp)
  addi sp, sp, -FRAME_SIZE
  each sd
  ld t0, HART_SAVE(tp)
  addi t0, t0, FRAME_SIZE
  csrr t2, sepc
  csrr t3, sstatus
  sd t0, FRAME_REG(2)(sp)
  sd tp, FRAME_REG(4)(sp)
  sd t2, FRAME_PC(sp)
  sd t3, FRAME_STATUS(sp)
  ld t0, HART_SAVE + 8(tp)
  sd t0, FRAME_REG(5)(sp)
  mv a0, sp
  call trap_overflow
