// ostep.h - job lists of OSTEP's homework: reading, running, and what comes
// out. Private to ostep.c, joblist.c and report.c.

#ifndef SCHED_SIM_OSTEP_H
#define SCHED_SIM_OSTEP_H

#include "sched/sim/options.h"

struct ostep_job {
  nsec start, run;
  nsec every;      // it issues an I/O whenever it has run so long; 0: never
  int64_t tickets; // 0: the list has none
  struct sim_task *j;
  nsec left;   // of run
  bool in_io;  // it has just issued one
  nsec waited; // ready, and not running
};

enum list_form { LIST_PLAIN, LIST_TICKETS, LIST_IO };

struct ostep_span {
  int hart, job; // job -1: idle
  nsec from, to;
  int64_t stat; // the policy's first statistic, when it got the hart
};

struct ostep {
  const struct options *o;
  enum list_form form;
  struct ostep_job *job;
  int njob;
  nsec io;      // how long an I/O takes
  nsec quantum; // 0: the policy has none
  struct ostep_span *span;
  int nspan, room;
  int64_t *stat; // of what each hart runs
};

// joblist.c. Both end the program if the text is wrong.
void ostep_read_list(struct ostep *e, const char *list, bool io);
uint64_t *ostep_read_draws(const char *file, int *n);

// report.c
void ostep_report(const struct ostep *e);

#endif
