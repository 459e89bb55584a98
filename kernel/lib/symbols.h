// symbols.h - names for addresses in the kernel's text.

#ifndef KERNEL_LIB_SYMBOLS_H
#define KERNEL_LIB_SYMBOLS_H

#include <stdint.h>

// The function that pc lies in, and how far; "?" if in none.
const char *symbol_of(uint64_t pc, uint64_t *offset);

#endif
