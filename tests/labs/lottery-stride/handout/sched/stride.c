// stride.c - like lottery, without the luck.  Each task has a pass, which
// advances as it runs, the slower the more tickets it holds; the task with the
// least pass runs next.  To begin with no pass advances, and tasks take turns:
// docs/labs/lottery-stride/README.md says what is to be done.
//
// OSTEP chapter 9; Waldspurger and Weihl, "Stride scheduling: deterministic
// proportional-share resource management", MIT/LCS/TM-528, 1995.

#include "sched/tickets.h"
#include "sched/tree.h"

#define MOST 10000 // tickets of a task

enum { SLICE, TICKETS }; // parameters

struct stride_task {
  struct ticket_task t; // first
  uint64_t pass;        // in which unit?
};

struct stride {
  struct runq rq;   // first
  struct tree tree; // those that wait, by the key that tree_put is given
};

static struct stride_task *
task(const struct task *t)
{
  return (struct stride_task *)t;
}

static struct tree *
tree(const struct runq *rq)
{
  return &((struct stride *)rq)->tree;
}

// By what CPU time is to be shared.
static int64_t
stride_weight(const struct runq *rq, const struct task *t)
{
  return 1;
}

static void
stride_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  tickets_init(t, 0, rq->param[TICKETS]);
}

// t is ready.  If it has not competed until now, at which pass does it begin?
static void
stride_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  tree_put(tree(rq), t, task(t)->pass, 1);
}

static struct task *
stride_find(const struct runq *rq, int hart)
{
  return tree_find(tree(rq), hart);
}

static struct task *
stride_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = stride_find(rq, hart);

  if (t) {
    tree_remove(tree(rq), t);
    t->slice = rq->param[SLICE];
  }
  return t;
}

static void
stride_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  tree_remove(tree(rq), t);
}

static struct task *
stride_next(const struct runq *rq, const struct task *t)
{
  return tree_after(tree(rq), t);
}

static const struct sched_param stride_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [TICKETS] = TICKETS_PARAM(MOST),
  { 0 },
};

static const struct sched_attr stride_attrs[] = TICKETS_ATTRS(MOST);

// t, which is not in the tree now, gets other tickets.
static int
stride_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  tickets_set(t, attr, value, rq->param[TICKETS], MOST);
  return 0;
}

// What it promises, or will when all is there: make check holds it to that.
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

static const char *const stride_stat_names[] = { "tickets", "lent", 0 };

static void
stride_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = tickets_of(t)->own;
  out[1] = tickets_of(t)->lent;
}

static const char *
stride_check(const struct runq *rq)
{
  return tree_check(tree(rq)) == rq->nready ? 0 : "the tree is broken";
}

// More hooks that you will need: charge, block, lend.
const struct sched_policy stride_policy = {
  .name = "stride",
  .task_size = sizeof(struct stride_task),
  .runq_size = sizeof(struct stride),
  .task_init = stride_task_init,
  .ready = stride_ready,
  .pick = stride_pick,
  .leave = stride_leave,
  .surplus = stride_find,
  .next = stride_next,
  .weight = stride_weight,
  .params = stride_params,
  .attrs = stride_attrs,
  .set = stride_set,
  .get = tickets_get,
  .promise = stride_promise,
  .stat_names = stride_stat_names,
  .stats = stride_stats,
  .check = stride_check,
};
