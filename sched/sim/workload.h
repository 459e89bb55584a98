// workload.h - what workload.c and nudge.c know of each other.

#ifndef SCHED_SIM_WORKLOAD_H
#define SCHED_SIM_WORKLOAD_H

#include "sched/sim/sim.h"
#include "sched/sim/work.h"

// The number of the task with that label, or -1.
int workload_find(const char *label);

void nudge_read(const char *file);

// When what is to end at `planned` in a task's turn of that number, its run or
// its slice, is to end instead.
nsec nudge_end(int task, uint64_t turn, nsec planned);

#endif
