// lottery.c - each ready task holds tickets; a ticket drawn by lot says which
// runs next.  A task with twice the tickets of another gets twice the CPU, on
// average.
//
// OSTEP chapter 9; Waldspurger and Weihl, "Lottery scheduling: flexible
// proportional-share resource management", OSDI 1994.
//
// The queued tasks are in a tree, in order of arrival, that knows the sum of
// their tickets: ready, leave and pick take O(log n).  When tasks are pinned,
// a winner that may not run on the hart means another draw, so that the rest
// win with the right probabilities; after TRIES of them, pick counts those
// that may, and draws among them, which takes O(n).  So does surplus.
//
// "nice" is another way to say "tickets": nice 0 is the default number, each
// step 1.25 times as many or as few.

#include "sched/tree.h"

#define TRIES 8
#define MOST  1000000 // tickets of a task

enum { SLICE, TICKETS };          // parameters
enum { ATTR_TICKETS, ATTR_NICE }; // attributes

struct lottery_task {
  struct task t;
  int tickets;
  int nice;
};

struct lottery {
  struct runq rq;
  struct tree tree;
};

static struct lottery_task *
task(const struct task *t)
{
  return (struct lottery_task *)t;
}

static struct tree *
tree(const struct runq *rq)
{
  return &((struct lottery *)rq)->tree;
}

static void
lottery_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->tickets = parent ? task(parent)->tickets : rq->param[TICKETS];
  task(t)->nice = parent ? task(parent)->nice : 0;
}

static void
lottery_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  tree_put(tree(rq), t, 0, task(t)->tickets);
}

// Draw among those that may run on hart only.
static struct task *
draw_eligible(struct runq *rq, int hart)
{
  struct task *t;
  uint64_t total = 0;
  uint64_t point;

  for (t = tree_first(tree(rq)); t; t = tree_next(t))
    if (task_may_run(t, hart))
      total += t->weight;
  if (total == 0)
    return 0;
  point = runq_random(rq, total);
  for (t = tree_first(tree(rq));; t = tree_next(t)) {
    if (!task_may_run(t, hart))
      continue;
    if (point < t->weight)
      return t;
    point -= t->weight;
  }
}

static struct task *
draw(struct runq *rq, int hart)
{
  uint64_t total = tree_total(tree(rq));

  if (total == 0)
    return 0;
  for (int i = 0; i < TRIES; i++) {
    struct task *t = tree_at(tree(rq), runq_random(rq, total));

    if (task_may_run(t, hart))
      return t;
  }
  return draw_eligible(rq, hart);
}

static struct task *
lottery_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = draw(rq, hart);

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
  struct task *t = tree_first(tree(rq));

  while (t && !task_may_run(t, thief))
    t = tree_next(t);
  return t;
}

static const struct sched_param lottery_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [TICKETS] = { "tickets", UNIT_COUNT, 100, 1, MOST },
  { 0 },
};

static const struct sched_attr lottery_attrs[] = {
  [ATTR_TICKETS] = { "tickets", 100, 1, MOST },
  [ATTR_NICE] = { "nice", 0, -20, 19 },
  { 0 },
};

// What nice is worth, if it is n tickets at 0.
static int
nice_tickets(int64_t n, int nice)
{
  int64_t x = n * 1000;

  for (; nice < 0 && x < MOST * 1000; nice++)
    x += x / 4;
  for (; nice > 0; nice--)
    x -= x / 5;
  x = (x + 500) / 1000;
  return x < 1 ? 1 : x > MOST ? MOST : x;
}

// The nice that is worth most nearly `tickets`.
static int
tickets_nice(int64_t n, int tickets)
{
  int nice = 19;

  while (nice > -20 &&
         2 * tickets > nice_tickets(n, nice) + nice_tickets(n, nice - 1))
    nice--;
  return nice;
}

static int
lottery_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  int64_t n = rq->param[TICKETS];

  if (attr == ATTR_TICKETS) {
    task(t)->tickets = value;
    task(t)->nice = tickets_nice(n, value);
  } else {
    task(t)->tickets = nice_tickets(n, value);
    task(t)->nice = value;
  }
  return 0;
}

static int64_t
lottery_get(const struct task *t, int attr)
{
  return attr == ATTR_TICKETS ? task(t)->tickets : task(t)->nice;
}

// "live": of n equal tasks, one is not drawn in 20 n draws once in e^20.
static bool
lottery_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "live", { 0, 20 * param[SLICE] } },
    { "tickets", { param[SLICE], 1 } },
    { "inherit", { 0 } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *const lottery_stat_names[] = { "tickets", "total", 0 };

static void
lottery_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = task(t)->tickets;
  out[1] = tree_total(tree(rq));
}

static const char *
lottery_check(const struct runq *rq)
{
  if (tree_check(tree(rq)) != rq->nready)
    return "the tree is broken";
  for (const struct task *t = tree_first(tree(rq)); t; t = tree_next(t))
    if (t->weight != (uint64_t)task(t)->tickets)
      return "a task takes part with other tickets than its own";
  return 0;
}

const struct sched_policy lottery_policy = {
  .name = "lottery",
  .task_size = sizeof(struct lottery_task),
  .runq_size = sizeof(struct lottery),
  .task_init = lottery_task_init,
  .ready = lottery_ready,
  .pick = lottery_pick,
  .leave = lottery_leave,
  .surplus = lottery_surplus,
  .params = lottery_params,
  .attrs = lottery_attrs,
  .set = lottery_set,
  .get = lottery_get,
  .promise = lottery_promise,
  .stat_names = lottery_stat_names,
  .stats = lottery_stats,
  .check = lottery_check,
};
