// sleeplock.h - a sleeping lock as xv6's programs know it, for those that
// include this header. The kernel's own is in kernel/proc/wait.h. ABI.

#ifndef KERNEL_SLEEPLOCK_H
#define KERNEL_SLEEPLOCK_H

#include "kernel/spinlock.h"
#include "kernel/types.h"

struct sleeplock {
  uint locked;        // is it held?
  struct spinlock lk; // protects the rest
  char *name;
  int pid; // of the process that holds it
};

#endif
