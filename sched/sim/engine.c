// engine.c - the events of the simulator, and what a hart does at each: what
// kernel/proc/dispatch.c does. See sim.h.

#include <stdio.h>
#include <stdlib.h>

#include "sched/sim/private.h"

#define ENDLESS 1000000 // acts of a task that take no time, in a row

static struct sim_task *
sleeper(struct event *e)
{
  return (struct sim_task *)((char *)e - offsetof(struct sim_task, wakes));
}

static inline struct sim_task *
of(const struct sim *s, const struct task *t)
{
  return t ? s->task[t->id] : 0;
}

static nsec
after(nsec at, nsec span)
{
  return at + span < at ? NSEC_NEVER : at + span;
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

static void
set_event(struct sim *s, struct hart *h)
{
  nsec at = h->timer < h->end ? h->timer : h->end;

  if (at == NSEC_NEVER)
    heap_remove(&s->harts, &h->due);
  else
    heap_set(&s->harts, &h->due, at, h->id);
}

static void
set_timer(struct sim *s, struct hart *h)
{
  h->timer = h->on ? sched_next_tick(h->q->rq, h->on->t) : NSEC_NEVER;
  set_event(s, h);
}

static void
tell_woken(struct sim *s, struct sim_task *j, nsec began)
{
  if (j->asked != NSEC_NEVER && s->c.woken)
    s->c.woken(s->c.arg, j, began - j->asked);
  j->asked = NSEC_NEVER;
}

// What h has run, or not run, until now.
static void
end_span(struct sim *s, struct hart *h)
{
  struct sim_span span = { h->id, h->on, h->since, s->now };
  struct sim_task *j = h->on;

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
static void
vacate(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;

  end_span(s, h);
  if (j->left != NSEC_NEVER)
    j->left -= s->now - j->from;
  h->on = 0;
  h->end = NSEC_NEVER;
}

static void
begin(struct sim *s, struct hart *h, struct sim_task *j)
{
  if (j)
    end_span(s, h); // it idled until now
  h->on = j;
  h->end = NSEC_NEVER;
  if (j) {
    bool moved = j->hart >= 0 && j->hart != h->id;

    j->migrations += moved;
    s->count.migrations += moved;
    s->count.switches++;
    j->hart = h->id;
    j->from = s->now;
    h->end = after(s->now, j->left);
    if (s->c.got)
      s->c.got(s->c.arg, s, j);
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
static void
give_up(struct sim *s, struct hart *h, enum ready_why why)
{
  struct task *t = h->on->t;

  vacate(s, h);
  sched_stop(h->q->rq, t, why, s->now);
  sim_kicks(s, h->q);
  sim_dispatch(s, h);
  if (!sim_allowed(h->q, t))
    sim_move(s, h->q, t, sim_queue_for_new(s, t, h->q->id));
}

static void
block(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;

  vacate(s, h);
  tell_woken(s, j, s->now); // it had nothing to run
  sched_block(h->q->rq, j->t, s->now);
  sim_kicks(s, h->q);
  sim_dispatch(s, h);
}

static void
obey(struct sim *s, struct hart *h)
{
  h->kicked = false;
  if (h->on == 0)
    sim_dispatch(s, h);
  else if (sched_told(h->q->rq, h->local))
    give_up(s, h, READY_PREEMPT);
}

static void
obey_kicks(struct sim *s)
{
  while (s->nkicked > 0) {
    struct hart *h = s->kicked[s->kick_first];

    s->kick_first = (s->kick_first + 1) % s->c.nhart;
    s->nkicked--;
    obey(s, h);
  }
}

static void
tick(struct sim *s, struct hart *h)
{
  h->timer = NSEC_NEVER;
  sim_balance(s, h);
  sched_tick(h->q->rq, s->now);
  sim_kicks(s, h->q);
  if (h->on && !sched_told(h->q->rq, h->local))
    h->timer = sched_next_tick(h->q->rq, h->on->t);
  set_event(s, h);
}

// ---- tasks -----------------------------------------------------------------

void
sim_make_ready(struct sim *s, struct sim_task *j)
{
  if (j->begun) {
    j->asked = s->now;
    s->count.wakes++;
    sim_wake(s, j->t);
    return;
  }
  j->begun = true;
  j->born = s->now;
  sim_put(s, sim_queue_for_new(s, j->t, j->home), j->t, READY_NEW);
}

void
sim_rouse(struct sim *s, struct sim_task *j)
{
  if (j->t->state != TASK_BLOCKED || j->ended || !j->begun)
    return;
  heap_remove(&s->sleepers, &j->wakes);
  sim_make_ready(s, j);
}

static void
end_task(struct sim *s, struct hart *h)
{
  h->on->ended = true;
  h->on->end = s->now;
  s->alive--;
  block(s, h);
}

// Do what the task on h wants. False if that took no time, and it goes on.
static bool
act(struct sim *s, struct hart *h, const struct sim_act *a)
{
  struct sim_task *j = h->on;

  switch (a->kind) {
  case SIM_AGAIN:
    // As a system call that woke up somebody better: it goes on later.
    return sched_told(h->q->rq, h->local);
  case SIM_RUN:
    j->left = a->span;
    h->end = after(s->now, a->span);
    return a->span > 0;
  case SIM_SLEEP:
    heap_set(&s->sleepers, &j->wakes, after(s->now, a->span), s->order++);
    block(s, h);
    return true;
  case SIM_BLOCK:
    block(s, h);
    return true;
  case SIM_YIELD:
    give_up(s, h, READY_YIELD);
    return true;
  case SIM_EXIT:
    end_task(s, h);
    return true;
  }
  return true;
}

// The task on h has run for what it wanted: what next?
static void
next_act(struct sim *s, struct hart *h)
{
  struct sim_task *j = h->on;
  struct sim_act a;

  j->left = 0;
  j->from = s->now;
  h->end = NSEC_NEVER;
  for (int n = 0; n < ENDLESS; n++) {
    a = j->next(s, j);
    if (act(s, h, &a)) {
      set_event(s, h);
      return;
    }
  }
  fprintf(stderr, "sim: task %d does nothing that takes time\n", j->id);
  exit(1);
}

// ---- the loop --------------------------------------------------------------

static void
hart_events(struct sim *s)
{
  while (heap_time(&s->harts) <= s->now) {
    struct hart *h = (struct hart *)heap_first(&s->harts);

    s->count.events++;
    if (h->on && h->end <= s->now)
      next_act(s, h);
    if (h->timer <= s->now)
      tick(s, h);
  }
}

static void
wake_sleepers(struct sim *s)
{
  while (heap_time(&s->sleepers) <= s->now) {
    struct event *e = heap_first(&s->sleepers);

    s->count.events++;
    heap_remove(&s->sleepers, e);
    sim_make_ready(s, sleeper(e));
  }
}

static void
check(struct sim *s)
{
  for (int i = 0; i < s->nqueue; i++) {
    const char *wrong = sched_check(s->queue[i].rq);

    if (wrong)
      sched_broken(s->queue[i].rq, 0, "sched_check", 9, wrong);
  }
}

static void
runs_end(struct sim *s)
{
  hart_events(s);
  obey_kicks(s);
}

// With `book`: the policy's alarm is due on q, of one hart. In the book's
// programs who runs stands in a queue meanwhile, first of all. So runs and
// slices that are over end first, then who has the hart gives it up, and only
// then comes what the policy does.
static void
book_alarm(struct sim *s, struct queue *q)
{
  struct hart *h = &s->hart[q->first];
  nsec alarm = q->rq->alarm;

  q->rq->alarm = NSEC_NEVER;
  runs_end(s);
  if (h->on) {
    struct task *t = h->on->t;

    vacate(s, h);
    sched_stop(q->rq, t, READY_PREEMPT, s->now);
  }
  q->rq->alarm = alarm;
  sched_tick(q->rq, s->now);
  sim_dispatch(s, h);
}

static void
book_alarms(struct sim *s)
{
  for (struct queue *q = s->queue; q < s->queue + s->nqueue; q++)
    if (q->n == 1 && q->rq->alarm <= s->now)
      book_alarm(s, q);
}

// All that happens now.
static void
instant(struct sim *s)
{
  s->inside = true;
  do {
    if (s->c.book) {
      book_alarms(s);
      runs_end(s);
      wake_sleepers(s);
    } else {
      wake_sleepers(s);
      hart_events(s);
    }
    obey_kicks(s);
  } while (heap_time(&s->harts) <= s->now ||
           heap_time(&s->sleepers) <= s->now);
  s->inside = false;
  if (s->c.check)
    check(s);
}

void
sim_run(struct sim *s, nsec until)
{
  while (s->alive > 0) {
    nsec h = heap_time(&s->harts), t = heap_time(&s->sleepers);
    nsec at = h < t ? h : t;

    if (at == NSEC_NEVER)
      break;
    if (at > until) {
      s->now = until;
      break;
    }
    s->now = at;
    instant(s);
  }
  for (struct hart *h = s->hart; h < s->hart + s->c.nhart; h++)
    end_span(s, h);
}
