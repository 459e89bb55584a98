// toy.h - a policy for the tests of the core: strict priorities, first come
// first served within one.  It records what the core asks of it, and shows
// that a policy may be written outside sched/ and have attributes of its own.

#ifndef TESTS_HOST_TOY_H
#define TESTS_HOST_TOY_H

#include <string.h>

#include "sched/tree.h"

struct toy_task {
  struct task t;
  int prio; // 0 is the best
  nsec charged;
  enum ready_why why;  // of the last ready()
  enum leave_why left; // of the last leave()
  int blocks;
  int inherited; // generations
};

struct toy {
  struct runq rq;
  struct tree tree;
  int timers;       // calls of timer()
  nsec period;      // of the alarm; 0: none
  struct task *cut; // timer() ends this one's slice
};

static inline struct toy_task *
toy_task(const struct task *t)
{
  return (struct toy_task *)t;
}

static inline struct toy *
toy(const struct runq *rq)
{
  return (struct toy *)rq;
}

static void
toy_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  toy_task(t)->why = why;
  tree_put(&toy(rq)->tree, t, toy_task(t)->prio, 1);
}

static struct task *
toy_first(const struct runq *rq, int hart)
{
  struct task *t = tree_first(&toy(rq)->tree);

  while (t && !task_may_run(t, hart))
    t = tree_next(t);
  return t;
}

static struct task *
toy_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = toy_first(rq, hart);

  if (t) {
    tree_remove(&toy(rq)->tree, t);
    t->slice = rq->param[0];
  }
  return t;
}

static void
toy_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  toy_task(t)->left = why;
  tree_remove(&toy(rq)->tree, t);
}

static void
toy_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  toy_task(t)->prio = parent ? toy_task(parent)->prio : 5;
  toy_task(t)->inherited = parent ? toy_task(parent)->inherited + 1 : 0;
}

static void
toy_charge(struct runq *rq, struct task *t, nsec passed, nsec now)
{
  toy_task(t)->charged += passed;
}

static void
toy_block(struct runq *rq, struct task *t, nsec now)
{
  toy_task(t)->blocks++;
}

static void
toy_timer(struct runq *rq, nsec now)
{
  toy(rq)->timers++;
  if (toy(rq)->cut)
    toy(rq)->cut->slice = 0;
  if (toy(rq)->period)
    rq->alarm = now + toy(rq)->period;
}

static bool
toy_preempts(const struct runq *rq, const struct task *t,
             const struct task *cur, nsec now)
{
  return toy_task(t)->prio < toy_task(cur)->prio;
}

// "charm" refuses odd values.
static const struct sched_attr toy_attrs[] = {
  { "prio", 5, 0, 9 },
  { "charm", 0, 0, 100 },
  { 0 },
};

static int
toy_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  if (attr == 1)
    return value % 2 ? -1 : 0;
  toy_task(t)->prio = value;
  if (t->state == TASK_RUNNING)
    t->slice = 0; // it may have to make way now
  return 0;
}

static int64_t
toy_get(const struct task *t, int attr)
{
  return attr == 0 ? toy_task(t)->prio : 0;
}

static const struct sched_param toy_params[] = {
  [0] = { "slice", UNIT_TIME, 1000, 1, SEC(1) },
  { 0 },
};

static const char *const toy_stat_names[] = { "prio", "charged", 0 };

static void
toy_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = toy_task(t)->prio;
  out[1] = toy_task(t)->charged;
}

static const char *
toy_check(const struct runq *rq)
{
  return tree_check(&toy(rq)->tree) == rq->nready ? 0 : "toy: broken tree";
}

// Tests plant mistakes in copies of it.
static const struct sched_policy toy_policy = {
  .name = "toy",
  .task_size = sizeof(struct toy_task),
  .runq_size = sizeof(struct toy),
  .task_init = toy_task_init,
  .ready = toy_ready,
  .pick = toy_pick,
  .leave = toy_leave,
  .charge = toy_charge,
  .block = toy_block,
  .timer = toy_timer,
  .preempts = toy_preempts,
  .surplus = toy_first,
  .params = toy_params,
  .attrs = toy_attrs,
  .set = toy_set,
  .get = toy_get,
  .stat_names = toy_stat_names,
  .stats = toy_stats,
  .check = toy_check,
};

// One queue, some harts and tasks, to call the core by hand.
struct bench {
  struct toy q;
  struct toy_task task[16];
  int64_t param[SCHED_MAXPARAM];
};

static inline struct runq *
bench_init(struct bench *b, const struct sched_policy *policy, int nhart)
{
  memset(b, 0, sizeof(*b));
  sched_params_init(policy, b->param);
  sched_runq_init(&b->q.rq, policy, b->param, 3, (1ull << nhart) - 1, 1, 0);
  for (int i = 0; i < 16; i++)
    sched_task_init(&b->q.rq, &b->task[i].t, 0, i, SCHED_ANYHART, 0);
  return &b->q.rq;
}

// Task i with this priority becomes ready at `now`, new or after a sleep.
static inline struct task *
bench_ready(struct bench *b, int i, int prio, nsec now)
{
  struct task *t = &b->task[i].t;

  b->task[i].prio = prio;
  sched_ready(&b->q.rq, t, t->hart < 0 ? READY_NEW : READY_WAKE, now);
  return t;
}

#endif
