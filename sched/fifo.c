// fifo.c - first in, first out: a task runs until it blocks, yields or ends,
// and then the one that became ready before all others does.
//
// OSTEP chapter 7.  Nobody is pushed out, and no slice ever ends: one long
// task ahead of short ones makes all of them wait, the convoy effect.  The
// least that a policy can be, so read this one first.
//
// Every hook takes constant time, except that pick and surplus pass over
// tasks that are pinned to other harts.

#include "sched/queue.h"

struct fifo {
  struct runq rq;
  struct queue q;
};

static struct queue *
queue(const struct runq *rq)
{
  return &((struct fifo *)rq)->q;
}

static void
fifo_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  queue_put(queue(rq), t);
}

static struct task *
fifo_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = queue_get(queue(rq), hart);

  if (t)
    t->slice = NSEC_NEVER;
  return t;
}

static void
fifo_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(queue(rq), t);
}

static struct task *
fifo_surplus(const struct runq *rq, int thief)
{
  return queue_find(queue(rq), thief);
}

static bool
fifo_promise(const int64_t *param, int i, struct sched_promise *out)
{
  *out = (struct sched_promise){ "arrival", { 0 } };
  return i == 0;
}

static const char *
fifo_check(const struct runq *rq)
{
  if (queue_check(queue(rq)) != rq->nready)
    return "the queue is broken";
  return 0;
}

const struct sched_policy fifo_policy = {
  .name = "fifo",
  .runq_size = sizeof(struct fifo),
  .ready = fifo_ready,
  .pick = fifo_pick,
  .leave = fifo_leave,
  .surplus = fifo_surplus,
  .promise = fifo_promise,
  .check = fifo_check,
  .growth = GROWTH_CONSTANT,
};
