// queues.c - several run queues: where a task goes that becomes ready, and
// whence an idle hart takes one. This is what kernel/proc/runq_shared.c and
// runq_perhart.c do, with queues of one hart or more. See sim.h.
//
// One thing differs, beyond 64 queues: a task that wakes and finds no idle hart
// looks only among the 64 of its node, as a machine of that size would.

#include "sched/sim/private.h"

static int
load(const struct queue *q)
{
  return q->rq->nready + __builtin_popcountll(q->rq->busy);
}

// Has q fewer tasks a hart than p?
static bool
lighter(const struct queue *q, const struct queue *p)
{
  return (int64_t)load(q) * p->n < (int64_t)load(p) * q->n;
}

bool
sim_allowed(const struct queue *q, const struct task *t)
{
  return !sched_misplaced(q->rq, t);
}

int
sim_next_idle(const struct sim *s, int i)
{
  for (; i < s->nqueue; i = (i / 64 + 1) * 64) {
    uint64_t w = s->idle[i / 64] >> i % 64;

    if (w)
      return i + __builtin_ctzll(w);
  }
  return -1;
}

// ---- placement -------------------------------------------------------------

// A hart of q that is idle and may run a task that waits on `from`, or 0.
static struct hart *
idle_hart_for(struct sim *s, const struct queue *q, const struct queue *from)
{
  for (int h = q->first; h < q->first + q->n; h++)
    if (q->rq->idle >> s->hart[h].local & 1 &&
        sched_ready_for(from->rq, s->hart[h].local) > 0)
      return &s->hart[h];
  return 0;
}

void
sim_offer_rest(struct sim *s, struct queue *q)
{
  int n = q->rq->nready;

  if (n == 0 || s->nidle == 0 || s->c.steady)
    return;
  for (int i = 0; n > 0 && (i = sim_next_idle(s, i)) >= 0; i++) {
    struct hart *h = i == q->id ? 0 : idle_hart_for(s, &s->queue[i], q);

    if (h) {
      sim_poke(s, h);
      n--;
    }
  }
}

void
sim_put(struct sim *s, struct queue *q, struct task *t, enum ready_why why)
{
  bool waits;

  sched_ready(q->rq, t, why, s->now);
  waits = q->rq->kick == 0;
  sim_kicks(s, q);
  if (waits)
    sim_offer_rest(s, q);
}

void
sim_move(struct sim *s, struct queue *q, struct task *t, struct queue *to)
{
  sched_take(q->rq, t, s->now);
  sim_kicks(s, q);
  sim_put(s, to, t, READY_MOVED);
}

static bool
welcome(struct sim *s, struct queue *q, const struct task *t)
{
  bool yes = sched_welcome(q->rq, t, s->now);

  sim_kicks(s, q); // the look may have ended a slice
  return yes;
}

// A queue where t would run at once, or 0; near home, if none is idle.
static struct queue *
find_welcome(struct sim *s, const struct task *t, int home)
{
  int first = home / NODE * NODE;

  for (int i = 0; (i = sim_next_idle(s, i)) >= 0; i++)
    if (sim_allowed(&s->queue[i], t) && welcome(s, &s->queue[i], t))
      return &s->queue[i];
  if (s->c.policy->preempts == 0)
    return 0;
  for (int i = first; i < s->nqueue && i < first + NODE; i++)
    if (sim_allowed(&s->queue[i], t) && welcome(s, &s->queue[i], t))
      return &s->queue[i];
  return 0;
}

// The allowed queue with the least load, from first on; home among equals.
static struct queue *
least_loaded(struct sim *s, const struct task *t, int home, int first, int n)
{
  struct queue *best = &s->queue[home];

  if (!sim_allowed(best, t))
    best = 0;
  for (int i = first; i < s->nqueue && i < first + n; i++) {
    struct queue *q = &s->queue[i];

    if (sim_allowed(q, t) && (best == 0 || lighter(q, best)))
      best = q;
  }
  return best;
}

void
sim_wake(struct sim *s, struct task *t)
{
  struct queue *home = &s->queue[t->queue];
  struct queue *to = 0;

  if (s->nqueue == 1 || (sim_allowed(home, t) && welcome(s, home, t))) {
    sim_put(s, home, t, READY_WAKE);
    return;
  }
  t->queue = QUEUE_MOVING;
  to = find_welcome(s, t, home->id);
  if (to == 0)
    to = least_loaded(s, t, home->id, home->id / NODE * NODE, NODE);
  sim_put(s, to, t, READY_WAKE);
}

struct queue *
sim_queue_for_new(struct sim *s, const struct task *t, int home)
{
  for (int i = 0; (i = sim_next_idle(s, i)) >= 0; i++)
    if (sim_allowed(&s->queue[i], t))
      return &s->queue[i];
  return least_loaded(s, t, home, 0, s->nqueue);
}

// ---- taking work -----------------------------------------------------------

static bool
pull(struct sim *s, struct hart *h, struct queue *q)
{
  struct task *t = sched_spare(q->rq, h->local, s->now);

  sim_kicks(s, q);
  if (t == 0)
    return false;
  sim_move(s, q, t, h->q);
  s->count.steals++;
  return true;
}

bool
sim_steal(struct sim *s, struct hart *h)
{
  if (s->c.steady)
    return false;
  for (int n = 1; n < s->nqueue; n++) {
    struct queue *q = &s->queue[(h->q->id + n) % s->nqueue];

    if (sched_ready_for(q->rq, h->local) > 0 && pull(s, h, q))
      return true;
  }
  return false;
}
