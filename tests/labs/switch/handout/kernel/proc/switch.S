# switch.S - from one process to the next.
#
# A switch is a function call that returns on another stack: only what a
# callee must preserve is saved (RISC-V calling convention, chapter 18 of
# the unprivileged manual).

# The grader also assembles this file into a program: no #include and no
# #define here, only what the assembler itself offers (.macro, .irp, .set).

  .text

  # void switch_context(struct context *from, const struct context *to)
  # The run queue's lock is held; who runs next lets it go.
  .globl switch_context
switch_context:
  # Yours: save what a callee must keep to *from, load it from *to, return.
  la a0, 1f
  call panic
1:
  .asciz "switch_context is not written yet"
  .balign 4

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
