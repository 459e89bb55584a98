// lib.h - shared by the library's own files.

#ifndef USER_LIB_LIB_H
#define USER_LIB_LIB_H

#include <stdarg.h>
#include <stdint.h>

// Put before a function that xv6's library does not have: a program may have
// one of its own by that name, and it is the program's that counts.
#define EXTRA __attribute__((weak))

// Where formatted text goes: put() is handed each piece.
struct sink {
  void (*put)(struct sink *, const char *text, uint32_t n);
};

void __format(struct sink *, const char *fmt, va_list ap);

// The decimal digits of |bits| as a double with prec places, without a sign:
// pieces for the sink are written to out, which holds FLOAT_MAX characters.
// Returns the length.
#define FLOAT_PREC 64           // further places are printed as zeros
#define FLOAT_MAX (310 + 1 + FLOAT_PREC)
int __float_digits(char *out, uint64_t bits, int prec);

#endif
