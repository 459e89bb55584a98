// stride.c - like lottery, without the luck.  Each task has a pass, which
// advances as it runs, the slower the more tickets it holds; the task with the
// least pass runs next.
//
// OSTEP chapter 9; Waldspurger and Weihl, "Stride scheduling: deterministic
// proportional-share resource management", MIT/LCS/TM-528, 1995.  Of tasks
// that compete all the time, any two are never further from their shares than
// a slice.  A pass advances by the time that a task really ran, so one that
// uses a part of its slice is charged for that part.
//
// Pass counts only while a task is ready or runs.  One that stops competing
// keeps what it is ahead of the queue's pass and pays for it when it comes
// back; what it is behind is lost: no credit for time that it did not want.
//
// ready, pick, leave and surplus take O(log n), the rest constant time.

#include "sched/tickets.h"
#include "sched/tree.h"

#define MOST 10000 // tickets of a task; pass is in ns of one with so many

enum { SLICE, TICKETS }; // parameters

struct stride_task {
  struct ticket_task t;
  uint64_t pass; // may wrap; while it does not compete: beyond the queue's
};

struct stride {
  struct runq rq;
  struct tree tree; // by pass
  uint64_t pass;    // of the task that was picked last
};

static struct stride_task *
task(const struct task *t)
{
  return (struct stride_task *)t;
}

static struct stride *
stride(const struct runq *rq)
{
  return (struct stride *)rq;
}

static int64_t
stride_weight(const struct runq *rq, const struct task *t)
{
  return tickets_all(t, MOST);
}

static void
stride_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  tickets_init(t, parent, rq->param[TICKETS]);
}

// How far t is ahead of the queue's pass, or behind.
static int64_t
ahead(const struct runq *rq, const struct task *t)
{
  return task(t)->pass - stride(rq)->pass;
}

// A task that has tickets for more than a hart never waits, and falls behind
// others that do.  It is not owed what it could not have used: no more than a
// slice counts.  (On one hart nobody is behind.)
static void
forgive(const struct runq *rq, struct task *t)
{
  int64_t owed = rq->param[SLICE] * MOST / stride_weight(rq, t);

  if (ahead(rq, t) < -owed)
    task(t)->pass = stride(rq)->pass - owed;
}

static void
stride_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  if (why == READY_NEW || why == READY_WAKE || why == READY_MOVED)
    task(t)->pass += stride(rq)->pass;
  else
    forgive(rq, t);
  tree_put(&stride(rq)->tree, t, task(t)->pass, 1);
}

// t stops competing on rq: it keeps only what it is ahead.
static void
depart(struct runq *rq, struct task *t)
{
  int64_t debt = ahead(rq, t);

  task(t)->pass = debt > 0 ? debt : 0;
}

static struct task *
first_for(const struct runq *rq, int hart)
{
  return tree_find(&stride(rq)->tree, hart);
}

static struct task *
stride_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = first_for(rq, hart);

  if (t) {
    tree_remove(&stride(rq)->tree, t);
    if (ahead(rq, t) > 0) // a hart that passed over others may come later
      stride(rq)->pass = task(t)->pass;
    t->slice = rq->param[SLICE];
    runq_note(rq, t, NOTE_PASS, task(t)->pass, stride_weight(rq, t));
  }
  return t;
}

static void
stride_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  tree_remove(&stride(rq)->tree, t);
  if (why == LEAVE_MOVED)
    depart(rq, t);
}

static struct task *
stride_next(const struct runq *rq, const struct task *t)
{
  return tree_after(&stride(rq)->tree, t);
}

static void
stride_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  task(t)->pass += ran * MOST / stride_weight(rq, t);
}

static void
stride_block(struct runq *rq, struct task *t, nsec now)
{
  depart(rq, t);
}

static const struct sched_param stride_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [TICKETS] = TICKETS_PARAM(MOST),
  { 0 },
};

static const struct sched_attr stride_attrs[] = TICKETS_ATTRS(MOST);

// t competes with other tickets than before.  What it is ahead or behind was
// earned with the old ones: as much CPU time is another distance with the new
// (TM-528, section 2.3).
static void
rescale(struct runq *rq, struct task *t, int64_t before)
{
  bool competes = t->state != TASK_BLOCKED;
  int64_t d = competes ? ahead(rq, t) : (int64_t)task(t)->pass;

  d = d / stride_weight(rq, t) * before;
  task(t)->pass = competes ? stride(rq)->pass + d : (uint64_t)d;
}

static int
stride_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  int64_t before = stride_weight(rq, t);

  tickets_set(t, attr, value, rq->param[TICKETS], MOST);
  rescale(rq, t, before);
  return 0;
}

static void
stride_lend(struct runq *rq, struct task *t, int64_t lent)
{
  int64_t before = stride_weight(rq, t);

  tickets_of(t)->lent = lent;
  rescale(rq, t, before);
}

// "live": each of n equal tasks runs once before another runs twice.
static bool
stride_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "live", { 0, 2 * param[SLICE] } },
    { "tickets", { param[SLICE], 0 } },
    { "lag", { param[SLICE] } },
    { "inherit", { 0 } },
    { "transfer", { 0 } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *const stride_stat_names[] = { "tickets", "ahead", "lent",
                                                 0 };

static void
stride_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = tickets_of(t)->own;
  out[1] = t->state == TASK_BLOCKED ? (int64_t)task(t)->pass : ahead(rq, t);
  out[2] = tickets_of(t)->lent;
}

static const char *
stride_check(const struct runq *rq)
{
  if (tree_check(&stride(rq)->tree) != rq->nready)
    return "the tree is broken";
  for (struct task *t = tree_first(&stride(rq)->tree); t; t = tree_next(t))
    if (t->key != task(t)->pass)
      return "a task is queued by another pass than its own";
  return 0;
}

const struct sched_policy stride_policy = {
  .name = "stride",
  .task_size = sizeof(struct stride_task),
  .runq_size = sizeof(struct stride),
  .task_init = stride_task_init,
  .ready = stride_ready,
  .pick = stride_pick,
  .leave = stride_leave,
  .charge = stride_charge,
  .block = stride_block,
  .surplus = first_for,
  .next = stride_next,
  .weight = stride_weight,
  .params = stride_params,
  .attrs = stride_attrs,
  .set = stride_set,
  .get = tickets_get,
  .lend = stride_lend,
  .promise = stride_promise,
  .stat_names = stride_stat_names,
  .stats = stride_stats,
  .check = stride_check,
};
