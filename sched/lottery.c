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
// On several harts that share a queue, a draw may fall on a task that another
// hart runs.  To draw again and forget that would favour who has few tickets.
// So it is owed a slice, which it gets when its present one ends, and another
// is drawn: each win is worth a slice, and wins go by tickets.  Who has
// tickets for more than one hart is owed more and more; MOST_OWED ends that.
//
// "nice" is another way to say "tickets": nice 0 is the default number, each
// step 1.25 times as many or as few.

#include "sched/nice.h"
#include "sched/tree.h"

#define TRIES     8
#define MOST      1000000 // tickets of a task
#define MOST_OWED 32      // slices

enum { SLICE, TICKETS };          // parameters
enum { ATTR_TICKETS, ATTR_NICE }; // attributes

struct lottery_task {
  struct task t;
  int tickets;
  int nice;
  int owed; // slices that it won while it ran
};

struct lottery {
  struct runq rq;
  struct tree tree;
  struct task *winner; // stopped just now, and owed the next slice; or 0
};

static struct lottery_task *
task(const struct task *t)
{
  return (struct lottery_task *)t;
}

static struct lottery *
lottery(const struct runq *rq)
{
  return (struct lottery *)rq;
}

static struct tree *
tree(const struct runq *rq)
{
  return &lottery(rq)->tree;
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
  if (task(t)->owed == 0)
    return;
  if (why == READY_SLICE || why == READY_PREEMPT || why == READY_YIELD)
    lottery(rq)->winner = t;
  else
    task(t)->owed = 0; // it did not stay for them
}

// ---- the draw --------------------------------------------------------------

// Draw among those that may run on hart only.
static struct task *
draw_eligible(struct runq *rq, int hart)
{
  struct task *t;
  uint64_t total = 0;
  uint64_t point, drawn;

  for (t = tree_first(tree(rq)); t; t = tree_next(t))
    if (task_may_run(t, hart))
      total += t->weight;
  if (total == 0)
    return 0;
  point = drawn = runq_random(rq, total);
  for (t = tree_first(tree(rq));; t = tree_next(t)) {
    if (!task_may_run(t, hart))
      continue;
    if (point < t->weight) {
      runq_note(rq, t, NOTE_DRAW, drawn, total);
      return t;
    }
    point -= t->weight;
  }
}

static bool
takes_part(const struct task *t, int hart)
{
  return task_may_run(t, hart) && task(t)->owed < MOST_OWED;
}

// Tickets of those that other harts run and hart might. None if there is no
// choice to be made.
static uint64_t
tickets_elsewhere(const struct runq *rq, int hart)
{
  uint64_t sum = 0;

  if (rq->nfree + rq->npinned[hart] < 2)
    return 0;
  for (const struct task *t = rq->running; t; t = t->run_next)
    if (takes_part(t, hart))
      sum += task(t)->tickets;
  return sum;
}

// The draw fell on one of those.
static void
owe(struct runq *rq, int hart, uint64_t point)
{
  struct task *t = rq->running;

  for (;; t = t->run_next) {
    if (!takes_part(t, hart))
      continue;
    if (point < (uint64_t)task(t)->tickets)
      break;
    point -= task(t)->tickets;
  }
  task(t)->owed++;
}

static struct task *
draw(struct runq *rq, int hart)
{
  uint64_t total = tree_total(tree(rq));
  int tries = 0;

  if (total == 0)
    return 0;
  while (tries < TRIES) {
    uint64_t more = rq->running ? tickets_elsewhere(rq, hart) : 0;
    uint64_t point = runq_random(rq, total + more);
    struct task *t;

    if (point >= total) {
      owe(rq, hart, point - total);
      continue;
    }
    t = tree_at(tree(rq), point);
    if (task_may_run(t, hart)) {
      runq_note(rq, t, NOTE_DRAW, point, total + more);
      return t;
    }
    tries++;
  }
  return draw_eligible(rq, hart);
}

// Who is owed the slice, if it may run here, and others wait: else there is
// nothing to be made good.
static struct task *
take_winner(struct runq *rq, int hart)
{
  struct task *t = lottery(rq)->winner;

  lottery(rq)->winner = 0;
  if (task_may_run(t, hart) && rq->nready > 1) {
    task(t)->owed--;
    return t;
  }
  task(t)->owed = 0;
  return 0;
}

static struct task *
lottery_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = lottery(rq)->winner ? take_winner(rq, hart) : 0;

  if (t == 0)
    t = draw(rq, hart);
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
  if (lottery(rq)->winner == t)
    lottery(rq)->winner = 0;
}

static struct task *
lottery_surplus(const struct runq *rq, int thief)
{
  struct task *t = tree_first(tree(rq));

  while (t && !task_may_run(t, thief))
    t = tree_next(t);
  return t;
}

static struct task *
lottery_next(const struct runq *rq, const struct task *t)
{
  return t ? tree_next(t) : tree_first(tree(rq));
}

static int64_t
lottery_weight(const struct runq *rq, const struct task *t)
{
  return task(t)->tickets;
}

static const struct sched_param lottery_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [TICKETS] = { "tickets", UNIT_COUNT, 100, 1, MOST },
  { 0 },
};

static const struct sched_attr lottery_attrs[] = {
  [ATTR_TICKETS] = { "tickets", 100, 1, MOST },
  [ATTR_NICE] = { "nice", 0, NICE_MIN, NICE_MAX },
  { 0 },
};

static int
lottery_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  int64_t n = rq->param[TICKETS];

  task(t)->owed = 0;
  if (attr == ATTR_TICKETS) {
    task(t)->tickets = value;
    task(t)->nice = nice_of(n, value, MOST);
  } else {
    task(t)->tickets = nice_worth(n, value, MOST);
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
  .next = lottery_next,
  .weight = lottery_weight,
  .params = lottery_params,
  .attrs = lottery_attrs,
  .set = lottery_set,
  .get = lottery_get,
  .promise = lottery_promise,
  .stat_names = lottery_stat_names,
  .stats = lottery_stats,
  .check = lottery_check,
};
