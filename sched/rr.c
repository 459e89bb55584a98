// rr.c - round robin: each ready task runs for one slice, in turn.
//
// OSTEP chapter 7.  A task that becomes ready, for whatever reason, waits at
// the tail of one queue; the head runs next.  With n tasks none waits longer
// than n-1 slices, and nobody is pushed out.
//
// Every hook takes constant time, except that pick and surplus pass over
// tasks that are pinned to other harts.

#include "sched/queue.h"

enum { SLICE };

struct rr {
  struct runq rq;
  struct queue q;
};

static struct queue *
queue(const struct runq *rq)
{
  return &((struct rr *)rq)->q;
}

static void
rr_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  queue_put(queue(rq), t);
}

static struct task *
rr_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = queue_get(queue(rq), hart);

  if (t)
    t->slice = rq->param[SLICE];
  return t;
}

static void
rr_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(queue(rq), t);
}

static struct task *
rr_surplus(const struct runq *rq, int thief)
{
  return queue_find(queue(rq), thief);
}

static struct task *
rr_next(const struct runq *rq, const struct task *t)
{
  return t ? t->next : queue(rq)->head;
}

static const struct sched_param rr_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  { 0 },
};

static bool
rr_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "live", { 0, param[SLICE] } },
    { "wait", { param[SLICE] } },
    { "equal", { param[SLICE] } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *
rr_check(const struct runq *rq)
{
  if (queue_check(queue(rq)) != rq->nready)
    return "the queue is broken";
  return 0;
}

const struct sched_policy rr_policy = {
  .name = "rr",
  .runq_size = sizeof(struct rr),
  .ready = rr_ready,
  .pick = rr_pick,
  .leave = rr_leave,
  .surplus = rr_surplus,
  .next = rr_next,
  .params = rr_params,
  .promise = rr_promise,
  .check = rr_check,
  .growth = GROWTH_CONSTANT,
};
