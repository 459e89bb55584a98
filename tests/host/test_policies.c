// test_policies.c - what every policy has to do, tried with each one found in
// sched/, on one hart and several, with one queue and several.  What only
// some promise is tried with those that do; no policy is known by name.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/harness.h"

static uint64_t seed;

static nsec
all_ran(struct machine *m)
{
  nsec sum = 0;

  for (int i = 0; i < m->njob; i++)
    if (m->job[i].t)
      sum += ran(m, &m->job[i]);
  return sum;
}

// More hogs than harts: no hart is ever idle, and all time is accounted for.
static void
busy(struct machine *m)
{
  for (int i = 0; i < 3 * m->nhart; i++)
    machine_hog(m);
  m->idled = 0;
  machine_run(m, SEC(2));
  assert_int_equal(m->idled, 0);
  assert_int_equal(all_ran(m), m->nhart * SEC(2));
}

static void
test_busy(void **state)
{
  each_shape(seed, busy);
}

// Fewer hogs than harts: each has a hart of its own.
static void
spacious(struct machine *m)
{
  for (int i = 0; i < m->nhart - 1; i++)
    machine_hog(m);
  machine_run(m, SEC(1));
  for (int i = 0; i < m->njob; i++)
    assert_int_equal(ran(m, &m->job[i]), SEC(1));
  assert_int_equal(m->idled, SEC(1));
}

static void
test_spacious(void **state)
{
  each_shape(seed, spacious);
}

// Every nanosecond of a job's life is spent running, waiting or sleeping, and
// what it ran is what it had to do.
static void
adds_up(struct machine *m)
{
  nsec since = m->now;

  for (int i = 0; i < 2 * m->nhart; i++) {
    machine_hog(m);
    machine_sleeper(m, USEC(300) + i, MSEC(3));
    machine_sleeper(m, MSEC(12), USEC(50) + i);
  }
  m->idled = 0;
  machine_run(m, SEC(1));
  for (int i = 0; i < m->njob; i++) {
    struct job *j = &m->job[i];
    struct task_stats st = stats(m, j);
    nsec slept = j->count * j->sleep_for;

    if (j->act == 0) {
      assert_int_equal(st.ran + st.waited, m->now - since);
      continue;
    }
    if (j->t->state == TASK_BLOCKED)
      slept -= j->wake - m->now;
    assert_int_equal(st.ran, j->count * j->run_for + j->run_for - j->burst);
    assert_int_equal(st.ran + st.waited + slept, m->now - since);
    assert_int_equal(st.woken, j->count - (j->t->state == TASK_BLOCKED));
    assert_true(st.switches >= (uint64_t)j->count);
    assert_true(st.max_wait <= st.waited);
  }
  assert_int_equal(all_ran(m) + m->idled, m->nhart * SEC(1));
}

static void
test_adds_up(void **state)
{
  each_shape(seed, adds_up);
}

// Jobs come and go; each child is born on its parent's queue.
static enum deed
act_family(struct machine *m, struct job *j)
{
  struct job *child;

  if (m->njob == MAXJOB)
    return EXIT;
  child = machine_job(m, j, SCHED_ANYHART, act_family);
  machine_start(m, child, USEC(700));
  j->burst = MSEC(1);
  return ++j->count == 3 ? EXIT : GO_ON;
}

static void
families(struct machine *m)
{
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_family);
  int left = 0;

  machine_start(m, j, MSEC(1));
  machine_run(m, SEC(30));
  assert_int_equal(m->njob, MAXJOB);
  for (int i = 0; i < m->njob; i++)
    left += m->job[i].t != 0;
  assert_int_equal(left, 0);
  for (int h = 0; h < m->nhart; h++)
    assert_null(m->on[h]);
}

static void
test_families(void **state)
{
  each_shape(seed, families);
}

// All are born on one queue of several; idle harts take their share.
static void
stealing(struct machine *m)
{
  struct job *first = machine_job(m, 0, SCHED_ANYHART, 0);

  machine_start(m, first, NSEC_NEVER);
  while (m->njob < 2 * m->nhart)
    machine_start(m, machine_job(m, first, SCHED_ANYHART, 0), NSEC_NEVER);
  m->idled = 0;
  machine_run(m, SEC(1));
  assert_int_equal(m->idled, 0);
}

static void
test_stealing(void **state)
{
  each_shape(seed, stealing);
}

// Pinned tasks run where they may, also when that changes; the log tells.
static void
affinity(struct machine *m)
{
  uint64_t all = (1ull << m->nhart) - 1;
  uint64_t x = seed;
  struct job *j[12];

  for (int i = 0; i < 12; i++) {
    j[i] = i % 3 ? machine_sleeper(m, USEC(500), USEC(500)) : machine_hog(m);
    j[i]->count = 0;
  }
  for (int step = 0; step < 400; step++) {
    struct job *changed = j[rnd(&x, 12)];
    uint64_t mask = rnd(&x, all) + 1;

    machine_affinity(m, changed, rnd(&x, 4) ? mask : SCHED_ANYHART);
    m->nlog = 0;
    machine_run(m, rnd(&x, MSEC(5)) + 1);
    for (int k = 0; k < m->nlog; k++)
      if (m->log[k].id >= 0)
        assert_true(task_may_run(m->job[m->log[k].id].t, m->log[k].hart));
    for (int h = 0; h < m->nhart; h++)
      if (m->on[h])
        assert_true(task_may_run(m->on[h], h));
  }
}

static void
test_affinity(void **state)
{
  each_shape(seed, affinity);
}

// One hog pinned to each hart, and as many that are not: all harts stay
// busy, and no pinned hog is left out.
static void
pinned(struct machine *m)
{
  struct sched_promise p;

  for (int h = 0; h < m->nhart; h++) {
    machine_start(m, machine_job(m, 0, 1ull << h, 0), NSEC_NEVER);
    machine_hog(m);
  }
  m->idled = 0;
  machine_run(m, SEC(5));
  assert_int_equal(m->idled, 0);
  for (int i = 0; promised(m, "live", 0, &p) && i < m->njob; i++)
    assert_true(ran(m, &m->job[i]) > 0);
}

static void
test_pinned(void **state)
{
  each_shape(seed, pinned);
}

// The same seed gives the same run, to the last pick.
static void
test_repeats(void **state)
{
  for (int i = 0; all_policies[i]; i++)
    for (const struct shape *s = shapes; s->nhart > 0; s++) {
      struct machine *m[2];

      for (int k = 0; k < 2; k++) {
        m[k] = machine_new(all_policies[i], s->nhart, s->nqueue, "", seed);
        adds_up(m[k]);
      }
      assert_int_equal(m[0]->nlog, m[1]->nlog);
      for (int k = 0; k < m[0]->nlog; k++) {
        assert_int_equal(m[0]->log[k].at, m[1]->log[k].at);
        assert_int_equal(m[0]->log[k].hart, m[1]->log[k].hart);
        assert_int_equal(m[0]->log[k].id, m[1]->log[k].id);
      }
      machine_free(m[0]);
      machine_free(m[1]);
    }
}

// Hogs switch at slice ends only: none is thrashed.
static void
no_thrash(struct machine *m)
{
  nsec slice = MSEC(10);
  uint64_t switches = 0;
  struct sched_promise p;

  for (const struct sched_param *p = m->policy->params; p && p->name; p++)
    if (strcmp(p->name, "slice") == 0)
      slice = p->init;
  for (int i = 0; i < 5; i++)
    machine_hog(m);
  machine_run(m, SEC(3));
  for (int i = 0; i < 5; i++)
    switches += stats(m, &m->job[i]).switches;
  assert_in_range(switches, promised(m, "live", 0, &p) ? 5 : 1,
                  SEC(3) / slice + 5);
}

static void
test_no_thrash(void **state)
{
  each_policy(seed, no_thrash);
}

// Among yielders, everyone gets on.
static void
yielders(struct machine *m)
{
  for (int i = 0; i < 4 * m->nhart; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, act_yield);

    j->run_for = USEC(100);
    machine_start(m, j, j->run_for);
  }
  machine_run(m, SEC(1));
  for (int i = 0; i < m->njob; i++)
    assert_true(m->job[i].count > 100);
}

static void
test_yielders(void **state)
{
  each_shape(seed, yielders);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_busy),      cmocka_unit_test(test_spacious),
    cmocka_unit_test(test_adds_up),   cmocka_unit_test(test_families),
    cmocka_unit_test(test_stealing),  cmocka_unit_test(test_affinity),
    cmocka_unit_test(test_pinned),    cmocka_unit_test(test_repeats),
    cmocka_unit_test(test_no_thrash), cmocka_unit_test(test_yielders),
  };

  limit(280);
  seed = test_seed();
  return cmocka_run_group_tests_name("policies", tests, 0, 0);
}
