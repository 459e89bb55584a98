// eevdf.c - earliest eligible virtual deadline first.
//
// Stoica and Abdel-Wahab, "Earliest eligible virtual deadline first", Old
// Dominion University TR-95-22, 1995; since 6.6 also Linux's.
//
// Each competing task i has a weight w, by nice as in Linux, and a virtual
// time v, which advances by ran * ONE / w as it runs.  Were the hart shared
// ideally, every v would be the same, V = sum(w * v) / sum(w).  The lag of a
// task is V - v: with 0 or more it has had no more than its due and is
// eligible.  A task asks for one request of CPU time after the other, and has a
// deadline, v + request * ONE / w at its start.  The eligible task with the
// earliest deadline runs, for the rest of its request; so no lag is ever more
// than a request.  One that stops competing keeps its lag and comes back with
// it: sleep neither earns nor forgives CPU time.
//
// A task that becomes ready, is eligible, and has an earlier deadline than one
// that runs pushes it out.  One that becomes eligible as it waits does not.
//
// The queued tasks are in a tree by v that knows the least deadline of each
// subtree: ready, leave and pick take O(log n), and all hooks O(harts) for the
// sums.  pick takes O(n) when the best is pinned elsewhere; so does surplus.

#include "sched/nice.h"
#include "sched/tree.h"

#define ONE      1024      // weight of nice 0
#define SHORTEST USEC(100) // slice, for what is left of a request

enum { SLICE }; // parameters: the length of a request
enum { NICE };  // attributes

struct eevdf_task {
  struct task t; // weight: w; rank: deadline
  int nice;
  int64_t w;
  uint64_t v;        // may wrap, as the deadline may
  uint64_t deadline; // of the request
  int64_t lag;       // while it does not compete
  uint64_t seq;      // when it was picked; or became ready and eligible, or 0
};

struct eevdf {
  struct runq rq;
  struct tree tree; // by v
  uint64_t seq; // counts who became ready
  uint64_t zero;
  int64_t w;  // sum of w of the queued tasks
  int64_t wv; // sum of w * (v - zero) of the same
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

// CPU time as virtual time for e.
static int64_t
virtual(const struct eevdf_task *e, nsec time)
{
  return (int64_t)time * ONE / e->w;
}

static int64_t
request(const struct runq *rq, const struct eevdf_task *e)
{
  return virtual(e, rq->param[SLICE]);
}

// V, rounded down; or its last value if no task competes.
static uint64_t
average(const struct eevdf *q)
{
  int64_t w = q->w, wv = q->wv;

  for (const struct task *t = q->rq.running; t; t = t->run_next) {
    w += task(t)->w;
    wv += task(t)->w * (int64_t)(task(t)->v - q->zero);
  }
  return w ? q->zero + wv / w - (wv % w < 0) : q->zero;
}

// Move zero to V.
static uint64_t
recenter(struct eevdf *q)
{
  uint64_t avg = average(q);

  q->wv -= q->w * (int64_t)(avg - q->zero);
  q->zero = avg;
  return avg;
}

// e, which competes, is about to stop doing so.
static void
depart(struct eevdf *q, struct eevdf_task *e)
{
  int64_t lag = recenter(q) - e->v;
  int64_t most = request(&q->rq, e);

  e->lag = lag > most ? most : lag < -most ? -most : lag;
}

// How far V, without e, has to be from e's v so that this is e's lag: its own v
// moves V.
static int64_t
distance(const struct eevdf *q, const struct eevdf_task *e, int64_t lag)
{
  int64_t others = q->w;

  for (const struct task *t = q->rq.running; t; t = t->run_next)
    others += task(t)->w;
  return others ? lag + lag * e->w / others : 0;
}

// e, which ran, competes further.  If its weight is worth more than a hart, it
// never waited and fell behind all the same: it is not owed what it could not
// have used, but a request at most, which is all that any lag comes to on one
// hart.
static void
forgive(const struct eevdf *q, struct eevdf_task *e)
{
  int64_t most = distance(q, e, request(&q->rq, e));

  if ((int64_t)(q->zero - e->v) > most)
    e->v = q->zero - most;
}

static void
eevdf_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->nice = parent ? task(parent)->nice : 0;
  task(t)->w = nice_worth(ONE, task(t)->nice, INT32_MAX);
}

static void
eevdf_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct eevdf *q = eevdf(rq);
  struct eevdf_task *e = task(t);

  recenter(q);
  if (why == READY_SLICE || why == READY_PREEMPT || why == READY_YIELD)
    forgive(q, e);
  else
    e->v = q->zero - distance(q, e, e->lag);
  if (why != READY_PREEMPT) // that one goes on with its request
    e->deadline = e->v + request(rq, e);
  q->w += e->w;
  q->wv += e->w * (int64_t)(e->v - q->zero);
  q->seq++;
  e->seq = (int64_t)(e->v - average(q)) <= 0 ? q->seq : 0;
  t->rank = e->deadline;
  tree_put(&q->tree, t, e->v, e->w);
}

static void
extract(struct eevdf *q, struct eevdf_task *e)
{
  tree_remove(&q->tree, &e->t);
  q->w -= e->w;
  q->wv -= e->w * (int64_t)(e->v - q->zero);
}

static bool
sooner(const struct task *a, const struct task *b)
{
  return (int64_t)(task(a)->deadline - task(b)->deadline) < 0;
}

// The best of those that may run on hart: of the eligible ones the one with
// the earliest deadline, or else the one with the least v.
static struct task *
best_for(const struct runq *rq, int hart)
{
  uint64_t avg = average(eevdf(rq));
  struct task *best = 0;

  for (struct task *t = tree_first(&eevdf(rq)->tree); t; t = tree_next(t)) {
    if (best && (int64_t)(task(t)->v - avg) > 0)
      break;
    if (task_may_run(t, hart) && (best == 0 || sooner(t, best)))
      best = t;
  }
  return best;
}

static struct task *
eevdf_pick(struct runq *rq, int hart, nsec now)
{
  struct eevdf *q = eevdf(rq);
  struct task *t = tree_least(&q->tree, recenter(q));
  nsec rest;

  if (t == 0 || !task_may_run(t, hart))
    t = best_for(rq, hart);
  if (t == 0)
    return 0;
  extract(q, task(t));
  task(t)->seq = q->seq;
  rest = (int64_t)(task(t)->deadline - task(t)->v) * task(t)->w / ONE;
  t->slice = (int64_t)rest > (int64_t)SHORTEST ? rest : SHORTEST;
  runq_note(rq, t, NOTE_LAG, q->zero - task(t)->v, rest);
  return t;
}

static void
eevdf_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  depart(eevdf(rq), task(t));
  extract(eevdf(rq), task(t));
}

static struct task *
eevdf_next(const struct runq *rq, const struct task *t)
{
  return tree_after(&eevdf(rq)->tree, t);
}

static int64_t
eevdf_weight(const struct runq *rq, const struct task *t)
{
  return task(t)->w;
}

static void
eevdf_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  task(t)->v += virtual(task(t), ran);
}

static void
eevdf_block(struct runq *rq, struct task *t, nsec now)
{
  depart(eevdf(rq), task(t));
}

// For one that is yet to come, as if it came now.
static bool
eevdf_preempts(const struct runq *rq, const struct task *t,
               const struct task *cur, nsec now)
{
  const struct eevdf_task *e = task(t);
  uint64_t deadline;

  if (t->state != TASK_BLOCKED && t->queue == rq->id)
    return e->seq > task(cur)->seq && sooner(t, cur);
  deadline = average(eevdf(rq)) - e->lag + request(rq, e);
  return e->lag >= 0 && (int64_t)(deadline - task(cur)->deadline) < 0;
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
  int64_t lag = runs ? (int64_t)(recenter(eevdf(rq)) - e->v) : e->lag;

  lag *= e->w;
  e->nice = value;
  e->w = nice_worth(ONE, value, INT32_MAX);
  e->lag = lag / e->w;
  if (runs) {
    e->v = eevdf(rq)->zero - e->lag;
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
             : (int64_t)(average(eevdf(rq)) - task(t)->v);
}

static const char *
eevdf_check(const struct runq *rq)
{
  const struct eevdf *q = eevdf(rq);
  int64_t w = 0, wv = 0;

  if (tree_check(&q->tree) != rq->nready)
    return "the tree is broken";
  for (const struct task *t = tree_first(&q->tree); t; t = tree_next(t)) {
    if (t->key != task(t)->v || t->rank != task(t)->deadline)
      return "a task is queued by another time than its own";
    w += task(t)->w;
    wv += task(t)->w * (int64_t)(task(t)->v - q->zero);
  }
  return w == q->w && wv == q->wv ? 0 : "the sums are wrong";
}

const struct sched_policy eevdf_policy = {
  .name = "eevdf",
  .task_size = sizeof(struct eevdf_task),
  .runq_size = sizeof(struct eevdf),
  .task_init = eevdf_task_init,
  .ready = eevdf_ready,
  .pick = eevdf_pick,
  .leave = eevdf_leave,
  .charge = eevdf_charge,
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
