// test_book.c - answers that the book and the papers give: FIFO, STCF and RR
// by OSTEP chapter 7, stride by chapter 9, EEVDF by its report.

#include "tests/host/harness.h"

#define MAXWORK 8

static enum deed
act_done(struct machine *m, struct job *j)
{
  j->count = m->now;
  return EXIT;
}

// Mean turnaround, in ms, of jobs that arrive together, each told its length.
static double
turnaround(const struct sched_policy *policy, const char *params, const int *ms,
           int n)
{
  struct machine *m = machine_new(policy, 1, 1, params, 1);
  double sum = 0;

  for (int i = 0; i < n; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, act_done);

    machine_set(m, j, "burst", MSEC(ms[i])); // refused by some
    machine_start(m, j, MSEC(ms[i]));
  }
  machine_run(m, SEC(10));
  for (int i = 0; i < n; i++) {
    assert_null(m->job[i].t);
    sum += m->job[i].count;
  }
  machine_free(m);
  return sum / n / MSEC(1);
}

static void
test_turnaround(void **state)
{
  const int convoy[] = { 100, 10, 10 }, even[] = { 5, 5, 5 };

  assert_true(turnaround(&fifo_policy, "", convoy, 3) == 110);
  assert_true(turnaround(&stcf_policy, "", convoy, 3) == 50);
  assert_true(turnaround(&rr_policy, "slice=1ms", even, 3) == 14);
  assert_true(turnaround(&fifo_policy, "", even, 3) == 10);
}

// A runs alone; B and C, shorter, come at 10 ms and push it out: OSTEP's
// figure 7.5, turnarounds 120, 10, 20.
static void
test_late_arrival(void **state)
{
  struct machine *m = machine_new(&stcf_policy, 1, 1, "", 1);
  struct job *j[3];

  for (int i = 0; i < 3; i++) {
    nsec burst = i == 0 ? MSEC(100) : MSEC(10);

    j[i] = machine_job(m, 0, SCHED_ANYHART, act_done);
    machine_set(m, j[i], "burst", burst);
    machine_start(m, j[i], burst);
    if (i == 0)
      machine_run(m, MSEC(10));
  }
  machine_run(m, SEC(1));
  assert_int_equal(j[0]->count, MSEC(120));
  assert_int_equal(j[1]->count, MSEC(20));
  assert_int_equal(j[2]->count, MSEC(30));
  machine_free(m);
}

// Told nothing, it learns: short bursts go before a hog.
static void
test_learns(void **state)
{
  struct machine *m = machine_new(&stcf_policy, 1, 1, "guess=50ms", 1);
  struct job *j;

  machine_hog(m);
  machine_hog(m);
  j = machine_sleeper(m, MSEC(1), MSEC(5));
  machine_run(m, SEC(1));
  assert_in_range(stats(m, j).woken, 100, 200);
  assert_in_range(stat(m, j, "mean"), MSEC(1), MSEC(1) + USEC(1));
  assert_true(ran(m, &m->job[0]) > 0 && ran(m, &m->job[1]) > 0);
  machine_free(m);
}

// By turns 2 and 5 us: a guess in between would be half of the time too short, so
// it is not as low as that, and no slice ends in the middle. A burst of 20 ms ends one each time that
// it doubles, from 100 us.
static enum deed
act_blink(struct machine *m, struct job *j)
{
  j->wake = m->now + MSEC(1);
  j->burst = ++j->count == 900 ? MSEC(20) : j->count % 2 ? USEC(2) : USEC(5);
  return SLEEP;
}

static void
test_short_bursts(void **state)
{
  struct machine *m = machine_new(&stcf_policy, 1, 1, "", 1);
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_blink);

  machine_start(m, j, USEC(5));
  while (j->count < 900)
    machine_run(m, USEC(100));
  assert_int_equal(stats(m, j).preempted, 0);
  assert_int_equal(stat(m, j, "mean"), USEC(100));
  while (j->count < 901)
    machine_run(m, USEC(100));
  assert_in_range(stats(m, j).preempted, 7, 9);
  machine_free(m);
}

static struct machine *
hogs(const struct sched_policy *policy, const char *attr, const int *value,
     int n)
{
  struct machine *m = machine_new(policy, 1, 1, "", 1);

  for (int i = 0; i < n; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

    assert_int_equal(machine_set(m, j, attr, value[i]), 0);
    machine_start(m, j, NSEC_NEVER);
  }
  return m;
}

// OSTEP's example, until all are level again.
static void
test_stride_order(void **state)
{
  const int tickets[] = { 100, 50, 250 };
  const char *order = "ABCCCACC";
  struct machine *m = hogs(&stride_policy, "tickets", tickets, 3);

  machine_run(m, MSEC(10) * 8 - 1);
  assert_int_equal(m->nlog, 9); // with the idle hart, at first
  for (int k = 0; k < 8; k++)
    assert_int_equal(m->log[k + 1].id, order[k] - 'A');
  machine_run(m, 1);
  for (int i = 0; i < 3; i++)
    assert_int_equal(stat(m, &m->job[i], "ahead"), 0);
  machine_free(m);
}

// However long it goes on, nobody is further from his share than a slice.
static void
test_stride_error(void **state)
{
  const int tickets[MAXWORK] = { 7, 3, 3, 2, 1 };
  struct machine *m = hogs(&stride_policy, "tickets", tickets, 5);

  for (int k = 0; k < 2000; k++) {
    machine_run(m, MSEC(7));
    for (int i = 0; i < 5; i++) {
      double off = ran(m, &m->job[i]) - (double)m->now * tickets[i] / 16;

      assert_true(off < MSEC(20) && off > -(double)MSEC(20));
      for (int l = 0; l < i; l++) { // pair by pair: a slice each
        double a = ran(m, &m->job[i]) / (double)tickets[i];
        double b = ran(m, &m->job[l]) / (double)tickets[l];
        double most = MSEC(10) / (double)tickets[i] +
                      MSEC(10) / (double)tickets[l];

        assert_true(a - b <= most && b - a <= most);
      }
    }
  }
  machine_free(m);
}

// One that sleeps gets no credit for it: two hogs' shares are their own.
static void
test_stride_sleeper(void **state)
{
  const int tickets[MAXWORK] = { 100, 100 };
  struct machine *m = hogs(&stride_policy, "tickets", tickets, 2);
  struct job *j = machine_sleeper(m, MSEC(1), MSEC(500));
  nsec a, b;

  machine_run(m, SEC(10));
  assert_true(stats(m, j).max_wait <= MSEC(20));
  a = ran(m, &m->job[0]);
  b = ran(m, &m->job[1]);
  assert_true((a > b ? a - b : b - a) <= MSEC(20));
  machine_free(m);
}

// Shares by nice, as Linux's table has them.
static void
test_eevdf_nice(void **state)
{
  const struct {
    int nice;
    double share; // of nice 0 beside it
  } known[] = { { 1, .555 }, { 5, .753 }, { 10, .903 }, { 19, .986 } };

  for (int i = 0; i < 4; i++) {
    const int nice[] = { 0, known[i].nice };
    struct machine *m = hogs(&eevdf_policy, "nice", nice, 2);
    double share;

    machine_run(m, SEC(30));
    share = ran(m, &m->job[0]) / (double)SEC(30);
    assert_true(share > known[i].share - .005 &&
                share < known[i].share + .005);
    machine_free(m);
  }
}

// No lag is ever more than a request, on either side: hogs of several weights,
// and one that comes and goes.
static void
test_eevdf_lag(void **state)
{
  const int nice[MAXWORK] = { 0, -5, 5, 0 };
  struct machine *m = hogs(&eevdf_policy, "nice", nice, 4);
  struct job *j = machine_sleeper(m, MSEC(2), MSEC(7));

  (void)j;
  for (int k = 0; k < 5000; k++) {
    machine_run(m, USEC(1100));
    for (int i = 0; i < m->njob; i++) {
      double w = i < 4 && nice[i] ? (nice[i] < 0 ? 3125 : 335.5) : 1024;
      double lag = stat(m, &m->job[i], "lag") * w / 1024;

      assert_true(lag < MSEC(3) * 1.01 && lag > -(double)MSEC(3) * 1.01);
    }
  }
  machine_free(m);
}

// Sleep neither earns nor forgives: lag is the same afterwards.
static void
test_eevdf_sleep(void **state)
{
  const int nice[MAXWORK] = { 0, 0, 0 };
  struct machine *m = hogs(&eevdf_policy, "nice", nice, 3);
  struct job *j = machine_sleeper(m, MSEC(2), MSEC(100));
  int seen = 0;

  for (int k = 0; k < 20000; k++) {
    int64_t before = stat(m, j, "lag"), after;
    bool slept = j->t->state == TASK_BLOCKED;

    machine_run(m, USEC(50));
    after = stat(m, j, "lag");
    if (!slept || j->t->state != TASK_READY)
      continue;
    // It waited at most 50 us since, of which a quarter was due to it.
    assert_true(after - before >= -1000 && after - before <= 13000);
    seen++;
  }
  assert_true(seen > 2);
  machine_free(m);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_turnaround),     cmocka_unit_test(test_late_arrival),
    cmocka_unit_test(test_learns),         cmocka_unit_test(test_short_bursts),
    cmocka_unit_test(test_stride_order),
    cmocka_unit_test(test_stride_error),   cmocka_unit_test(test_stride_sleeper),
    cmocka_unit_test(test_eevdf_nice),     cmocka_unit_test(test_eevdf_lag),
    cmocka_unit_test(test_eevdf_sleep),
  };

  limit(60);
  return cmocka_run_group_tests_name("book", tests, 0, 0);
}
