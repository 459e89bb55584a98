# entry.S - the trap vector, and the way back.
#
# sscratch tells where a trap came from: it holds the hart's address while a
# user program runs, and 0 while the kernel does. In the kernel, tp always
# holds the hart's address (struct hart, kernel/proc/hart.h).

#include "kernel/syscall.h"
#include "kernel/trap/frame.h"

  # All registers but sp (x2) and tp (x4), to and from the frame at sp, by
  # `each sd` and `each ld`. Yours; x\n belongs at FRAME_REG(\n)(sp).
  .macro each op
  .endm

  .text
  .balign 4
  .globl trap_entry
trap_entry:
  csrrw tp, sscratch, tp
  beqz tp, from_kernel

  # From a user program: sscratch now holds its tp.
  #
  # Yours: the program's registers into a frame at the top of the kernel stack
  # that HART_KSP(tp) gives, and sp at that frame. Until sp is saved, there is
  # no stack; HART_SAVE(tp) has room for two words. Besides the 31 registers:
  # sepc and sstatus. sscratch must be 0 from here on. Then comes the reason of
  # the trap, with sepc in t2.
  ld sp, HART_KSP(tp)
  la a0, no_trap_entry
  call panic

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
  # Yours: all as the trap found it, and back to the program. The next trap
  # must find the hart's address in sscratch. Which two registers come last?
  la a0, no_user_return
  call panic

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
  # Yours: what ran in the kernel, into the frame at sp; t0 is as it was. What
  # was sp before the frame was pushed?
  la a0, no_from_kernel
  call panic

  mv a0, sp
  csrr a1, scause
  call trap_kernel
  .globl kernel_return          # for backtraces: the frame is at sp
kernel_return:
  # Yours: back to what ran. The process may have been preempted in trap_kernel,
  # and have moved to another hart: which register must not be restored?
  la a0, no_kernel_return
  call panic

  # The stack's guard was reached. Say so from a stack that is good.
overflow:
  # trap_overflow prints the frame. Yours, when all else works: as above, but t0
  # is in HART_SAVE(tp), and sp must go somewhere before it is loaded.
  ld sp, HART_EMERGENCY(tp)
  addi sp, sp, -FRAME_SIZE
  mv a0, sp
  call trap_overflow

  .section .rodata
no_trap_entry:
  .asciz "entry.S: trap_entry is not written yet"
no_user_return:
  .asciz "entry.S: user_return is not written yet"
no_from_kernel:
  .asciz "entry.S: from_kernel is not written yet"
no_kernel_return:
  .asciz "entry.S: kernel_return is not written yet"
