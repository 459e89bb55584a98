// pstat.h - what getpinfo() tells of all processes, in the form that OSTEP's
// projects use. ABI.

#ifndef KERNEL_PSTAT_H
#define KERNEL_PSTAT_H

#include "kernel/param.h"

struct pstat {
  int inuse[NPROC];   // 1: this entry is a process
  int tickets[NPROC]; // its lottery tickets
  int pid[NPROC];
  int ticks[NPROC]; // for how many ticks it has run
};

#endif
