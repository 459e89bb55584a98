// console_private.h - what console.c and input.c share.

#ifndef KERNEL_DEV_CONSOLE_PRIVATE_H
#define KERNEL_DEV_CONSOLE_PRIVATE_H

#include <stdint.h>

#include "kernel/lib/lock.h"

extern struct spinlock console_lock; // guards output and input

// Print s as far as there is room. Lock held.
void console_echo(const char *s);

void input_interrupt(void); // keys have come
int64_t input_read(int minor, uint64_t uva, uint64_t n);

#endif
