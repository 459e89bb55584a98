// private.h - what entry.S calls.

#ifndef KERNEL_TRAP_PRIVATE_H
#define KERNEL_TRAP_PRIVATE_H

#include <stdint.h>

#include "kernel/trap/frame.h"

// syscall.c: interrupts are on in a call, off when the number is unknown.
extern int64_t (*const syscall_table[])(const uint64_t *a);
void syscall_unknown(struct frame *f);
void trap_user(struct frame *f, uint64_t cause);
void trap_leave(struct frame *f);
void trap_kernel(struct frame *f, uint64_t cause);
void trap_overflow(struct frame *f) __attribute__((noreturn));

#endif
