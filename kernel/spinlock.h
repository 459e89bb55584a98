// spinlock.h - a lock as xv6's programs know it, for those that include this
// header. The kernel's own is in kernel/lib/lock.h. ABI.

#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "kernel/types.h"

struct spinlock {
  uint locked; // is it held?
  char *name;
  struct cpu *cpu; // by whom
};

#endif
