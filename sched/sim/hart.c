// hart.c - a hart of the simulator: kicks, picking and giving up, the timer.
// What kernel/proc/dispatch.c does. See sim.h.

#include "sched/sim/private.h"

static inline struct sim_task *
of(const struct sim *s, const struct task *t)
{
  return t ? s->task[t->id] : 0;
}

// ---- kicks -----------------------------------------------------------------

void
sim_poke(struct sim *s, struct hart *h)
{
  if (h->kicked)
    return;
  h->kicked = true;
  s->kicked[(s->kick_first + s->nkicked++) % s->c.nhart] = h;
}

static void
note_idle(struct sim *s, struct queue *q)
{
  uint64_t bit = 1ull << q->id % 64;
  bool was = queue_idle(s, q->id), is = q->rq->idle != 0;

  if (was == is)
    return;
  s->idle[q->id / 64] ^= bit;
  s->nidle += is ? 1 : -1;
}

void
sim_kicks(struct sim *s, struct queue *q)
{
  uint64_t who = sched_kicks(q->rq);

  note_idle(s, q);
  for (; who; who &= who - 1) {
    int local = __builtin_ctzll(who);

    sim_poke(s, &s->hart[q->first + (local - q->first % 64 + 64) % 64]);
  }
}

// ---- the hart --------------------------------------------------------------

void
sim_set_event(struct sim *s, struct hart *h)
{
  nsec at = h->timer < h->end ? h->timer : h->end;

  if (at == NSEC_NEVER)
    heap_remove(&s->harts, &h->due);
  else
    heap_set(&s->harts, &h->due, at, h->id);
}

nsec
sim_really(const struct sim *s, const struct sim_task *j, nsec planned)
{
  nsec at = planned;

  if (s->c.really && planned != NSEC_NEVER)
    at = s->c.really(s->c.arg, j, planned);
  return at > s->now ? at : s->now;
}

// When h must call sched_tick next.
static nsec
next_tick(const struct sim *s, const struct hart *h)
{
  const struct runq *rq = h->q->rq;
  nsec at = sched_next_tick(rq, h->on->t), late;

  if (at == rq->alarm)
    return at;
  late = sim_really(s, h->on, at);
  if (late > rq->alarm)
    late = rq->alarm;
  return late > at ? late : at;
}

static void
set_timer(struct sim *s, struct hart *h)
{
  h->timer = h->on ? next_tick(s, h) : NSEC_NEVER;
  sim_set_event(s, h);
}

static void
tell_woken(struct sim *s, struct sim_task *j, nsec began)
{
  if (j->asked != NSEC_NEVER && s->c.woken)
    s->c.woken(s->c.arg, j, began - j->asked);
  j->asked = NSEC_NEVER;
}

// What h has run, or not run, until now.
void
sim_end_span(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;
  uint64_t turn = j ? j->t->st.switches : 0;
  struct sim_span span = { h->id, j, h->since, s->now, turn };

  h->since = s->now;
  if (span.to == span.from)
    return;
  if (j == 0)
    s->count.idle += span.to - span.from;
  else if (j->first == NSEC_NEVER)
    j->first = span.from;
  if (j)
    tell_woken(s, j, span.from);
  if (s->c.span)
    s->c.span(s->c.arg, &span);
}

// The task that h runs gives it up.
void
sim_vacate(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;

  sim_end_span(s, h);
  if (j->left != NSEC_NEVER)
    j->left -= j->left < s->now - j->from ? j->left : s->now - j->from;
  h->on = 0;
  h->end = NSEC_NEVER;
}

static void
begin(struct sim *s, struct hart *h, struct sim_task *j)
{
  if (j)
    sim_end_span(s, h); // it idled until now
  h->on = j;
  h->end = NSEC_NEVER;
  h->held = 0;
  if (j) {
    bool moved = j->hart >= 0 && j->hart != h->id;

    j->migrations += moved;
    s->count.migrations += moved;
    s->count.switches++;
    j->hart = h->id;
    j->from = s->now;
    h->end = sim_really(s, j, sim_after(s->now, j->left));
    if (s->c.got)
      s->c.got(s->c.arg, s, j);
    if (!j->looks)
      sim_take_back(s, j);
  }
  set_timer(s, h);
}

// h runs nothing: pick, or steal.
void
sim_dispatch(struct sim *s, struct hart *h)
{
  struct task *t;

  do {
    t = sched_pick(h->q->rq, h->local, s->now);
    sim_kicks(s, h->q);
    sim_offer_rest(s, h->q);
  } while (t == 0 && sim_steal(s, h));
  begin(s, h, of(s, t));
}

// The task on h stays ready; h picks. A task that may not stay here goes.
void
sim_give_up(struct sim *s, struct hart *h, enum ready_why why)
{
  struct task *t = h->on->t;

  sim_vacate(s, h);
  sched_stop(h->q->rq, t, why, s->now);
  sim_kicks(s, h->q);
  sim_dispatch(s, h);
  if (!sim_allowed(h->q, t))
    sim_move(s, h->q, t, sim_queue_for_new(s, t, h->q->id));
}

void
sim_block(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;

  sim_vacate(s, h);
  tell_woken(s, j, s->now); // it had nothing to run
  sched_block(h->q->rq, j->t, s->now);
  sim_kicks(s, h->q);
  sim_dispatch(s, h);
}

static void
obey(struct sim *s, struct hart *h)
{
  h->kicked = false;
  if (h->on == 0) {
    sim_dispatch(s, h);
  } else if (h->held > s->now) {
    h->timer = h->held; // it still has to leave the kernel
    sim_set_event(s, h);
  } else if (sched_told(h->q->rq, h->local)) {
    sim_give_up(s, h, READY_PREEMPT);
  }
}

void
sim_obey_kicks(struct sim *s)
{
  while (s->nkicked > 0) {
    struct hart *h = s->kicked[s->kick_first];

    s->kick_first = (s->kick_first + 1) % s->c.nhart;
    s->nkicked--;
    obey(s, h);
  }
}

void
sim_tick(struct sim *s, struct hart *h)
{
  h->timer = NSEC_NEVER;
  sim_balance(s, h);
  sched_tick(h->q->rq, s->now);
  sim_kicks(s, h->q);
  if (h->on && !sched_told(h->q->rq, h->local))
    h->timer = next_tick(s, h);
  else if (h->held > 0)
    sim_poke(s, h); // now it gives it up
  sim_set_event(s, h);
}
