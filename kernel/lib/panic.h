// panic.h - when an invariant is broken.

#ifndef KERNEL_LIB_PANIC_H
#define KERNEL_LIB_PANIC_H

struct frame;

// As panic() of print.h, for a trap: the registers are those of f.
void panic_frame(const struct frame *f, const char *fmt, ...)
  __attribute__((noreturn, format(printf, 2, 3)));

// Another hart may have panicked and sent an interrupt: if so, stop here.
void panic_check(void);

#endif
