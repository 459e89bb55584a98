// lottery.c - each ready task holds tickets; a ticket drawn by lot says which
// runs next.  A task with twice the tickets of another gets twice the CPU, on
// average.
//
// OSTEP chapter 9; Waldspurger and Weihl, "Lottery scheduling: flexible
// proportional-share resource management", OSDI 1994.
//
// The queued tasks are in a tree that knows the sum of their tickets: ready,
// leave and surplus take O(log n), the rest constant time. pick takes O(harts)
// for those that run elsewhere, and O(log n); where tasks are pinned, O(log n)
// for each of their masks, so that a ticket is drawn of those only that may run
// on the hart.
//
// Who leaves a part of its slice to others has more tickets until it is drawn
// again: compensation, see sched/draw.h.  compensate=0: none.  What others
// lend a task counts like its own tickets.
//
// On several harts that share a queue, a draw may fall on a task that another
// hart runs.  To draw again and forget that would favour who has few tickets.
// So it is owed a slice, which it gets when its present one ends, and another
// is drawn: each win is worth a slice, and wins go by tickets.  Who has
// tickets for more than one hart is owed more and more; MOST_OWED ends that.

#include "sched/draw.h"
#include "sched/tickets.h"

#define MOST      1000000 // tickets of a task
#define MOST_OWED 32      // slices

enum { SLICE, TICKETS, COMPENSATE }; // parameters

struct lottery_task {
  struct ticket_task t;
  nsec part; // of its last slice that it used; 0: all of it
  int owed;  // slices that it won while it ran
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

static int64_t
lottery_weight(const struct runq *rq, const struct task *t)
{
  return tickets_all(t, MOST);
}

// What t takes part in draws with.
static uint64_t
stake(const struct runq *rq, const struct task *t)
{
  return draw_weight(tickets_all(t, MOST), rq->param[SLICE], task(t)->part);
}

static void
lottery_runq_init(struct runq *rq, nsec now)
{
  tree(rq)->apart = true;
}

static void
lottery_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  tickets_init(t, parent, rq->param[TICKETS]);
}

static void
lottery_block(struct runq *rq, struct task *t, nsec now)
{
  if (rq->param[COMPENSATE])
    task(t)->part = draw_part(rq->param[SLICE], t->slice);
}

static void
lottery_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  bool ran = why == READY_SLICE || why == READY_PREEMPT || why == READY_YIELD;

  if (ran)
    lottery_block(rq, t, now);
  tree_put(tree(rq), t, 0, stake(rq, t));
  if (task(t)->owed == 0)
    return;
  if (ran)
    lottery(rq)->winner = t;
  else
    task(t)->owed = 0; // it did not stay for them
}

// ---- the draw --------------------------------------------------------------

static bool
takes_part(const struct task *t, int hart)
{
  return task_may_run(t, hart) && task(t)->owed < MOST_OWED;
}

// The stake of those that other harts run and hart might. None if there is no
// choice to be made.
static uint64_t
stake_elsewhere(const struct runq *rq, int hart)
{
  uint64_t sum = 0;

  if (rq->nfree + rq->npinned[hart] < 2)
    return 0;
  for (const struct task *t = rq->running; t; t = t->run_next)
    if (takes_part(t, hart))
      sum += stake(rq, t);
  return sum;
}

// The draw fell on one of those.
static void
owe(struct runq *rq, int hart, uint64_t point)
{
  struct task *t = rq->running;

  for (; !takes_part(t, hart) || point >= stake(rq, t); t = t->run_next)
    if (takes_part(t, hart))
      point -= stake(rq, t);
  task(t)->owed++;
}

static struct task *
draw(struct runq *rq, int hart)
{
  uint64_t total = draw_total(tree(rq), hart);
  uint64_t all, point;
  struct task *t;

  if (total == 0)
    return 0;
  for (;;) {
    all = total + (rq->running ? stake_elsewhere(rq, hart) : 0);
    point = draw_point(rq, all);
    if (point < total)
      break;
    owe(rq, hart, point - total);
  }
  t = draw_at(tree(rq), hart, point);
  draw_note(rq, t, point, all);
  return t;
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
    task(t)->part = 0;
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

// Any will do: by lot, who has waited longest gains no more than others.
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
  [COMPENSATE] = { "compensate", UNIT_COUNT, 1, 0, 1 },
  { 0 },
};

static const struct sched_attr lottery_attrs[] = TICKETS_ATTRS(MOST);

static int
lottery_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  task(t)->owed = 0;
  if (t->state == TASK_BLOCKED)
    task(t)->part = 0; // it wakes up with what it is given here, not with more
  tickets_set(t, attr, value, rq->param[TICKETS], MOST);
  return 0;
}

// "live": of n equal tasks, one is not drawn in 20 n draws once in e^20.
static bool
lottery_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "live", { 0, 20 * param[SLICE] } },
    { "tickets", { param[SLICE], 1 } },
    { "inherit", { 0 } },
    { "transfer", { 0 } },
    { "compensation", { DRAW_WORTH } },
  };

  if (i >= (param[COMPENSATE] ? 5 : 4))
    return false;
  *out = promises[i];
  return true;
}

static const char *const lottery_stat_names[] = { "tickets", "total", "lent",
                                                  0 };

static void
lottery_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = tickets_of(t)->own;
  out[1] = tree_total(tree(rq)) / DRAW_UNIT;
  out[2] = tickets_of(t)->lent;
}

static const char *
lottery_check(const struct runq *rq)
{
  if (tree_check(tree(rq)) != rq->nready)
    return "the tree is broken";
  for (const struct task *t = tree_first(tree(rq)); t; t = tree_next(t))
    if (t->weight != stake(rq, t))
      return "a task takes part with other tickets than its own";
  return 0;
}

const struct sched_policy lottery_policy = {
  .name = "lottery",
  .task_size = sizeof(struct lottery_task),
  .runq_size = sizeof(struct lottery),
  .runq_init = lottery_runq_init,
  .task_init = lottery_task_init,
  .ready = lottery_ready,
  .pick = lottery_pick,
  .leave = lottery_leave,
  .block = lottery_block,
  .surplus = lottery_surplus,
  .next = lottery_next,
  .weight = lottery_weight,
  .params = lottery_params,
  .attrs = lottery_attrs,
  .set = lottery_set,
  .get = tickets_get,
  .lend = tickets_lend,
  .promise = lottery_promise,
  .stat_names = lottery_stat_names,
  .stats = lottery_stats,
  .check = lottery_check,
};
