// mine.c - first in, first out, to begin with: say here by which rules the
// next task is chosen, where they come from, and what each hook costs.
//
// sched.h is the contract; its numbered promises are what "make check" looks
// at.  This file is the whole policy: no other has to be touched.
//
//   make check SCHED=mine    # is it right?
//   make why SCHED=mine      # if not: the shortest way to see it
//   make qemu SCHED=mine     # run it

#include "sched/queue.h" // a list of tasks; tree.h has them in order of a key

// What the policy keeps for each task, and for each run queue.  The struct
// that comes first is the core's: add what you need behind it.  The memory is
// zeroed; there is no other that may change (no static variables).
struct mine_task {
  struct task t; // first
};

struct mine {
  struct runq rq; // first
  struct queue q; // the tasks that wait, the oldest first
};

static struct queue *
queue(const struct runq *rq)
{
  return &((struct mine *)rq)->q;
}

// t has become ready: queue it.  `why` says how it came: it is new, woke, used
// up its slice, yielded...
static void
mine_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  queue_put(queue(rq), t);
}

// A hart is free: take the next task that may run on it off the queue, and say
// for how long.  0 only if there is none.
static struct task *
mine_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = queue_get(queue(rq), hart);

  if (t)
    t->slice = NSEC_NEVER; // until it blocks; MSEC(10) would be round robin
  return t;
}

// t, which is queued, goes without having run: to another queue, or to come
// back when its attributes have changed.
static void
mine_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(queue(rq), t);
}

// With a run queue a hart: a queued task that the idle hart `thief` may have.
static struct task *
mine_surplus(const struct runq *rq, int thief)
{
  return queue_find(queue(rq), thief);
}

// The queued task after t, the first if t is 0: to go through all of them.
static struct task *
mine_next(const struct runq *rq, const struct task *t)
{
  return t ? t->next : queue(rq)->head;
}

// What it promises (sched.h has the list): tests hold it to that.
static bool
mine_promise(const int64_t *param, int i, struct sched_promise *out)
{
  *out = (struct sched_promise){ "arrival", { 0 } };
  return i == 0;
}

// For tests: 0, or what is wrong with the memory above.
static const char *
mine_check(const struct runq *rq)
{
  if (queue_check(queue(rq)) != rq->nready)
    return "the queue is broken";
  return 0;
}

// More hooks, each of which may be left out: charge (a task has run for so
// long), preempts (would t push out the one that runs?), block, timer, weight,
// params (slice=10ms), attrs with set and get ("nice")...  sched.h says what
// each is for, rr.c and mlfq.c show some of them.
const struct sched_policy mine_policy = {
  .name = "mine",
  .task_size = sizeof(struct mine_task),
  .runq_size = sizeof(struct mine),
  .ready = mine_ready,
  .pick = mine_pick,
  .leave = mine_leave,
  .surplus = mine_surplus,
  .next = mine_next,
  .promise = mine_promise,
  .check = mine_check,
};
