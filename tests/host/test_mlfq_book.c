// test_mlfq_book.c - what OSTEP's rules leave open and mlfq settles as the
// book's program mlfq.py does, and the parameters that follow its options.

#include <stdlib.h>

#include "tests/host/harness.h"

static struct machine *
with(const char *params)
{
  return machine_new(&mlfq_policy, 1, 1, params, 1);
}

static int
level(struct machine *m, struct job *j)
{
  return stat(m, j, "level");
}

// -Q 5,10,20 -A 2,1,1: 10 ms on top in slices of 5, then 10, then 20.
static void
test_lists_by_level(void **state)
{
  struct machine *m = with("levels=3 slice=5ms,10ms,20ms allot=2,1 boost=0");
  struct job *a = machine_hog(m), *b = machine_hog(m);
  static const int ends[] = { 5, 10, 15, 20, 30, 40, 60, 80, 100 };

  m->nlog = 0;
  machine_run(m, MSEC(100));
  for (int i = 0; i < 8; i++) {
    assert_int_equal(m->log[i].at, MSEC(ends[i]));
    assert_int_equal(m->log[i].id, i % 2 ? a->t->id : b->t->id);
  }
  assert_int_equal(level(m, a), 2);
  machine_free(m);
}

// Levels beyond the list grow as ever.
static void
test_lists_may_be_short(void **state)
{
  struct machine *m = with("levels=4 slice=10ms,15ms grow=2 allot=1 boost=0");
  struct sched_promise p;
  static const int slice[] = { 10, 15, 30, 60 };

  for (int i = 0; i < 4; i++) {
    assert_true(promised(m, "level", i, &p));
    assert_int_equal(p.n[1], MSEC(slice[i]));
    assert_int_equal(p.n[2], i < 3 ? MSEC(slice[i]) : 0);
  }
  machine_free(m);
}

// Who sleeps on the last level has the rest of its slice when it wakes.
static void
test_sleep_keeps_rest(void **state)
{
  struct machine *m = with("levels=1 slice=10ms boost=0");
  struct job *napper = machine_sleeper(m, MSEC(4), MSEC(1)), *hog;

  hog = machine_hog(m);
  machine_run(m, MSEC(14)); // the napper ran for 4, the hog for 10
  assert_ptr_equal(m->on[0], napper->t);
  assert_int_equal(napper->t->slice, MSEC(6));
  machine_run(m, MSEC(14)); // the same again
  assert_ptr_equal(m->on[0], napper->t);
  assert_int_equal(napper->t->slice, MSEC(2));
  machine_run(m, MSEC(2));
  assert_ptr_equal(m->on[0], hog->t);
  machine_free(m);
}

// After how much CPU time does one that runs for 4 ms and sleeps sink?
static nsec
sinks_after(const char *params)
{
  struct machine *m = with(params);
  struct job *napper = machine_sleeper(m, MSEC(4), MSEC(1));
  nsec got;

  while (level(m, napper) == 0 && m->now < MSEC(500))
    machine_run(m, MSEC(1));
  got = ran(m, napper);
  machine_free(m);
  return got;
}

static void
test_stay(void **state)
{
  assert_int_equal(sinks_after("levels=2 slice=10ms boost=0"), MSEC(10));
  assert_int_equal(sinks_after("levels=2 slice=10ms allot=3 boost=0"),
                   MSEC(30));
  assert_int_equal(sinks_after("levels=2 slice=10ms boost=0 stay=1"),
                   MSEC(400));
}

// When does one that wakes at 15 ms beside two hogs of its level run?
static nsec
runs_at(const char *params)
{
  struct machine *m = with(params);
  struct job *napper = machine_sleeper(m, MSEC(1), MSEC(14));
  nsec at;

  machine_hog(m);
  machine_hog(m);
  machine_run(m, MSEC(2));
  while (m->on[0] != napper->t && m->now < MSEC(500))
    machine_run(m, MSEC(1));
  at = m->now;
  machine_free(m);
  return at;
}

static void
test_front(void **state)
{
  assert_int_equal(runs_at("levels=1 slice=10ms boost=0"), MSEC(31));
  assert_int_equal(runs_at("levels=1 slice=10ms boost=0 front=1"), MSEC(15));
}

// Two that wake at once: the last one first, then the other, then who ran, with
// the rest of its slice.
static void
test_front_order(void **state)
{
  struct machine *m = with("levels=1 slice=10ms boost=0 front=1");
  struct job *a = machine_job(m, 0, SCHED_ANYHART, act_exit);
  struct job *b = machine_job(m, 0, SCHED_ANYHART, act_exit), *hog, *other;

  hog = machine_hog(m);
  other = machine_hog(m);
  machine_run(m, MSEC(4));
  a->burst = b->burst = MSEC(3);
  a->wake = b->wake = MSEC(7);
  m->nlog = 0;
  machine_run(m, MSEC(13));
  assert_int_equal(ran(m, hog), MSEC(10));
  assert_int_equal(ran(m, other), MSEC(1));
  for (int i = 0, k = 0; i < m->nlog; i++) {
    struct job *want[] = { b, a, hog, other };
    static const int at[] = { 7, 10, 13, 16 };

    if (i + 1 < m->nlog && m->log[i + 1].at == m->log[i].at)
      continue; // it had the hart for no time
    assert_int_equal(m->log[i].id, want[k] - m->job);
    assert_int_equal(m->log[i].at, MSEC(at[k++]));
  }
  machine_free(m);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lists_by_level),
    cmocka_unit_test(test_lists_may_be_short),
    cmocka_unit_test(test_sleep_keeps_rest),
    cmocka_unit_test(test_stay),
    cmocka_unit_test(test_front),
    cmocka_unit_test(test_front_order),
  };

  limit(60);
  return cmocka_run_group_tests_name("mlfq_book", tests, 0, 0);
}
