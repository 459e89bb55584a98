// lottery.c - each ready task holds tickets; a ticket drawn by lot says which
// runs next.  To begin with tickets count nothing, and tasks take turns:
// docs/labs/lottery-stride/README.md says what is to be done.
//
// OSTEP chapter 9; Waldspurger and Weihl, "Lottery scheduling: flexible
// proportional-share resource management", OSDI 1994.
//
// What others lend a task counts like its own tickets: sched/tickets.h keeps
// both.  Who leaves a part of its slice to others has more tickets until it is
// drawn again.

#include "sched/tickets.h"
#include "sched/tree.h"

#define MOST 1000000 // tickets of a task
// clang-format off
#define WORTH {{worth}} // times its tickets, at the most, by compensation
// clang-format on

enum { SLICE, TICKETS }; // parameters

struct lottery_task {
  struct ticket_task t; // first
};

// The tasks that wait: tree_put takes a key, by which they are in order, and a
// weight, whose sum it knows; tree_at finds the task at a point of that sum.
struct lottery {
  struct runq rq; // first
  struct tree tree;
};

static struct tree *
tree(const struct runq *rq)
{
  return &((struct lottery *)rq)->tree;
}

// By what CPU time is to be shared.
static int64_t
lottery_weight(const struct runq *rq, const struct task *t)
{
  return 1;
}

static void
lottery_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  tickets_init(t, 0, rq->param[TICKETS]);
}

static void
lottery_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  tree_put(tree(rq), t, 0, 1);
}

// runq_random(rq, n) is a number from 0 to n - 1.  A winner that may not run on
// hart must not be returned.
static struct task *
lottery_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = tree_find(tree(rq), hart);

  if (t) {
    tree_remove(tree(rq), t);
    t->slice = rq->param[SLICE];
  }
  return t;
}

static void
lottery_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  tree_remove(tree(rq), t);
}

static struct task *
lottery_surplus(const struct runq *rq, int thief)
{
  return tree_find(tree(rq), thief);
}

static struct task *
lottery_next(const struct runq *rq, const struct task *t)
{
  return tree_after(tree(rq), t);
}

static const struct sched_param lottery_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [TICKETS] = TICKETS_PARAM(MOST),
  { 0 },
};

static const struct sched_attr lottery_attrs[] = TICKETS_ATTRS(MOST);

static int
lottery_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  tickets_set(t, attr, value, rq->param[TICKETS], MOST);
  return 0;
}

// What it promises, or will when all is there: make check holds it to that.
static bool
lottery_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "live", { 0, 20 * param[SLICE] } },
    { "tickets", { param[SLICE], 1 } },
    { "inherit", { 0 } },
    { "transfer", { 0 } },
    { "compensation", { WORTH } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *const lottery_stat_names[] = { "tickets", "lent", 0 };

static void
lottery_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = tickets_of(t)->own;
  out[1] = tickets_of(t)->lent;
}

static const char *
lottery_check(const struct runq *rq)
{
  return tree_check(tree(rq)) == rq->nready ? 0 : "the tree is broken";
}

// More hooks that you will need: block, lend.
const struct sched_policy lottery_policy = {
  .name = "lottery",
  .task_size = sizeof(struct lottery_task),
  .runq_size = sizeof(struct lottery),
  .task_init = lottery_task_init,
  .ready = lottery_ready,
  .pick = lottery_pick,
  .leave = lottery_leave,
  .surplus = lottery_surplus,
  .next = lottery_next,
  .weight = lottery_weight,
  .params = lottery_params,
  .attrs = lottery_attrs,
  .set = lottery_set,
  .get = tickets_get,
  .promise = lottery_promise,
  .stat_names = lottery_stat_names,
  .stats = lottery_stats,
  .check = lottery_check,
};
