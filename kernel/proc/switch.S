# switch.S - from one process to the next.
#
# A switch is a function call that returns on another stack: only what a
# callee must preserve is saved (RISC-V calling convention, chapter 18 of
# the unprivileged manual).

  # All of a struct context, to or from memory at \at.
  .macro context op, at
  \op ra, 0(\at)
  \op sp, 8(\at)
  .set place, 16
  .irp reg, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  \op \reg, place(\at)
  .set place, place + 8
  .endr
  .endm

  .text

  # void switch_context(struct context *from, const struct context *to)
  # The run queue's lock is held; who runs next lets it go.
  .globl switch_context
switch_context:
  context sd, a0
  context ld, a1
  ret

  # Where a process goes on that has never run, on its own stack, with sp at
  # its user frame.
  .globl process_begin
process_begin:
  call dispatch_arrive
  j user_return

  # The first process: s1 gives it a program.
  .globl first_begin
first_begin:
  call dispatch_arrive
  csrsi sstatus, 2
  jalr s1
  csrci sstatus, 2
  j user_return

  # A kernel thread: s1 is what it does.
  .globl kthread_begin
kthread_begin:
  call dispatch_arrive
  csrsi sstatus, 2
  jalr s1
  call kthread_end
