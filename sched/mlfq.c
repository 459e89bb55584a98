// mlfq.c - multi-level feedback queue, by the rules of OSTEP chapter 8.
//
//   Rule 1  A task on a better level runs before one on a worse level, and
//           pushes it out when it becomes ready.  Level 0 is the best.
//   Rule 2  Tasks on one level run round robin, with the level's slice.
//   Rule 3  A new task starts on level 0; but a child where its parent is,
//           with what it has used there, or forking would renew a task.
//   Rule 4  A task that has used up its allotment at a level, no matter in
//           how many pieces, moves one level down.
//   Rule 5  Every `boost`, all tasks move to level 0 and have used nothing.
//
// Level l has slices of slice * grow^l, at most LONGEST, and allows `allot`
// of them.  OSTEP's two tasks that run for 20, 40 and more ms in slices of
// 10, 20 and 40 are levels=3 slice=10ms grow=2 allot=2.  With the default 4
// levels a task may use 70 ms before it reaches the last, which is more than
// its share of a second beside 16 hogs: it is boosted before it gets there.
//
// What OSTEP leaves open: a task that is pushed out goes on first of its
// level, with the rest of its slice.  Any other goes last, with a new one.
//
// Rule 5 takes constant time.  Time is divided into epochs that begin at the
// multiples of `boost`, the same on every queue.  A task remembers in which
// its level was valid; in a later one it is on level 0.  So only the lists
// move, whole, and who sleeps through the boost, or comes from another queue,
// needs no special case.
//
// pick, surplus and timer take O(levels), and the first two pass over tasks
// that are pinned to other harts.  The rest takes constant time.

#include "sched/queue.h"

#define MAXLEVEL 16
#define LONGEST  SEC(10)

enum { LEVELS, SLICE, GROW, ALLOT, BOOST };

struct mlfq_task {
  struct task t;
  int level;
  nsec used;      // of the allotment at this level
  uint64_t epoch; // in a later one, level and used count as 0
  nsec rest;      // of the slice that it was pushed out of, or 0
};

struct mlfq {
  struct runq rq;
  uint64_t epoch; // now / boost
  int last;       // the worst level
  nsec slice[MAXLEVEL];
  nsec allot[MAXLEVEL];
  struct queue level[MAXLEVEL];
};

static struct mlfq_task *
task(const struct task *t)
{
  return (struct mlfq_task *)t;
}

static struct mlfq *
mlfq(const struct runq *rq)
{
  return (struct mlfq *)rq;
}

static nsec
level_slice(const int64_t *param, int level)
{
  nsec slice = param[SLICE];

  while (level-- > 0 && slice < LONGEST)
    slice *= param[GROW];
  return slice < LONGEST ? slice : LONGEST;
}

// Enter the epoch of `now`, and have timer() called when it ends.
static void
enter_epoch(struct runq *rq, nsec now)
{
  nsec boost = rq->param[BOOST];

  if (boost > 0) {
    mlfq(rq)->epoch = now / boost;
    rq->alarm = (mlfq(rq)->epoch + 1) * boost;
  }
}

static void
mlfq_runq_init(struct runq *rq, nsec now)
{
  struct mlfq *q = mlfq(rq);

  q->last = rq->param[LEVELS] - 1;
  for (int l = 0; l <= q->last; l++) {
    q->slice[l] = level_slice(rq->param, l);
    q->allot[l] = q->slice[l] * rq->param[ALLOT];
  }
  enter_epoch(rq, now);
}

// t's level as of now; a task that is queued here is queued on it.
static int
level(const struct runq *rq, const struct task *t)
{
  return task(t)->epoch < mlfq(rq)->epoch ? 0 : task(t)->level;
}

static nsec
used(const struct runq *rq, const struct task *t)
{
  return task(t)->epoch < mlfq(rq)->epoch ? 0 : task(t)->used;
}

// Make t's level and what it used valid in rq's epoch.  (If t comes from a
// queue that is an epoch ahead, it keeps them until this one follows.)
static struct mlfq_task *
update(struct runq *rq, struct task *t)
{
  struct mlfq_task *m = task(t);

  if (m->epoch != mlfq(rq)->epoch) {
    m->used = used(rq, t);
    m->level = level(rq, t);
    m->epoch = mlfq(rq)->epoch;
  }
  return m;
}

static void
mlfq_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->epoch = mlfq(rq)->epoch;
  if (parent) {
    task(t)->level = level(rq, parent);
    task(t)->used = used(rq, parent);
  }
}

static void
mlfq_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct mlfq_task *m = update(rq, t);

  m->rest = why == READY_PREEMPT ? t->slice : 0;
  if (why == READY_PREEMPT)
    queue_push(&mlfq(rq)->level[m->level], t);
  else
    queue_put(&mlfq(rq)->level[m->level], t);
}

// The slice that m, off the queue of level l, may run for now: not beyond its
// allotment.
static nsec
next_slice(const struct mlfq *q, const struct mlfq_task *m, int l)
{
  nsec slice = m->rest > 0 && m->rest < q->slice[l] ? m->rest : q->slice[l];
  nsec left = q->allot[l] - m->used;

  return l < q->last && left < slice ? left : slice;
}

static struct task *
mlfq_pick(struct runq *rq, int hart, nsec now)
{
  struct mlfq *q = mlfq(rq);

  for (int l = 0; l <= q->last; l++) {
    struct task *t = queue_get(&q->level[l], hart);

    if (t) {
      t->slice = next_slice(q, update(rq, t), l);
      return t;
    }
  }
  return 0;
}

static void
mlfq_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(&mlfq(rq)->level[level(rq, t)], t);
}

// It sinks when the slice ends, see next_slice(), or a little later: what it
// ran beyond counts on the next level.
static void
mlfq_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  struct mlfq_task *m = update(rq, t);
  const struct mlfq *q = mlfq(rq);

  if (m->level == q->last)
    return;
  m->used += ran;
  while (m->level < q->last && m->used >= q->allot[m->level])
    m->used -= q->allot[m->level++];
  if (m->level == q->last)
    m->used = 0;
}

static void
mlfq_timer(struct runq *rq, nsec now)
{
  struct mlfq *q = mlfq(rq);

  enter_epoch(rq, now);
  for (int l = 1; l <= q->last; l++)
    queue_append(&q->level[0], &q->level[l]);
  for (struct task *t = rq->running; t; t = t->run_next)
    if (t->slice > q->slice[0])
      t->slice = q->slice[0];
}

static bool
mlfq_preempts(const struct runq *rq, const struct task *t,
              const struct task *cur, nsec now)
{
  return level(rq, t) < level(rq, cur);
}

static struct task *
mlfq_surplus(const struct runq *rq, int thief)
{
  struct task *t = 0;

  for (int l = 0; l <= mlfq(rq)->last && t == 0; l++)
    t = queue_find(&mlfq(rq)->level[l], thief);
  return t;
}

static struct task *
mlfq_next(const struct runq *rq, const struct task *t)
{
  int l = t ? level(rq, t) + 1 : 0;
  struct task *next = t ? t->next : 0;

  for (; next == 0 && l <= mlfq(rq)->last; l++)
    next = mlfq(rq)->level[l].head;
  return next;
}

static int64_t
mlfq_urgency(const struct runq *rq, const struct task *t)
{
  return level(rq, t);
}

static const struct sched_param mlfq_params[] = {
  [LEVELS] = { "levels", UNIT_COUNT, 4, 1, MAXLEVEL },
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), LONGEST },
  [GROW] = { "grow", UNIT_COUNT, 2, 1, 16 },
  [ALLOT] = { "allot", UNIT_COUNT, 1, 1, 1000 },
  [BOOST] = { "boost", UNIT_TIME, SEC(1), MSEC(1), SEC(3600),
              true }, // 0: never
  { 0 },
};

static bool
mlfq_promise(const int64_t *param, int i, struct sched_promise *out)
{
  int last = param[LEVELS] - 1;
  int64_t boost = param[BOOST];
  int64_t slice = level_slice(param, i);
  const struct sched_promise level = {
    "level", { i, slice, i < last ? slice * param[ALLOT] : 0 }
  };
  const struct sched_promise rest[] = {
    { "strict", { 0 } },
    { "inherit", { 0 } },
    { "boost", { boost } },
    { "live", { boost, param[SLICE] } },
  };

  if (i > last + (boost ? 4 : 2))
    return false;
  *out = i <= last ? level : rest[i - last - 1];
  return true;
}

static const char *const mlfq_stat_names[] = { "level", "used", 0 };

static void
mlfq_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = level(rq, t);
  out[1] = used(rq, t);
}

static const char *
mlfq_check(const struct runq *rq)
{
  const struct mlfq *q = mlfq(rq);
  int n = 0;

  for (int l = 0; l <= q->last; l++) {
    if (queue_check(&q->level[l]) < 0)
      return "the queue of a level is broken";
    for (const struct task *t = q->level[l].head; t; t = t->next, n++)
      if (level(rq, t) != l || (l < q->last && used(rq, t) >= q->allot[l]))
        return "a task is queued on a level that is not its own";
  }
  return n == rq->nready ? 0 : "wrong number of tasks on the levels";
}

const struct sched_policy mlfq_policy = {
  .name = "mlfq",
  .task_size = sizeof(struct mlfq_task),
  .runq_size = sizeof(struct mlfq),
  .runq_init = mlfq_runq_init,
  .task_init = mlfq_task_init,
  .ready = mlfq_ready,
  .pick = mlfq_pick,
  .leave = mlfq_leave,
  .charge = mlfq_charge,
  .timer = mlfq_timer,
  .preempts = mlfq_preempts,
  .surplus = mlfq_surplus,
  .next = mlfq_next,
  .urgency = mlfq_urgency,
  .params = mlfq_params,
  .promise = mlfq_promise,
  .stat_names = mlfq_stat_names,
  .stats = mlfq_stats,
  .check = mlfq_check,
};
