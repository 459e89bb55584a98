// fair.h - virtual time, for policies that share a hart out by weights.
//
// Each task that competes has a weight w and a virtual time v, which advances
// by ran * FAIR_ONE / w as it runs.  Were the hart shared ideally, every v
// would be the same, V = sum(w * v) / sum(w) over all that compete, be they
// queued or running.  The lag of a task is V - v: what it lacks, if it is above
// 0.
//
// Sums are kept of all that compete, relative to `zero`, which is moved to V
// now and then, so that they stay small.  fair_enter() is to be called when a
// task begins to compete, fair_leave() when it stops, fair_charge() as it runs;
// w and v are changed only while it does not compete.  So all takes constant
// time.  v may wrap.

#ifndef SCHED_FAIR_H
#define SCHED_FAIR_H

#include "sched/sched.h"

#define FAIR_ONE 1024 // weight of nice 0

// To be put first in the structs of a policy's own.
struct fair_task {
  struct task t;
  int64_t w;
  uint64_t v;
};

struct fair {
  struct runq rq;
  uint64_t zero;
  int64_t w;  // sum of w of the tasks that compete
  int64_t wv; // sum of w * (v - zero) of the same
};

static inline struct fair_task *
fair_task(const struct task *t)
{
  return (struct fair_task *)t;
}

static inline struct fair *
fair(const struct runq *rq)
{
  return (struct fair *)rq;
}

// CPU time of t as virtual time.
static inline int64_t
fair_virtual(const struct task *t, nsec time)
{
  return (int64_t)time * FAIR_ONE / fair_task(t)->w;
}

// V, rounded down; or its last value if no task competes.
static inline uint64_t
fair_average(const struct runq *rq)
{
  const struct fair *q = fair(rq);

  return q->w ? q->zero + q->wv / q->w - (q->wv % q->w < 0) : q->zero;
}

// Move zero to V.
static inline uint64_t
fair_recenter(struct runq *rq)
{
  uint64_t avg = fair_average(rq);

  fair(rq)->wv -= fair(rq)->w * (int64_t)(avg - fair(rq)->zero);
  fair(rq)->zero = avg;
  return avg;
}

static inline void
fair_enter(struct runq *rq, const struct task *t)
{
  const struct fair_task *e = fair_task(t);

  fair(rq)->w += e->w;
  fair(rq)->wv += e->w * (int64_t)(e->v - fair(rq)->zero);
}

static inline void
fair_leave(struct runq *rq, const struct task *t)
{
  const struct fair_task *e = fair_task(t);

  fair(rq)->w -= e->w;
  fair(rq)->wv -= e->w * (int64_t)(e->v - fair(rq)->zero);
}

// How far from V, of the others, v has to be so that this is the lag of t when
// it competes, which it does not yet: its own v moves V.
static inline int64_t
fair_distance(const struct runq *rq, const struct task *t, int64_t lag)
{
  int64_t others = fair(rq)->w;

  return others ? lag + lag * fair_task(t)->w / others : 0;
}

// charge() itself.
static inline void
fair_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  int64_t v = fair_virtual(t, ran);

  fair_task(t)->v += v;
  fair(rq)->wv += fair_task(t)->w * v;
}

#endif
