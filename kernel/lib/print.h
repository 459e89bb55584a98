// print.h - formatted print to the console, and the end when it must be.
//
// Formats: %d %u %x %p %s %c %%, with l for 64 bits, a width and 0 padding.

#ifndef KERNEL_LIB_PRINT_H
#define KERNEL_LIB_PRINT_H

#include <stdarg.h>
#include <stddef.h>

// Print at once, polled, from any context.
void kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// Print into buf, which always ends with a 0. Returns the length that the
// whole text has.
int kformat(char *buf, size_t size, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
int kvformat(char *buf, size_t size, const char *fmt, va_list ap);

// An invariant is broken: print the message, registers, who ran, a backtrace,
// and power off with status PANIC_STATUS. Never returns.
void panic(const char *fmt, ...)
  __attribute__((noreturn, format(printf, 1, 2)));

#define PANIC_STATUS 254

// The message of a panic is the condition that did not hold. Always on.
#define CHECK(cond)                                                            \
  do {                                                                         \
    if (__builtin_expect(!(cond), 0))                                          \
      panic("%s:%d: %s", __FILE__, __LINE__, #cond);                           \
  } while (0)

#endif
