// rr.c - round robin: each ready task runs for one slice, in turn.
//
// OSTEP chapter 7.  Write fifo.c first: docs/labs/rr-fifo/README.md.

#include "sched/queue.h"

enum { SLICE };

// What a run queue keeps. The struct that comes first is the core's, so that a
// pointer to it, cast, is one to the whole.
struct rr {
  struct runq rq;
  struct queue q;
};

// t has become ready. `why` says how: it is new, woke, used up its slice...
static void
rr_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  // Your part: put it into the queue (sched/queue.h). Where?
}

// A hart is free.
static struct task *
rr_pick(struct runq *rq, int hart, nsec now)
{
  // Your part: take off the queue who is to run now on this hart, say by
  // t->slice for how long, and return it; 0 only if nobody may.
  return 0;
}

// t, which is queued, goes without having run.
static void
rr_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  // Your part.
}

// Hart `thief` serves another queue, and has nothing to do.
static struct task *
rr_surplus(const struct runq *rq, int thief)
{
  // Your part: somebody queued here who may run there, left where he is.
  return 0;
}

static const struct sched_param rr_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  { 0 },
};

const struct sched_policy rr_policy = {
  .name = "rr",
  .runq_size = sizeof(struct rr),
  .ready = rr_ready,
  .pick = rr_pick,
  .leave = rr_leave,
  .surplus = rr_surplus,
  .params = rr_params,
  .growth = GROWTH_CONSTANT,
};
