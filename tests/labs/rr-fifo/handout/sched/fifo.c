// fifo.c - first in, first out: a task runs until it blocks, yields or ends,
// and then the one that became ready before all others does.
//
// OSTEP chapter 7.  The lab's page, docs/labs/rr-fifo/README.md, says in which
// order to write it.

#include "sched/queue.h"

// What a run queue keeps. The struct that comes first is the core's, so that a
// pointer to it, cast, is one to the whole.
struct fifo {
  struct runq rq;
  struct queue q;
};

// t has become ready. `why` says how: it is new, woke, used up its slice...
static void
fifo_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  // Your part: put it into the queue (sched/queue.h). Where?
}

// A hart is free.
static struct task *
fifo_pick(struct runq *rq, int hart, nsec now)
{
  // Your part: take off the queue who is to run now on this hart, say by
  // t->slice for how long, and return it; 0 only if nobody may.
  return 0;
}

// t, which is queued, goes without having run.
static void
fifo_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  // Your part.
}

// Hart `thief` serves another queue, and has nothing to do.
static struct task *
fifo_surplus(const struct runq *rq, int thief)
{
  // Your part: somebody queued here who may run there, left where he is.
  return 0;
}

const struct sched_policy fifo_policy = {
  .name = "fifo",
  .runq_size = sizeof(struct fifo),
  .ready = fifo_ready,
  .pick = fifo_pick,
  .leave = fifo_leave,
  .surplus = fifo_surplus,
  .growth = GROWTH_CONSTANT,
};
