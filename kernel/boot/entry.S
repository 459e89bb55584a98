# entry.S - the first instructions: from OpenSBI to C.
#
# A hart arrives at its physical address with paging off. A first page table,
# of gigabyte pages without rights to speak of, maps physical memory where it
# is and where the kernel is linked; C builds the real one (mm/kmap.c).

#include "kernel/mm/layout.h"
#include "kernel/trap/frame.h"

#define SATP_SV39 (8 << 60)

  # The boot hart. a0: its id; a1: the device tree, physical.
  .section .text.start, "ax"
  .globl _start
_start:
  csrw sie, zero
  csrci sstatus, 2
  la t0, boot_begun
  li t1, 1
  amoswap.w.aq t1, t1, (t0)
  bnez t1, late_hart
  mv s0, a0
  mv s1, a1
  la t0, bss_start
  la t1, image_end
1:
  sd zero, 0(t0)
  addi t0, t0, 8
  bltu t0, t1, 1b

  # Entry i of the upper half, and for this moment of the lower, maps GiB i.
  la t0, boot_root
  li t1, 0xcf                   # V R W X A D
  li t2, 1 << 28                # a GiB further
  li t3, 128
2:
  sd t1, 0(t0)
  li t4, 256 * 8
  add t4, t0, t4
  sd t1, 0(t4)
  add t1, t1, t2
  addi t0, t0, 8
  addi t3, t3, -1
  bnez t3, 2b

  la a2, boot_stack_top
  call enable_paging
  la tp, harts
  mv a0, s0
  mv a1, s1
  li s0, 0
  call boot_main

  # The boot hart becomes idle: on its own stack, with a guard. a0: its top.
  .globl boot_idle
boot_idle:
  mv sp, a0
  call dispatch_loop

  # A second hart at _start: OpenSBI 1.1 marks a hart as started before it
  # writes where it shall start, and one that looks just then comes here. It is
  # one that the boot hart has called: find its struct hart by its id.
late_hart:
  la a1, harts
  li t1, MAXHART
3:
  ld t2, HART_ID(a1)
  beq t2, a0, 4f
  addi a1, a1, HART_SIZE
  addi t1, t1, -1
  bnez t1, 3b
5:
  wfi
  j 5b
4:
  li t6, DIRECT_MAP
  add a1, a1, t6

  # Another hart, by SBI HSM. a0: its id; a1: its struct hart.
  .globl hart_start
hart_start:
  csrw sie, zero
  csrci sstatus, 2
  mv tp, a1
  mv s1, a1
  call enable_paging_here
  # Its stack is in the kernel's own map only.
  la t0, kernel_satp
  ld t0, 0(t0)
  csrw satp, t0
  sfence.vma
  ld sp, HART_KSP(s1)
  li s0, 0
  call boot_hart_main

  # Turn paging on and return where the kernel is linked. a2: the stack there,
  # physical.
enable_paging:
  li t6, DIRECT_MAP
  add sp, a2, t6
enable_paging_here:
  li t6, DIRECT_MAP
  la t0, boot_root
  srli t0, t0, 12
  li t1, SATP_SV39
  or t0, t0, t1
  sfence.vma
  csrw satp, t0
  sfence.vma
  add ra, ra, t6
  ret

  # Not in .bss, which the boot hart clears.
  .data
  .balign 4
boot_begun:
  .word 0

  .bss
  .balign 4096
boot_root:
  .skip 4096
  # As every kernel stack: the upper half of a slot of its own size, twice.
  .balign 2 * KSTACK_SIZE
  .skip 2 * KSTACK_SIZE
boot_stack_top:
