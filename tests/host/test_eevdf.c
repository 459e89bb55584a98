// test_eevdf.c - eevdf: lag stays within a request, sleep keeps it, a change of
// weight keeps what it is worth; and shares by nice.

#include "tests/host/harness.h"

#define REQUEST MSEC(3)

static uint64_t seed;

static struct machine *
one_hart(void)
{
  return machine_new(&eevdf_policy, 1, 1, "", seed);
}

static int64_t
weight(struct machine *m, struct job *j)
{
  return sched_weight(m->rq[0], j->t);
}

// In CPU time.
static int64_t
lag(struct machine *m, struct job *j)
{
  return stat(m, j, "lag") * weight(m, j) / 1024;
}

static void
set_nice(struct machine *m, struct job *j, int nice)
{
  assert_int_equal(machine_set(m, j, "nice", nice), 0);
}

// Some that always run and some that sleep now and then, for odd times, of all
// weights; looked at in each state.
static void
test_within_a_request(void **state)
{
  struct machine *m = one_hart();
  uint64_t x = seed;
  int64_t least = 0, most = 0;

  for (int i = 0; i < 12; i++) {
    struct job *j =
      i % 3 ? machine_hog(m)
            : machine_sleeper(m, USEC(337) * (i + 1), USEC(1911) * (i + 1));

    set_nice(m, j, (int)rnd(&x, 30) - 10);
  }
  for (int step = 0; step < 30000; step++) {
    machine_run(m, USEC(100) + rnd(&x, MSEC(2)));
    for (int i = 0; i < 12; i++) {
      int64_t l = lag(m, &m->job[i]);

      least = l < least ? l : least;
      most = l > most ? l : most;
    }
  }
  assert_in_range(most, REQUEST / 4, REQUEST + USEC(1));
  assert_in_range(-least, REQUEST / 4, REQUEST + USEC(1));
  machine_free(m);
}

// Who went to sleep ahead comes back ahead, who was behind is still behind, by
// as much, however long that was.
static void
kept(nsec after, nsec sleep, bool behind)
{
  struct machine *m = one_hart();
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_sleep);
  int64_t before, back;

  j->run_for = NSEC_NEVER;
  j->sleep_for = sleep;
  if (!behind)
    machine_start(m, j, after); // it runs first
  for (int i = 0; i < 3; i++)
    machine_hog(m);
  if (behind)
    machine_start(m, j, after);
  while (j->t->state != TASK_BLOCKED)
    machine_run(m, USEC(10));
  before = lag(m, j);
  assert_true(behind ? before > (int64_t)USEC(100)
                     : before < -(int64_t)USEC(100));
  machine_run(m, j->wake - m->now - 1);
  assert_int_equal(lag(m, j), before);
  machine_run(m, 1);
  back = lag(m, j);
  assert_in_range(back - before + 100, 0, 200); // ns, by rounding
  machine_free(m);
}

static void
test_sleep_keeps(void **state)
{
  static const nsec sleeps[] = { USEC(500), MSEC(20), SEC(5) };

  for (int i = 0; i < 3; i++) {
    kept(MSEC(3), sleeps[i], false);  // after a request, the others none
    kept(USEC(300), sleeps[i], true); // after a part of one, they all
  }
}

// A sleep does not forgive: who sleeps at the end of each request has no more
// than who does not.
static void
test_no_credit(void **state)
{
  struct machine *m = one_hart();
  struct job *hog = machine_hog(m);
  struct job *j = machine_sleeper(m, MSEC(3), USEC(10));

  machine_run(m, SEC(20));
  assert_true(ran(m, j) <= ran(m, hog) + 2 * REQUEST);
  assert_true(ran(m, j) >= SEC(6)); // and has not lost much by it
  machine_free(m);
}

// A lag is worth as much CPU time with another weight, and V stays.
static void
test_change(void **state)
{
  struct machine *m = one_hart();
  struct job *j[4];

  for (int i = 0; i < 4; i++)
    j[i] = machine_hog(m);
  machine_run(m, MSEC(50) + USEC(700));
  for (int i = 0; i < 4; i++)
    for (int nice = -20; nice < 20; nice += 13) {
      int64_t before = lag(m, j[i]);

      set_nice(m, j[i], nice);
      assert_in_range(lag(m, j[i]) - before + 500, 0, 1000); // by rounding
    }
  machine_free(m);
}

// 1.25 a step.
static void
test_shares(void **state)
{
  static const struct {
    int nice;
    double share;
  } is[] = { { 1, 55.6 }, { 5, 75.3 }, { 10, 90.3 }, { 19, 98.6 } };

  for (int i = 0; i < 4; i++) {
    struct machine *m = one_hart();
    struct job *a = machine_hog(m), *b = machine_hog(m);
    double share;

    set_nice(m, b, is[i].nice);
    machine_run(m, SEC(20));
    share = 100.0 * ran(m, a) / SEC(20);
    assert_true(share > is[i].share - 0.2 && share < is[i].share + 0.2);
    machine_free(m);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_within_a_request), cmocka_unit_test(test_sleep_keeps),
    cmocka_unit_test(test_no_credit),        cmocka_unit_test(test_change),
    cmocka_unit_test(test_shares),
  };

  limit(280);
  seed = test_seed();
  return cmocka_run_group_tests_name("eevdf", tests, 0, 0);
}
