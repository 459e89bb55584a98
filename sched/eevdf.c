// eevdf.c - earliest eligible virtual deadline first.
//
// Stoica and Abdel-Wahab, "Earliest eligible virtual deadline first", Old
// Dominion University TR-95-22, 1995; since 6.6 also Linux's.
//
// Each competing task has a weight w, by nice as in Linux, and a virtual time
// v; V is their mean, and the lag of a task is V - v (sched/fair.h).  With 0 or
// more it has had no more than its due and is eligible.  A task asks for one
// request of CPU time after the other, and has a deadline, v + request * ONE /
// w at its start.  The eligible task with the earliest deadline runs, for the
// rest of its request; so no lag is ever more than a request.  One that stops
// competing keeps its lag and comes back with it: sleep neither earns nor
// forgives CPU time.
//
// A task that becomes ready, is eligible, and has an earlier deadline than one
// that runs pushes it out.  One that becomes eligible as it waits does not.
//
// The queued tasks are in a tree by v that knows the least deadline of each
// subtree: ready and leave take O(log n), the rest constant time, but pick and
// surplus O(log n) for each mask of harts in use, one if no task is pinned.

#include "sched/fair.h"
#include "sched/nice.h"
#include "sched/tree.h"

#define SHORTEST USEC(100) // slice, for what is left of a request

enum { SLICE }; // parameters: the length of a request
enum { NICE };  // attributes

struct eevdf_task {
  struct fair_task f; // in the tree, rank: deadline
  int nice;
  uint64_t deadline; // of the request; may wrap
  int64_t lag;       // while it does not compete
  uint64_t seq;      // when it was picked; or became ready and eligible, or 0
};

struct eevdf {
  struct fair f;
  struct tree tree; // by v
  uint64_t seq;     // counts who became ready
};

static struct eevdf_task *
task(const struct task *t)
{
  return (struct eevdf_task *)t;
}

static struct eevdf *
eevdf(const struct runq *rq)
{
  return (struct eevdf *)rq;
}

static int64_t
request(const struct runq *rq, const struct task *t)
{
  return fair_virtual(t, rq->param[SLICE]);
}

// t stops competing.
static void
eevdf_block(struct runq *rq, struct task *t, nsec now)
{
  struct eevdf_task *e = task(t);
  int64_t lag = fair_recenter(rq) - e->f.v;
  int64_t most = request(rq, t);

  e->lag = lag > most ? most : lag < -most ? -most : lag;
  fair_leave(rq, t);
}

// t, which ran, competes further.  If its weight is worth more than a hart, it
// never waited and fell behind all the same: it is not owed what it could not
// have used, but a request at most, which is all that any lag comes to on one
// hart.
static void
forgive(struct runq *rq, struct task *t)
{
  int64_t most = fair_distance(rq, t, request(rq, t));

  if ((int64_t)(fair(rq)->zero - task(t)->f.v) > most)
    task(t)->f.v = fair(rq)->zero - most;
}

static void
eevdf_runq_init(struct runq *rq, nsec now)
{
  eevdf(rq)->tree.apart = true;
}

static void
eevdf_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->nice = parent ? task(parent)->nice : 0;
  task(t)->f.w = nice_worth(FAIR_ONE, task(t)->nice, INT32_MAX);
}

static void
eevdf_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct eevdf_task *e = task(t);
  bool ran = why == READY_SLICE || why == READY_PREEMPT || why == READY_YIELD;

  if (ran)
    fair_leave(rq, t);
  fair_recenter(rq);
  if (ran)
    forgive(rq, t);
  else
    e->f.v = fair(rq)->zero - fair_distance(rq, t, e->lag);
  if (why != READY_PREEMPT) // that one goes on with its request
    e->deadline = e->f.v + request(rq, t);
  fair_enter(rq, t);
  eevdf(rq)->seq++;
  e->seq = (int64_t)(e->f.v - fair_average(rq)) <= 0 ? eevdf(rq)->seq : 0;
  t->rank = e->deadline;
  tree_put(&eevdf(rq)->tree, t, e->f.v, e->f.w);
}

// The best of those that may run on hart: of the eligible ones the one with
// the earliest deadline, or else the one with the least v.
static struct task *
best_for(const struct runq *rq, int hart)
{
  return tree_least(&eevdf(rq)->tree, fair_average(rq), hart);
}

static struct task *
eevdf_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t;
  nsec rest;

  fair_recenter(rq);
  t = best_for(rq, hart);
  if (t == 0)
    return 0;
  tree_remove(&eevdf(rq)->tree, t);
  task(t)->seq = eevdf(rq)->seq;
  rest = (int64_t)(task(t)->deadline - task(t)->f.v) * task(t)->f.w / FAIR_ONE;
  t->slice = (int64_t)rest > (int64_t)SHORTEST ? rest : SHORTEST;
  runq_note(rq, t, NOTE_LAG, fair(rq)->zero - task(t)->f.v, rest);
  return t;
}

static void
eevdf_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  eevdf_block(rq, t, now);
  tree_remove(&eevdf(rq)->tree, t);
}

static struct task *
eevdf_next(const struct runq *rq, const struct task *t)
{
  return tree_after(&eevdf(rq)->tree, t);
}

static int64_t
eevdf_weight(const struct runq *rq, const struct task *t)
{
  return task(t)->f.w;
}

// For one that is yet to come, as if it came now.
static bool
eevdf_preempts(const struct runq *rq, const struct task *t,
               const struct task *cur, nsec now)
{
  const struct eevdf_task *e = task(t);
  uint64_t deadline;

  if (t->state != TASK_BLOCKED && t->queue == rq->id)
    return e->seq > task(cur)->seq &&
           (int64_t)(e->deadline - task(cur)->deadline) < 0;
  if (e->lag < 0)
    return false;
  deadline = fair_average(rq) - e->lag + request(rq, t);
  return (int64_t)(deadline - task(cur)->deadline) < 0;
}

static const struct sched_param eevdf_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(3), USEC(100), SEC(1) },
  { 0 },
};

static const struct sched_attr eevdf_attrs[] = {
  [NICE] = { "nice", 0, NICE_MIN, NICE_MAX },
  { 0 },
};

// A lag that was earned with the old weight is as much CPU time with the new
// one.  V stays where it is: w * (v - V) is the same as before.
static int
eevdf_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  struct eevdf_task *e = task(t);
  bool runs = t->state == TASK_RUNNING;
  int64_t lag = runs ? (int64_t)(fair_recenter(rq) - e->f.v) : e->lag;

  if (runs)
    fair_leave(rq, t);
  lag *= e->f.w;
  e->nice = value;
  e->f.w = nice_worth(FAIR_ONE, value, INT32_MAX);
  e->lag = lag / e->f.w;
  if (runs) {
    e->f.v = fair(rq)->zero - e->lag;
    fair_enter(rq, t);
    t->slice = 0; // its deadline is another: it may have to make way
  }
  return 0;
}

static int64_t
eevdf_get(const struct task *t, int attr)
{
  return task(t)->nice;
}

static bool
eevdf_promise(const int64_t *param, int i, struct sched_promise *out)
{
  const struct sched_promise promises[] = {
    { "nice", { param[SLICE] } },
    { "lag", { param[SLICE] } },
    { "live", { param[SLICE], 2 * param[SLICE] } },
    { "inherit", { 0 } },
  };

  if (i >= (int)(sizeof(promises) / sizeof(promises[0])))
    return false;
  *out = promises[i];
  return true;
}

static const char *const eevdf_stat_names[] = { "nice", "lag", 0 };

static void
eevdf_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = task(t)->nice;
  out[1] = t->state == TASK_BLOCKED
             ? task(t)->lag
             : (int64_t)(fair_average(rq) - task(t)->f.v);
}

static const char *
eevdf_check(const struct runq *rq)
{
  const struct tree *tree = &eevdf(rq)->tree;
  const struct fair *q = fair(rq);
  struct fair sums = { .zero = q->zero };

  if (tree_check(tree) != rq->nready)
    return "the tree is broken";
  for (const struct task *t = tree_first(tree); t; t = tree_next(t)) {
    if (t->key != task(t)->f.v || t->rank != task(t)->deadline)
      return "a task is queued by another time than its own";
    fair_enter(&sums.rq, t);
  }
  for (const struct task *t = rq->running; t; t = t->run_next)
    fair_enter(&sums.rq, t);
  return sums.w == q->w && sums.wv == q->wv ? 0 : "the sums are wrong";
}

const struct sched_policy eevdf_policy = {
  .name = "eevdf",
  .task_size = sizeof(struct eevdf_task),
  .runq_size = sizeof(struct eevdf),
  .runq_init = eevdf_runq_init,
  .task_init = eevdf_task_init,
  .ready = eevdf_ready,
  .pick = eevdf_pick,
  .leave = eevdf_leave,
  .charge = fair_charge,
  .block = eevdf_block,
  .preempts = eevdf_preempts,
  .surplus = best_for,
  .next = eevdf_next,
  .weight = eevdf_weight,
  .params = eevdf_params,
  .attrs = eevdf_attrs,
  .set = eevdf_set,
  .get = eevdf_get,
  .promise = eevdf_promise,
  .stat_names = eevdf_stat_names,
  .stats = eevdf_stats,
  .check = eevdf_check,
};
