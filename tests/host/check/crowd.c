// crowd.c - many tasks on one hart: see crowd.h.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check/crowd.h"

uint64_t
crowd_any(struct crowd *c, uint64_t n)
{
  c->x = c->x * 6364136223846793005 + 1442695040888963407;
  return (c->x >> 33) % n;
}

struct crowd *
crowd_new(const struct sched_policy *policy, const int64_t *param, int n,
          uint64_t seed)
{
  struct crowd *c = calloc(1, sizeof(*c));
  size_t size = (sched_task_size(policy) + 15) / 16 * 16;

  c->policy = guarded(policy);
  memcpy(c->param, param, sizeof(c->param));
  c->n = n;
  c->seed = seed;
  while (policy->attrs && policy->attrs[c->nattr].name)
    c->nattr++;
  c->rq = malloc(sched_runq_size(policy));
  c->task = calloc(n, sizeof(*c->task));
  c->task[0] = malloc(n * size);
  assert(c->rq && c->task[0]);
  for (int i = 1; i < n; i++)
    c->task[i] = (struct task *)((char *)c->task[0] + i * size);
  return c;
}

void
crowd_free(struct crowd *c)
{
  free(c->task[0]);
  free(c->task);
  free(c->rq);
  free(c);
}

void
crowd_begin(struct crowd *c)
{
  guard_before = guard_after = 0;
  guard_on_ready = 0;
  c->x = c->seed;
  c->made = 0;
  c->now = SEC(1000);
  sched_runq_init(c->rq, c->policy, c->param, 0, 1, c->seed, c->now);
  c->on = sched_pick(c->rq, 0, c->now);
}

// ---- the hart --------------------------------------------------------------

static void
choose(struct crowd *c)
{
  guard_log.n = 0;
  c->on = sched_pick(c->rq, 0, c->now);
}

void
crowd_obey(struct crowd *c)
{
  while (sched_kicks(c->rq)) {
    if (c->on && sched_told(c->rq, 0))
      sched_stop(c->rq, c->on, READY_PREEMPT, c->now);
    else if (c->on)
      continue;
    choose(c);
  }
}

static void
pass(struct crowd *c, nsec to)
{
  guard_log.n = 0; // what led here is told otherwise
  c->now = to > c->now ? to : c->now;
  sched_tick(c->rq, c->now);
  crowd_obey(c);
}

// A slice that never ends is left after a while.
void
crowd_pass(struct crowd *c, nsec to)
{
  nsec end = c->on ? sched_next_tick(c->rq, c->on) : to;

  end = end < to ? end : to;
  if (end <= c->now + SEC(20)) {
    pass(c, end);
    return;
  }
  pass(c, c->now + SEC(1));
  if (c->on)
    crowd_yield(c);
}

void
crowd_slice(struct crowd *c)
{
  crowd_pass(c, NSEC_NEVER);
}

void
crowd_block(struct crowd *c)
{
  guard_log.n = 0;
  sched_block(c->rq, c->on, c->now);
  choose(c);
}

void
crowd_wake(struct crowd *c, struct task *t)
{
  guard_log.n = 0;
  sched_ready(c->rq, t, READY_WAKE, c->now);
  crowd_obey(c);
}

void
crowd_yield(struct crowd *c)
{
  guard_log.n = 0;
  sched_stop(c->rq, c->on, READY_YIELD, c->now);
  choose(c);
}

// ---- tasks -----------------------------------------------------------------

struct task *
crowd_add(struct crowd *c)
{
  struct task *t = c->task[c->made];

  guard_log.n = 0;
  assert(c->made < c->n);
  sched_task_init(c->rq, t, 0, c->made++, SCHED_ANYHART, c->now);
  sched_ready(c->rq, t, READY_NEW, c->now);
  crowd_obey(c);
  return t;
}

static void
set_some(struct crowd *c, struct task *t)
{
  const struct sched_attr *a;
  int64_t range;

  if (c->nattr == 0)
    return;
  guard_log.n = 0;
  a = &c->policy->attrs[crowd_any(c, c->nattr)];
  range = a->max - a->min < 1 << 20 ? a->max - a->min + 1 : 1 << 20;
  sched_set(c->rq, t, a->name, a->min + (int64_t)crowd_any(c, range), c->now);
  crowd_obey(c);
}

struct task *
crowd_create(struct crowd *c)
{
  struct task *t = crowd_add(c);

  for (int i = 0; i < c->nattr; i++)
    set_some(c, t);
  pass(c, c->now + crowd_any(c, MSEC(1)));
  return t;
}

static struct task *
one_that_waits(struct crowd *c)
{
  for (;;) {
    struct task *t = c->task[crowd_any(c, c->made)];

    if (t->state == TASK_READY)
      return t;
  }
}

// It blocks, another runs, and it wakes.
static void
sleep_a_while(struct crowd *c)
{
  struct task *t = c->on;

  pass(c, c->now + crowd_any(c, USEC(500)));
  if (c->on != t)
    return;
  crowd_block(c);
  pass(c, c->now + crowd_any(c, MSEC(20)));
  crowd_wake(c, t);
}

// As if it went to another queue, and came back.
static void
move(struct crowd *c)
{
  struct task *t = one_that_waits(c);

  guard_log.n = 0;
  sched_take(c->rq, t, c->now);
  sched_ready(c->rq, t, READY_MOVED, c->now);
  crowd_obey(c);
}

static void
to_alarm(struct crowd *c)
{
  if (c->rq->alarm != NSEC_NEVER)
    pass(c, c->rq->alarm);
}

void
crowd_round(struct crowd *c)
{
  crowd_slice(c);
  crowd_yield(c);
  sleep_a_while(c);
  move(c);
  set_some(c, one_that_waits(c));
  set_some(c, c->on);
  if (crowd_any(c, 8) == 0)
    to_alarm(c);
}
