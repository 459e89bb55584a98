// test_fuzz.c - long runs of random calls, of every policy and the toy, with
// one queue and several.  After each call everything is checked: the policy's
// own check(), a census of the tasks, and the statistics against a model that
// is kept beside.  Kicks are obeyed late and in any order; clocks are read
// before the lock; tasks exit and their memory goes.
//
// SEED and STEPS in the environment give other and longer runs.

#include <stdio.h>
#include <stdlib.h>

#include "tests/host/harness.h"
#include "tests/host/fuzz.h"
#include "tests/host/toy.h"

static void
obey(struct world *w, int hart)
{
  if (w->m->on[hart]) {
    if (!sched_told(queue_of_hart(w, hart), hart)) {
      w->pending &= ~(1ull << hart);
      return;
    }
    stop(w, hart, READY_PREEMPT);
  }
  pick(w, hart);
}

static void
step_hart(struct world *w, int hart)
{
  struct task *t = w->m->on[hart];

  if (t == 0) {
    if (any(w, 2))
      steal(w, hart);
    else
      pick(w, hart);
    return;
  }
  switch (any(w, 8)) {
  case 0:
    stop(w, hart, READY_YIELD);
    pick(w, hart);
    break;
  case 1:
    block(w, hart);
    pick(w, hart);
    if (any(w, 8) == 0)
      forget(w, t);
    break;
  case 2:
    block(w, hart);
    pick(w, hart);
    break;
  case 3:
    obey(w, hart);
    break;
  default:
    sched_tick(queue_of_hart(w, hart), clock(w));
  }
}

static void
step_task(struct world *w, int slot)
{
  struct task *t;

  if (w->ids[slot] < 0) {
    create(w, slot);
    return;
  }
  t = w->m->job[w->ids[slot]].t;
  switch (any(w, 8)) {
  case 0:
    set_something(w, t);
    break;
  case 1:
    sched_affinity(queue_of(w, t), t, some_harts(w), clock(w));
    break;
  case 2:
    check_stats(w, t);
    break;
  case 3:
    if (t->state == TASK_READY)
      move(w, t);
    else if (t->state == TASK_BLOCKED)
      sched_welcome(w->m->rq[any(w, w->m->nqueue)], t, clock(w));
    break;
  default:
    if (t->state == TASK_BLOCKED)
      ready(w, some_queue(w, t), t, t->hart < 0 ? READY_NEW : READY_WAKE);
  }
}

// Obey all kicks, so that machine_check sees who should run do so.
static void
settle(struct world *w)
{
  for (collect_kicks(w); w->pending; collect_kicks(w)) {
    int hart = any(w, w->m->nhart);

    while (!(w->pending >> hart & 1))
      hart = (hart + 1) % w->m->nhart;
    obey(w, hart);
  }
  for (int q = 0; q < w->m->nqueue; q++)
    assert_int_equal(w->m->rq[q]->told, 0);
}

static void
fuzz(const struct sched_policy *policy, int nhart, int nqueue,
     const char *params, uint64_t seed, int steps)
{
  struct world w = { .x = seed * 1000003 + nhart * 101 + nqueue };

  w.m = machine_new(policy, nhart, nqueue, params, seed);
  for (int i = 0; i < NTASK; i++)
    w.ids[i] = -1;
  for (int s = 0; s < steps; s++) {
    static const nsec hops[] = { 0, USEC(5), MSEC(3), MSEC(40) };

    w.m->now += any(&w, hops[any(&w, 4)] + 1);
    if (any(&w, 2))
      step_hart(&w, any(&w, nhart));
    else
      step_task(&w, any(&w, NTASK));
    collect_kicks(&w);
    machine_check(w.m);
    if (any(&w, 8) == 0) {
      settle(&w);
      machine_check(w.m);
    }
  }
  machine_free(w.m);
}

static void
test_fuzz(void **state)
{
  static const struct shape some[] = { { 1, 1 }, { 2, 1 }, { 4, 1 },
                                       { 7, 1 }, { 4, 4 }, { 6, 2 } };
  const char *s = getenv("STEPS");
  int steps = s ? atoi(s) : 10000;
  uint64_t seed = test_seed();

  for (int i = -1; i < 0 || all_policies[i]; i++)
    for (size_t k = 0; k < sizeof(some) / sizeof(some[0]); k++)
      for (int n = 0; n < 3; n++)
        fuzz(i < 0 ? &toy_policy : all_policies[i], some[k].nhart,
             some[k].nqueue, "", seed + n, steps);
}

// The same with parameters at the ends of their ranges.
static void
test_fuzz_params(void **state)
{
  uint64_t seed = test_seed(), x = seed;
  char words[256], *end;

  for (int i = 0; all_policies[i]; i++)
    for (int n = 0; n < 10; n++) {
      const struct sched_param *p = all_policies[i]->params;

      end = words;
      *end = 0;
      for (; p && p->name; p++)
        if (rnd(&x, 2))
          end += sprintf(end, "%s=%lld%s ", p->name,
                         (long long)(rnd(&x, 2) ? p->min : p->max),
                         p->unit == UNIT_TIME ? "ns" : "");
      fuzz(all_policies[i], 3, 1, words, seed + n, 2000);
    }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_fuzz),
    cmocka_unit_test(test_fuzz_params),
  };

  limit(280);
  return cmocka_run_group_tests_name("fuzz", tests, 0, 0);
}
