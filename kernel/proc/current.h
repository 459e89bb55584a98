// current.h - the little that other rooms need of the running process.

#ifndef KERNEL_PROC_CURRENT_H
#define KERNEL_PROC_CURRENT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/trap/frame.h"

struct proc;
struct files;

struct proc *current(void); // never 0
int current_pid(void);
bool current_killed(void);

// Start a process that runs fn in the kernel and has no user memory. At boot;
// panics if it cannot.
void kthread_start(const char *name, void (*fn)(void));

// Nanoseconds since boot.
uint64_t clock_ns(void);

// The open files of the running process (kernel/fs/fs.h). In the kernel that
// is a load; a test on the host brings a function of its own.
#ifdef __riscv
static inline struct files *
current_files(void)
{
  struct files *f;

  asm volatile("ld %0, %1(tp)" : "=r"(f) : "i"(HART_FILES));
  return f;
}
#else
struct files *current_files(void);
#endif

#endif
