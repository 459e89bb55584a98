// stcf.c - shortest time to completion first: the task with the least CPU
// time left in its burst runs, and pushes out one with more.
//
// OSTEP chapter 7.  A burst is what a task runs from one sleep to the next, or
// to its end.  How long it will be, the user may tell ("burst"); else it is
// guessed: the mean of the bursts before, in which each counts half as much as
// the one after it.  A task that outruns its guess is taken to be half way: it
// gets a guess of twice what it has run, so it falls behind shorter ones but
// is not cast out.  A guess is never below SHORTEST: who runs for microseconds
// is not stopped at each of them.  Long tasks starve while short ones keep
// coming.
//
// ready, pick, leave and surplus take O(log n), the rest constant time.

#include "sched/tree.h"

#define LONGEST  SEC(3600)
#define SHORTEST USEC(100)

enum { GUESS }; // parameters
enum { BURST }; // attributes

struct stcf_task {
  struct task t;
  nsec mean;  // of bursts, the last counting most
  nsec guess; // how long this burst is
  nsec burst; // CPU time used in this burst, less than guess
};

struct stcf {
  struct runq rq;
  struct tree tree; // by what is left
};

static struct stcf_task *
task(const struct task *t)
{
  return (struct stcf_task *)t;
}

static struct tree *
tree(const struct runq *rq)
{
  return &((struct stcf *)rq)->tree;
}

static nsec
left(const struct task *t)
{
  return task(t)->guess - task(t)->burst;
}

static void
expect(struct stcf_task *s, nsec burst)
{
  s->mean = s->guess = burst;
  s->burst = 0;
}

static nsec
not_too_short(nsec guess)
{
  return guess > SHORTEST ? guess : SHORTEST;
}

static void
stcf_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  expect(task(t), parent ? task(parent)->mean : (nsec)rq->param[GUESS]);
}

static void
stcf_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  tree_put(tree(rq), t, left(t), 1);
}

static struct task *
first_for(const struct runq *rq, int hart)
{
  return tree_find(tree(rq), hart);
}

static struct task *
stcf_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = first_for(rq, hart);

  if (t) {
    tree_remove(tree(rq), t);
    t->slice = left(t); // then look again who has the least
  }
  return t;
}

static void
stcf_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  tree_remove(tree(rq), t);
}

static void
stcf_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  struct stcf_task *s = task(t);

  s->burst += ran;
  if (s->burst >= s->guess) {
    s->guess = not_too_short(2 * s->burst);
    t->slice = 0;
  }
}

static void
stcf_block(struct runq *rq, struct task *t, nsec now)
{
  expect(task(t), not_too_short((task(t)->mean + task(t)->burst) / 2));
}

static bool
stcf_preempts(const struct runq *rq, const struct task *t,
              const struct task *cur, nsec now)
{
  return left(t) < left(cur);
}

static struct task *
stcf_next(const struct runq *rq, const struct task *t)
{
  return tree_after(tree(rq), t);
}

// What is left is at most twice LONGEST, so it fits.
static int64_t
stcf_urgency(const struct runq *rq, const struct task *t)
{
  return left(t);
}

static const struct sched_param stcf_params[] = {
  [GUESS] = { "guess", UNIT_TIME, MSEC(10), USEC(1), LONGEST },
  { 0 },
};

static const struct sched_attr stcf_attrs[] = {
  [BURST] = { "burst", MSEC(10), 1, LONGEST },
  { 0 },
};

static int
stcf_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  expect(task(t), value); // told, so to the nanosecond
  if (t->state == TASK_RUNNING)
    t->slice = 0; // it may have to make way
  return 0;
}

static int64_t
stcf_get(const struct task *t, int attr)
{
  return task(t)->mean;
}

static bool
stcf_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "shortest", { 0 } },
    { "inherit", { 0 } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *const stcf_stat_names[] = { "left", "mean", 0 };

static void
stcf_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = left(t);
  out[1] = task(t)->mean;
}

static const char *
stcf_check(const struct runq *rq)
{
  if (tree_check(tree(rq)) != rq->nready)
    return "the tree is broken";
  for (const struct task *t = tree_first(tree(rq)); t; t = tree_next(t))
    if (task(t)->burst >= task(t)->guess || t->key != left(t))
      return "a task is queued by another time than what is left";
  return 0;
}

const struct sched_policy stcf_policy = {
  .name = "stcf",
  .task_size = sizeof(struct stcf_task),
  .runq_size = sizeof(struct stcf),
  .task_init = stcf_task_init,
  .ready = stcf_ready,
  .pick = stcf_pick,
  .leave = stcf_leave,
  .charge = stcf_charge,
  .block = stcf_block,
  .preempts = stcf_preempts,
  .surplus = first_for,
  .next = stcf_next,
  .urgency = stcf_urgency,
  .params = stcf_params,
  .attrs = stcf_attrs,
  .set = stcf_set,
  .get = stcf_get,
  .promise = stcf_promise,
  .stat_names = stcf_stat_names,
  .stats = stcf_stats,
  .check = stcf_check,
};
