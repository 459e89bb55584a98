// thread_switch.S - from one thread to another.
//
//     void thread_switch(struct regs *from, const struct regs *to)
//
// An ordinary call, so only what a function must keep for its caller has to be
// saved: the compiler has all else on the stack already. It returns on the
// stack of `to`, to where that called it, or, the first time, to the function
// that its ra was set to. thread.c has struct regs.

  .macro all int, float, base
  \int ra, 0(\base)
  \int sp, 8(\base)
  \int s0, 16(\base)
  \int s1, 24(\base)
  \int s2, 32(\base)
  \int s3, 40(\base)
  \int s4, 48(\base)
  \int s5, 56(\base)
  \int s6, 64(\base)
  \int s7, 72(\base)
  \int s8, 80(\base)
  \int s9, 88(\base)
  \int s10, 96(\base)
  \int s11, 104(\base)
  \float fs0, 112(\base)
  \float fs1, 120(\base)
  \float fs2, 128(\base)
  \float fs3, 136(\base)
  \float fs4, 144(\base)
  \float fs5, 152(\base)
  \float fs6, 160(\base)
  \float fs7, 168(\base)
  \float fs8, 176(\base)
  \float fs9, 184(\base)
  \float fs10, 192(\base)
  \float fs11, 200(\base)
  .endm

  .section .text.thread_switch, "ax", @progbits
  .globl thread_switch
  .type thread_switch, @function
thread_switch:
  all sd, fsd, a0
  all ld, fld, a1
  ret
  .size thread_switch, . - thread_switch
