// private.h - what the files of proc/ share and nobody else needs.

#ifndef KERNEL_PROC_PRIVATE_H
#define KERNEL_PROC_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/proc/proc.h"

// switch.S
void switch_context(struct context *from, const struct context *to);
void process_begin(void);
void kthread_begin(void);
void first_begin(void);

// table.c: a process with a stack and no place in the table: an idle one's.
struct proc *proc_bare(const char *name);
// Give p its pid and its place among parent's children. ptable_lock held.
void proc_enter(struct proc *p, struct proc *parent);

// dispatch.c, for switch.S
void dispatch_arrive(void);

// dump.c: who has each hart
void dump_harts(void);

// life.c, for switch.S
void kthread_end(void) __attribute__((noreturn));

// Boot's choices (kernel/boot/cmdline.c).
extern bool det_mode; // a run that must repeat to the bit
extern uint64_t boot_seed;

#endif
