// proc.h - in the place of kernel/proc/proc.h when the student's files are
// compiled for the explorer: who runs is one of its fibers.

#ifndef KERNEL_PROC_PROC_H
#define KERNEL_PROC_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/lib/list.h"
#include "kernel/lib/lock.h"
#include "kernel/proc/wait.h"

struct proc;
struct proc *running(void);
void proc_yield(void);

#endif
