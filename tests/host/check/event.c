// event.c - what may happen in a world, and how: each event does what a
// kernel's dispatcher does then (core.h lists it).  Harts obey at once what
// the core tells them, or, where the shape says late, by an event of its own.

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check/world.h"

#define ROUNDS    64  // of harts that obey: more never come to rest
#define MOSTTICKS 300 // until an alarm

// ---- what follows from an event --------------------------------------------

static void
dispatch(struct world *w, int hart)
{
  w->s.pending &= ~(1ull << hart);
  w->s.on[hart] = sched_pick(queue_of_hart(w, hart), hart, w->s.now);
  if (w->s.on[hart])
    model_picked(w, w->s.on[hart]);
}

static void
obey(struct world *w, int hart)
{
  struct task *t = w->s.on[hart];
  struct runq *rq = queue_of_hart(w, hart);

  if (t && !sched_told(rq, hart)) {
    w->s.pending &= ~(1ull << hart);
    return;
  }
  if (t) {
    model_stopped(w, t);
    sched_stop(rq, t, READY_PREEMPT, w->s.now);
  }
  dispatch(w, hart);
}

static void
collect_kicks(struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++) {
    uint64_t kicks = sched_kicks(w->rq[q]);

    assert((kicks & ~w->rq[q]->harts) == 0);
    w->s.pending |= kicks;
  }
}

static void
obey_all(struct world *w)
{
  int rounds = 0;

  for (collect_kicks(w); w->s.pending; collect_kicks(w)) {
    if (rounds++ > ROUNDS)
      guard_leave(0, w->policy->preempts ? "preempts" : "pick", -1,
                  "tasks push each other out for ever");
    obey(w, __builtin_ctzll(w->s.pending));
  }
}

// Tasks that no hart of their queue may run go to another.
static void
rehouse(struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++) {
    struct task *t = w->task[i];

    if (!w->live[i] || t->state != TASK_READY ||
        !sched_misplaced(queue_of(w, t), t))
      continue;
    sched_take(queue_of(w, t), t, w->s.now);
    for (int q = 0; q < w->shape.nqueue; q++)
      if (t->queue == QUEUE_MOVING && !sched_misplaced(w->rq[q], t))
        sched_ready(w->rq[q], t, READY_MOVED, w->s.now);
  }
}

static void
settle(struct world *w)
{
  collect_kicks(w);
  if (w->shape.late)
    return;
  obey_all(w);
  if (w->shape.pins) {
    rehouse(w);
    obey_all(w);
  }
}

// ---- time ------------------------------------------------------------------

// The clock goes on to a time; each queue has a timer interrupt.
static void
pass(struct world *w, nsec to, bool late)
{
  nsec ran = to - w->s.now;

  w->s.now = to;
  for (int q = 0; q < w->shape.nqueue; q++)
    sched_tick(w->rq[q], to);
  model_pass(w, ran, late);
}

static void
pass_late(struct world *w)
{
  nsec more = w->little + w->little / 2 + 1;

  w->s.late += more;
  pass(w, world_next_tick(w) + more, true);
}

static void
pass_until_alarm(struct world *w)
{
  nsec alarm = world_next_alarm(w);

  for (int n = 0; w->s.now < alarm; n++) {
    nsec tick = world_next_tick(w);
    bool late = n == MOSTTICKS; // too many: the rest of the time is late

    if (late)
      w->s.late += alarm - w->s.now;
    pass(w, tick < alarm && !late ? tick : alarm, late);
    obey_all(w);
  }
}

// ---- events ----------------------------------------------------------------

static int
free_slot(const struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++)
    if (!w->live[i])
      return i;
  return -1;
}

static void
create(struct world *w, struct runq *rq, struct task *parent)
{
  int i = free_slot(w);
  struct task *t = w->task[i];

  memset(t, 0xa5, w->task_size); // what was there does not matter
  sched_task_init(rq, t, parent, i, SCHED_ANYHART, w->s.now);
  w->live[i] = true;
  w->s.nlive++;
  if (w->s.nlive > w->s.most)
    w->s.most = w->s.nlive;
  model_new(w, t, parent);
  sched_ready(rq, t, READY_NEW, w->s.now);
}

static void
give_up(struct world *w, const struct event *e)
{
  struct task *t = w->s.on[e->a];
  struct runq *rq = queue_of_hart(w, e->a);

  if (e->kind == YIELD)
    sched_stop(rq, t, READY_YIELD, w->s.now);
  else
    sched_block(rq, t, w->s.now);
  if (e->kind == EXIT) {
    int i = world_slot(w, t);

    w->live[i] = false;
    w->s.nlive--;
    memset(t, 0x5a, w->task_size); // nobody may look at it again
  }
  dispatch(w, e->a);
}

static void
steal(struct world *w, int hart, struct runq *from)
{
  struct runq *rq = queue_of_hart(w, hart);
  struct task *t = sched_spare(from, hart, w->s.now);

  if (t == 0)
    return;
  sched_take(from, t, w->s.now);
  sched_ready(rq, t, READY_MOVED, w->s.now);
  dispatch(w, hart);
}

static void
move(struct world *w, struct task *t, struct runq *to)
{
  sched_take(queue_of(w, t), t, w->s.now);
  sched_ready(to, t, READY_MOVED, w->s.now);
}

static void
set(struct world *w, struct task *t, const struct sched_attr *a, int64_t value)
{
  int64_t got = 0;

  if (sched_set(queue_of(w, t), t, a->name, value, w->s.now) < 0)
    return;
  sched_get(queue_of(w, t), t, a->name, &got);
  if (got != value)
    guard_leave(0, "get", t->id, "\"%s\" was set to %lld and reads as %lld",
                a->name, (long long)value, (long long)got);
  w->s.changed = true;
  model_set(w, t);
}

static int64_t
weight_with(struct world *w, struct task *t, int64_t lent)
{
  sched_lend(queue_of(w, t), t, lent, w->s.now);
  return sched_weight(queue_of(w, t), t);
}

// It may count less, up to the most that a weight can be; but not for nothing.
static void
lend(struct world *w, struct task *t, int64_t lent)
{
  int64_t none = weight_with(w, t, 0), with = weight_with(w, t, LOAN);

  if (with < none || with > none + LOAN || (with == none && none <= LOAN))
    guard_leave(0, "lend", t->id,
                "is lent %d, and its weight goes from %lld to %lld", LOAN,
                (long long)none, (long long)with);
  if (weight_with(w, t, 0) != none)
    guard_leave(0, "lend", t->id, "keeps a part of a loan that is over");
  weight_with(w, t, lent);
  w->s.changed = true;
}

static void
happen(struct world *w, const struct event *e)
{
  struct task *t = e->a < w->shape.ntask ? w->task[e->a] : 0;

  switch ((enum kind)e->kind) {
  case CREATE:
    create(w, w->rq[e->a], 0);
    break;
  case FORK:
    create(w, queue_of_hart(w, e->a), w->s.on[e->a]);
    break;
  case BLOCK:
  case YIELD:
  case EXIT:
    give_up(w, e);
    break;
  case WAKE:
    sched_ready(w->rq[e->b], t, READY_WAKE, w->s.now);
    break;
  case RUN:
    pass(w, w->s.now + w->little, false);
    break;
  case TICK:
    pass(w, world_next_tick(w), false);
    break;
  case LATE:
    pass_late(w);
    break;
  case ALARM:
    pass_until_alarm(w);
    break;
  case SET:
    set(w, t, &w->policy->attrs[e->b],
        tried_value(&w->policy->attrs[e->b], e->c));
    break;
  case PIN:
    sched_affinity(queue_of(w, t), t, tried_mask(w, e->b), w->s.now);
    break;
  case MOVE:
    move(w, t, w->rq[e->b]);
    break;
  case STEAL:
    steal(w, e->a, w->rq[e->b]);
    break;
  case OBEY:
    obey(w, e->a);
    break;
  case LEND:
    lend(w, t, e->b ? LOAN : 0);
    break;
  case NKIND:
    break;
  }
}

// ---- chance ----------------------------------------------------------------

// A state of the generator from which the next draw of n is about
// (i + 1/2) / LUCK * n.
static uint64_t
luck(int i)
{
  static uint64_t state[LUCK];
  struct runq rq;

  for (uint64_t s = 1; state[i] == 0; s++) {
    rq.rand = s * 0x9e3779b97f4a7c15;
    if (runq_random(&rq, 64 * LUCK) / 16 == (uint64_t)4 * i + 2)
      state[i] = s * 0x9e3779b97f4a7c15;
  }
  return state[i];
}

bool
world_drew(const struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++)
    for (int i = 0;; i++) {
      if (i == LUCK)
        return true;
      if (w->rq[q]->rand == luck(i))
        break;
    }
  return false;
}

void
world_do(struct world *w, const struct event *e)
{
  for (int q = 0; q < w->shape.nqueue; q++)
    w->rq[q]->rand = luck(e->luck);
  guard_log.n = 0;
  happen(w, e);
  settle(w);
}
