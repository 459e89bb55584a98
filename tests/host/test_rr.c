// test_rr.c - round robin: who runs when, to the nanosecond.

#include "tests/host/harness.h"

// The k-th pick in the log is this.
static void
assert_pick(const struct machine *m, int k, nsec at, int id)
{
  assert_in_range(k, 0, m->nlog - 1);
  assert_int_equal(m->log[k].at, at);
  assert_int_equal(m->log[k].id, id);
}

static void
test_turns(void **state)
{
  struct machine *m = machine_new(&rr_policy, 1, 1, "", 1);

  for (int i = 0; i < 3; i++)
    machine_hog(m);
  m->nlog = 0;
  machine_run(m, MSEC(100));
  assert_int_equal(m->nlog, 10);
  for (int k = 0; k < 10; k++)
    assert_pick(m, k, MSEC(10) * (k + 1), (k + 1) % 3);
  machine_free(m);
}

static void
test_slice_parameter(void **state)
{
  struct machine *m = machine_new(&rr_policy, 1, 1, "slice=1.5ms", 1);
  struct sched_promise p;

  for (int i = 0; i < 4; i++)
    machine_hog(m);
  m->nlog = 0;
  machine_run(m, MSEC(15));
  assert_int_equal(m->nlog, 10);
  for (int k = 0; k < 10; k++)
    assert_pick(m, k, USEC(1500) * (k + 1), (k + 1) % 4);
  assert_true(promised(m, "wait", 0, &p));
  assert_int_equal(p.n[0], USEC(1500));
  assert_true(promised(m, "equal", 0, &p));
  assert_int_equal(p.n[0], USEC(1500));
  assert_false(promised(m, "strict", 0, &p));
  machine_free(m);
}

// One that wakes waits its turn behind all, whatever it used; it pushes no
// one out.  A yield goes to the tail as well.
static void
test_wake_at_tail(void **state)
{
  struct machine *m = machine_new(&rr_policy, 1, 1, "", 1);
  struct job *j;

  machine_hog(m);
  machine_hog(m);
  j = machine_job(m, 0, SCHED_ANYHART, act_sleep);
  j->run_for = MSEC(1);
  j->sleep_for = MSEC(2);
  machine_start(m, j, MSEC(1));
  m->nlog = 0;
  machine_run(m, MSEC(63));
  // 0 until 10, 1 until 20, then 2 for 1 ms; it wakes at 23, and so on.
  assert_pick(m, 0, MSEC(10), 1);
  assert_pick(m, 1, MSEC(20), 2);
  assert_pick(m, 2, MSEC(21), 0);
  assert_pick(m, 3, MSEC(31), 1);
  assert_pick(m, 4, MSEC(41), 2);
  assert_pick(m, 5, MSEC(42), 0);
  assert_pick(m, 6, MSEC(52), 1);
  assert_pick(m, 7, MSEC(62), 2);
  assert_int_equal(stats(m, j).max_wait, MSEC(20));
  machine_free(m);
}

// Two harts, one queue: the next in line goes to whichever hart is free.
static void
test_two_harts(void **state)
{
  struct machine *m = machine_new(&rr_policy, 2, 1, "", 1);

  for (int i = 0; i < 3; i++)
    machine_hog(m);
  machine_run(m, MSEC(3000));
  for (int i = 0; i < 3; i++)
    assert_int_equal(ran(m, &m->job[i]), MSEC(2000));
  machine_free(m);
}

// The head is pinned to a busy hart: the next one that may run does.
static void
test_passes_over(void **state)
{
  struct machine *m = machine_new(&rr_policy, 2, 1, "", 1);
  struct job *a, *b, *c;

  a = machine_job(m, 0, 1 << 0, 0);
  b = machine_job(m, 0, 1 << 0, 0);
  c = machine_job(m, 0, SCHED_ANYHART, 0);
  machine_start(m, a, NSEC_NEVER);
  machine_start(m, b, NSEC_NEVER);
  machine_start(m, c, NSEC_NEVER);
  machine_run(m, MSEC(1000));
  assert_int_equal(ran(m, a), MSEC(500));
  assert_int_equal(ran(m, b), MSEC(500));
  assert_int_equal(ran(m, c), MSEC(1000));
  machine_free(m);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_turns),        cmocka_unit_test(test_slice_parameter),
    cmocka_unit_test(test_wake_at_tail), cmocka_unit_test(test_two_harts),
    cmocka_unit_test(test_passes_over),
  };

  limit(60);
  return cmocka_run_group_tests_name("rr", tests, 0, 0);
}
