// fuzz.h - for test_fuzz.c: calls of the core with random arguments, each with
// what a model has to say about the statistics.

#ifndef TESTS_HOST_FUZZ_H
#define TESTS_HOST_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "tests/host/harness.h"

#define NTASK 24

// What the statistics have to be.
struct model {
  nsec since;
  struct task_stats st;
  int hart;
};

struct world {
  struct machine *m;
  struct model model[MAXJOB];
  uint64_t x;       // of rnd
  uint64_t pending; // kicks that have not been obeyed
  int ids[NTASK];   // a slot's task; -1 if it has none
};

static uint64_t
any(struct world *w, uint64_t n)
{
  return rnd(&w->x, n);
}

// A clock that was read a little earlier now and then.
static nsec
clock(struct world *w)
{
  nsec late = any(w, 4) ? 0 : any(w, USEC(200));

  return w->m->now > late ? w->m->now - late : 0;
}

// What the core makes of it on rq.
static nsec
effective(const struct runq *rq, nsec now)
{
  return now > rq->charged ? now : rq->charged;
}

static struct runq *
queue_of(struct world *w, const struct task *t)
{
  return w->m->rq[t->queue >= 0 ? t->queue : 0];
}

static struct runq *
queue_of_hart(struct world *w, int hart)
{
  return w->m->rq[hart % w->m->nqueue];
}

static void
collect_kicks(struct world *w)
{
  for (int q = 0; q < w->m->nqueue; q++)
    w->pending |= sched_kicks(w->m->rq[q]);
}

// --- calls, each with the model's view of it ---------------------------------

static void
pick(struct world *w, int hart)
{
  struct runq *rq = queue_of_hart(w, hart);
  nsec now = clock(w), at = effective(rq, now);
  struct task *t = sched_pick(rq, hart, now);
  struct model *o;
  nsec waited;

  w->m->on[hart] = t;
  w->pending &= ~(1ull << hart);
  if (t == 0)
    return;
  o = &w->model[t->id];
  waited = at > o->since ? at - o->since : 0;
  o->st.waited += waited;
  if (waited > o->st.max_wait)
    o->st.max_wait = waited;
  o->st.switches++;
  o->st.moved += o->hart >= 0 && o->hart != hart;
  o->hart = hart;
  o->since = at;
}

// The model of a task that stops running.
static void
model_stop(struct world *w, const struct task *t, nsec now)
{
  struct model *o = &w->model[t->id];
  nsec at = effective(queue_of(w, t), now);

  o->st.ran += at - o->since;
  o->since = at;
}

static void
stop(struct world *w, int hart, enum ready_why why)
{
  struct task *t = w->m->on[hart];
  nsec now = clock(w);

  model_stop(w, t, now);
  w->model[t->id].st.preempted += why != READY_YIELD;
  sched_stop(queue_of(w, t), t, why, now);
  w->m->on[hart] = 0;
}

static void
block(struct world *w, int hart)
{
  struct task *t = w->m->on[hart];
  nsec now = clock(w);

  model_stop(w, t, now);
  sched_block(queue_of(w, t), t, now);
  w->m->on[hart] = 0;
}

static void
forget(struct world *w, struct task *t)
{
  for (int i = 0; i < NTASK; i++)
    if (w->ids[i] == t->id)
      w->ids[i] = -1;
  w->m->job[t->id].t = 0;
  memset(t, 0x5a, sched_task_size(w->m->policy));
  free(t);
}

static void
ready(struct world *w, struct runq *rq, struct task *t, enum ready_why why)
{
  nsec now = clock(w);

  if (why != READY_MOVED)
    w->model[t->id].since = effective(rq, now);
  w->model[t->id].st.woken += why == READY_WAKE;
  sched_ready(rq, t, why, now);
}

// Some queue that t may be on.
static struct runq *
some_queue(struct world *w, const struct task *t)
{
  int q = any(w, w->m->nqueue);

  while (sched_misplaced(w->m->rq[q], t))
    q = (q + 1) % w->m->nqueue;
  return w->m->rq[q];
}

static uint64_t
some_harts(struct world *w)
{
  uint64_t all = (1ull << w->m->nhart) - 1;

  return any(w, 3) ? SCHED_ANYHART : any(w, all) + 1;
}

static void
create(struct world *w, int slot)
{
  struct task *parent = 0;
  struct task *t = malloc(sched_task_size(w->m->policy));
  int other = w->ids[any(w, NTASK)];
  struct runq *rq;
  int id = 0;

  while (w->m->job[id].t)
    id++;
  if (other >= 0)
    parent = w->m->job[other].t;
  rq = parent ? queue_of(w, parent) : w->m->rq[any(w, w->m->nqueue)];
  sched_task_init(rq, t, parent, id, some_harts(w), clock(w));
  w->m->job[id].t = t;
  w->m->njob = id >= w->m->njob ? id + 1 : w->m->njob;
  w->model[id] = (struct model){ .hart = -1 };
  w->ids[slot] = id;
  if (any(w, 8))
    ready(w, some_queue(w, t), t, READY_NEW);
}

static void
move(struct world *w, struct task *t)
{
  sched_take(queue_of(w, t), t, clock(w));
  machine_check(w->m);
  ready(w, some_queue(w, t), t, READY_MOVED);
}

// Hart idles: what a thief does.
static void
steal(struct world *w, int hart)
{
  struct runq *from = w->m->rq[any(w, w->m->nqueue)];
  struct task *t;

  if (from == queue_of_hart(w, hart))
    return;
  t = sched_spare(from, hart, clock(w));
  assert_true((t != 0) == (sched_ready_for(from, hart) > 0));
  if (t == 0)
    return;
  sched_take(from, t, clock(w));
  ready(w, queue_of_hart(w, hart), t, READY_MOVED);
  pick(w, hart);
}

static void
set_something(struct world *w, struct task *t)
{
  const struct sched_attr *attrs = w->m->policy->attrs;
  int n = 0;

  while (attrs && attrs[n].name)
    n++;
  if (any(w, 4) == 0) {
    int64_t lent = any(w, any(w, 2) ? 2000 : 1 << 30);

    assert_true((sched_lend(queue_of(w, t), t, lent, clock(w)) == 0) ==
                (w->m->policy->lend != 0));
  } else if (n > 0) {
    const struct sched_attr *a = &attrs[any(w, n)];

    sched_set(queue_of(w, t), t, a->name,
              a->min + any(w, a->max - a->min + 3) - 1, clock(w));
  }
}

static void
check_stats(struct world *w, struct task *t)
{
  struct model *o = &w->model[t->id];
  struct runq *rq = queue_of(w, t);
  struct task_stats st;
  nsec now = clock(w), at = effective(rq, now);
  nsec passed = at > o->since ? at - o->since : 0;
  int64_t out[SCHED_MAXSTAT];

  sched_stats(rq, t, &st, out, now);
  if (t->state == TASK_RUNNING)
    passed += o->st.ran;
  assert_int_equal(st.ran, t->state == TASK_RUNNING ? passed : o->st.ran);
  if (t->state == TASK_READY) {
    assert_int_equal(st.waited, o->st.waited + passed);
    assert_int_equal(st.max_wait,
                     passed > o->st.max_wait ? passed : o->st.max_wait);
  }
  assert_int_equal(st.switches, o->st.switches);
  assert_int_equal(st.woken, o->st.woken);
  assert_int_equal(st.moved, o->st.moved);
  assert_int_equal(st.preempted, o->st.preempted);
}

#endif
