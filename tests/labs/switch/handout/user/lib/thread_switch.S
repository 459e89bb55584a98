// thread_switch.S - from one thread to another.
//
//     void thread_switch(struct regs *from, const struct regs *to)
//
// An ordinary call, so only what a function must keep for its caller has to be
// saved: the compiler has all else on the stack already. It returns on the
// stack of `to`, to where that called it, or, the first time, to the function
// that its ra was set to. thread.c has struct regs.

  .section .text.thread_switch, "ax", @progbits
  .globl thread_switch
  .type thread_switch, @function
thread_switch:
  # Yours. A program uses floating point; the kernel does not.
  ret
  .size thread_switch, . - thread_switch
