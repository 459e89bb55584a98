// engine.c - the events of the simulator: what tasks want, and what happens
// next. See sim.h.

#include <stdio.h>
#include <stdlib.h>

#include "sched/sim/private.h"

#define ENDLESS 1000000 // acts of a task that take no time, in a row

static struct sim_task *
sleeper(struct event *e)
{
  return (struct sim_task *)((char *)e - offsetof(struct sim_task, wakes));
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
  sim_forget_loans(s, h->on);
  h->on->ended = true;
  h->on->end = s->now;
  s->alive--;
  sim_block(s, h);
}

// Do what the task on h wants. False if that took no time, and it goes on.
static bool
act(struct sim *s, struct hart *h, const struct sim_act *a)
{
  struct sim_task *j = h->on;

  switch (a->kind) {
  case SIM_AGAIN:
    // As a system call that woke up somebody better: it goes on later.
    if (!sched_told(h->q->rq, h->local))
      return false;
    h->held = sim_really(s, j, s->now);
    return true;
  case SIM_RUN:
    j->left = a->span;
    h->end = sim_really(s, j, sim_after(s->now, a->span));
    return a->span > 0;
  case SIM_SLEEP:
    heap_set(&s->sleepers, &j->wakes, sim_after(s->now, a->span), s->order++);
    sim_block(s, h);
    return true;
  case SIM_BLOCK:
    sim_block(s, h);
    return true;
  case SIM_YIELD:
    sim_give_up(s, h, READY_YIELD);
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
      sim_set_event(s, h);
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
      sim_tick(s, h);
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
  sim_obey_kicks(s);
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

    sim_vacate(s, h);
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
    sim_obey_kicks(s);
  } while (heap_time(&s->harts) <= s->now || heap_time(&s->sleepers) <= s->now);
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
    sim_end_span(s, h);
}
