// fpu.h - floating point state of user programs. Private to proc/ and trap/.

#ifndef KERNEL_PROC_FPU_H
#define KERNEL_PROC_FPU_H

#include <stdbool.h>

#include "kernel/lib/csr.h"
#include "kernel/proc/proc.h"

// Has p, a user program, its floating point unit on?
static inline bool
fpu_on(const struct proc *p)
{
  return p->space && (user_frame(p)->status & SSTATUS_FS) != 0;
}

// p, whose unit is on, leaves the hart, or takes it.
void fpu_out(struct proc *p);
void fpu_in(const struct proc *p);
// p met an illegal instruction: if its unit is off, turn it on. Was it?
bool fpu_first_use(struct proc *p);
// child starts with the state of the caller, whose child it is.
void fpu_fork(struct proc *child);
void fpu_reset(struct proc *p); // exec: off again

#endif
