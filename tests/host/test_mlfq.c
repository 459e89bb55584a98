// test_mlfq.c - mlfq, rules 1 to 4 (see sched/mlfq.c and OSTEP chapter 8).
// Parameters are given, so that the expected times can be read off.

#include "tests/host/harness.h"

// OSTEP's figures: slices of 10, 20, 40 ms, two of them a level.
#define OSTEP "levels=3 slice=10ms grow=2 allot=2"

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

// Rule 4, one task alone: OSTEP figure 8.2, with its allotments.
static void
test_sinks(void **state)
{
  struct machine *m = with(OSTEP " boost=0");
  struct job *j = machine_hog(m);

  assert_int_equal(level(m, j), 0);
  machine_run(m, MSEC(20) - 1);
  assert_int_equal(level(m, j), 0);
  assert_int_equal(stat(m, j, "used"), MSEC(20) - 1);
  machine_run(m, 1);
  assert_int_equal(level(m, j), 1);
  assert_int_equal(stat(m, j, "used"), 0);
  machine_run(m, MSEC(40) - 1);
  assert_int_equal(level(m, j), 1);
  machine_run(m, 1);
  assert_int_equal(level(m, j), 2);
  machine_run(m, SEC(10));
  assert_int_equal(level(m, j), 2);
  machine_free(m);
}

// A tick that comes late: what was run beyond the allotment is not forgiven.
static void
test_sinks_late(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=2 boost=0");
  struct job *j = machine_hog(m);

  m->now += MSEC(17);
  machine_affinity(m, j, 1); // any call: the hart then obeys
  assert_int_equal(level(m, j), 1);
  assert_int_equal(stat(m, j, "used"), MSEC(7));
  machine_run(m, MSEC(13) - 1);
  assert_int_equal(level(m, j), 1);
  machine_run(m, 1);
  assert_int_equal(level(m, j), 2);
  machine_free(m);
  m = with("levels=3 slice=10ms grow=2 boost=0");
  j = machine_hog(m);
  m->now += MSEC(40); // beyond two levels
  machine_affinity(m, j, 1);
  assert_int_equal(level(m, j), 2);
  assert_int_equal(stat(m, j, "used"), 0);
  machine_free(m);
}

// Rule 2 and longer slices below: two tasks that run for 20 ms on top with
// slices of 10, 40 ms in the middle with slices of 20, then 40 each.
static void
test_ostep_slices(void **state)
{
  static const int slice[] = { 10, 10, 10, 10, 20, 20, 20, 20, 40, 40, 40 };
  struct machine *m = with(OSTEP " boost=0");
  nsec at = 0;

  machine_hog(m);
  machine_hog(m);
  m->nlog = 0;
  machine_run(m, MSEC(260));
  for (int k = 0; k < 11; k++) {
    at += MSEC(slice[k]);
    if (k >= m->nlog)
      break;
    assert_int_equal(m->log[k].at, at);
    assert_int_equal(m->log[k].id, (k + 1) % 2);
  }
  assert_int_equal(m->nlog, 11);
  machine_free(m);
}

// Rules 1 and 3: a newcomer is on top and pushes out one that has sunk; it
// runs alone until it has sunk as well (figure 8.3).
static void
test_newcomer(void **state)
{
  struct machine *m = with(OSTEP " boost=0");
  struct job *old = machine_hog(m), *newer;

  machine_run(m, MSEC(105)); // at the bottom, 5 ms into a slice
  newer = machine_hog(m);
  assert_ptr_equal(m->on[0], newer->t);
  machine_run(m, MSEC(60));
  assert_int_equal(ran(m, newer), MSEC(60));
  assert_int_equal(ran(m, old), MSEC(105));
  assert_int_equal(level(m, newer), 2);
  // What was pushed out is first in line, and has the rest of its slice.
  assert_ptr_equal(m->on[0], old->t);
  assert_int_equal(old->t->slice, MSEC(40) - MSEC(5));
  machine_free(m);
}

// A task that is pushed out keeps its place in line before its equals.
static void
test_pushed_out_goes_first(void **state)
{
  struct machine *m = with("levels=2 slice=10ms grow=1 boost=0");
  struct job *a = machine_hog(m), *b = machine_hog(m), *c;

  machine_run(m, MSEC(20)); // both at the bottom, a runs
  machine_run(m, MSEC(3));
  assert_ptr_equal(m->on[0], a->t);
  c = machine_job(m, 0, SCHED_ANYHART, act_exit);
  machine_start(m, c, MSEC(1));
  machine_run(m, MSEC(1));
  assert_ptr_equal(m->on[0], a->t);
  machine_run(m, MSEC(7) - 1);
  assert_ptr_equal(m->on[0], a->t);
  machine_run(m, 1);
  assert_ptr_equal(m->on[0], b->t);
  assert_int_equal(b->t->slice, MSEC(10));
  machine_free(m);
}

// Rule 4, no gaming: one that sleeps or yields just before its slice ends
// sinks with the CPU time it used, not later.
static void no_gaming(enum deed (*act)(struct machine *, struct job *))
{
  struct machine *m = with("levels=4 slice=10ms grow=1 allot=1 boost=0");
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act);
  int at = 0;

  j->run_for = USEC(9900);
  j->sleep_for = USEC(10);
  machine_start(m, j, USEC(9900));
  machine_hog(m);
  while (at < 3) {
    nsec before = ran(m, j);

    machine_run(m, USEC(10));
    while (at < 3 && before < MSEC(10) * (at + 1) &&
           ran(m, j) >= MSEC(10) * (at + 1))
      at++;
    assert_int_equal(level(m, j), at);
  }
  machine_free(m);
}

static void
test_no_gaming_by_sleep(void **state)
{
  no_gaming(act_sleep);
}

static void
test_no_gaming_by_yield(void **state)
{
  no_gaming(act_yield);
}

// Such a task gets no more than its half of the bottom level beside a hog.
static void
test_gamer_gains_nothing(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=1 boost=0");
  struct job *gamer = machine_job(m, 0, SCHED_ANYHART, act_yield);
  struct job *hog = machine_hog(m);

  gamer->run_for = USEC(9900);
  machine_start(m, gamer, USEC(9900));
  machine_run(m, SEC(10));
  assert_true(ran(m, gamer) <= ran(m, hog));
  machine_free(m);
}

// The slice is never longer than what is left of the allotment.
static void
test_slice_within_allotment(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=1 allot=2 boost=0");
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_yield);

  j->run_for = MSEC(7);
  machine_start(m, j, MSEC(7));
  assert_int_equal(j->t->slice, MSEC(10));
  machine_run(m, MSEC(7));
  assert_int_equal(j->t->slice, MSEC(10)); // 13 left
  machine_run(m, MSEC(7));
  assert_int_equal(j->t->slice, MSEC(6));
  machine_run(m, MSEC(6));
  assert_int_equal(level(m, j), 1);
  machine_free(m);
}

// An interactive task beside hogs at the bottom: never waits.
static void
test_interactive(void **state)
{
  struct machine *m = with("boost=0");
  struct job *j;

  for (int i = 0; i < 16; i++)
    machine_hog(m);
  machine_run(m, SEC(2));
  j = machine_sleeper(m, USEC(5), MSEC(1));
  machine_run(m, SEC(1));
  assert_true(j->count > 990);
  assert_int_equal(stats(m, j).max_wait, 0);
  machine_free(m);
}

// Two that wake each other, 1.25 us at a time: a trip of a pipe's ping-pong.
struct pair {
  struct job *j[2];
};

static struct pair pair;

static enum deed
act_pong(struct machine *m, struct job *j)
{
  struct job *other = pair.j[j == pair.j[0]];

  j->burst = USEC(1) + 250;
  j->count++;
  if (other->t->state == TASK_BLOCKED)
    machine_wake(m, other);
  return SLEEP;
}

// 20,000 trips beside hogs, under the default parameters, wherever they start
// in the period: no more than 0.1 ms a trip in the mean.
static void
ping_pong(int hogs, nsec settle)
{
  struct machine *m = with("");
  nsec start;

  for (int i = 0; i < hogs; i++)
    machine_hog(m);
  machine_run(m, settle);
  start = m->now;
  for (int i = 0; i < 2; i++)
    pair.j[i] = machine_job(m, 0, SCHED_ANYHART, act_pong);
  machine_start(m, pair.j[0], USEC(1));
  machine_start(m, pair.j[1], USEC(1));
  while (pair.j[0]->count < 20000 && m->now - start < SEC(10))
    machine_run(m, MSEC(10));
  print_message("%d hogs, from %llu ms: %.4f ms a trip\n", hogs,
                (unsigned long long)settle / 1000000,
                (m->now - start) / 1e6 / pair.j[0]->count);
  assert_int_equal(pair.j[0]->count >= 20000, 1);
  assert_true(m->now - start <= 20000 * USEC(100));
  machine_free(m);
}

static void
test_ping_pong(void **state)
{
  static const int hogs[] = { 1, 4, 16 };
  static const int settle[] = { 1, 450, 900, 1100 };

  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 4; k++)
      ping_pong(hogs[i], MSEC(settle[k]));
}

// Several harts on one queue: the best tasks run, and a wake-up pushes out
// the worst.  (machine_check holds this after each event as well.)
static void
test_strict_on_two(void **state)
{
  struct machine *m = machine_new(&mlfq_policy, 2, 1, OSTEP " boost=0", 1);
  struct job *low = machine_hog(m), *mid, *top;

  machine_run(m, MSEC(100));
  mid = machine_hog(m);
  machine_run(m, MSEC(30)); // low on level 2, mid on 1
  top = machine_hog(m);
  assert_int_equal(low->t->state, TASK_READY);
  assert_int_equal(mid->t->state, TASK_RUNNING);
  assert_int_equal(top->t->state, TASK_RUNNING);
  machine_free(m);
}

// For an idle hart of another queue: the best that waits.
static void
test_surplus(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=1 boost=0");
  struct job *low[2], *top;

  low[0] = machine_hog(m);
  low[1] = machine_hog(m);
  machine_run(m, MSEC(75));
  top = machine_hog(m);
  machine_hog(m);
  machine_run(m, MSEC(1));
  assert_int_equal(low[0]->t->state, TASK_READY);
  assert_ptr_equal(m->on[0], top->t);
  assert_ptr_equal(sched_spare(m->rq[0], 5, m->now), m->job[3].t);
  machine_free(m);
}

// What it promises follows from the parameters.
static void
test_promises(void **state)
{
  struct machine *m = with("levels=4 slice=5ms grow=3 allot=2 boost=700ms");
  static const int slice[] = { 5, 15, 45, 135 };
  struct sched_promise p;

  for (int l = 0; l < 4; l++) {
    assert_true(promised(m, "level", l, &p));
    assert_int_equal(p.n[0], l);
    assert_int_equal(p.n[1], MSEC(slice[l]));
    assert_int_equal(p.n[2], l < 3 ? 2 * MSEC(slice[l]) : 0);
  }
  assert_false(promised(m, "level", 4, &p));
  assert_true(promised(m, "strict", 0, &p));
  assert_true(promised(m, "inherit", 0, &p));
  assert_true(promised(m, "boost", 0, &p));
  assert_int_equal(p.n[0], MSEC(700));
  assert_false(promised(m, "boost", 1, &p));
  machine_free(m);
  m = with("boost=0");
  assert_false(promised(m, "boost", 0, &p));
  assert_false(promised(m, "live", 0, &p));
  machine_free(m);
}

// Extreme parameters: growth stops where it would overflow.
static void
test_extremes(void **state)
{
  struct machine *m = with("levels=16 slice=10s grow=16 allot=1000 boost=0");
  struct sched_promise p;

  assert_true(promised(m, "level", 15, &p));
  assert_int_equal(p.n[1], SEC(10));
  assert_true(promised(m, "level", 14, &p));
  assert_int_equal(p.n[2], SEC(10000));
  machine_hog(m);
  machine_hog(m);
  machine_run(m, SEC(100));
  machine_free(m);
  m = with("levels=1");
  machine_hog(m);
  machine_hog(m);
  machine_run(m, SEC(4));
  assert_int_equal(level(m, &m->job[0]), 0);
  assert_int_equal(ran(m, &m->job[0]), SEC(2));
  machine_free(m);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sinks),
    cmocka_unit_test(test_sinks_late),
    cmocka_unit_test(test_ostep_slices),
    cmocka_unit_test(test_newcomer),
    cmocka_unit_test(test_pushed_out_goes_first),
    cmocka_unit_test(test_no_gaming_by_sleep),
    cmocka_unit_test(test_no_gaming_by_yield),
    cmocka_unit_test(test_gamer_gains_nothing),
    cmocka_unit_test(test_slice_within_allotment),
    cmocka_unit_test(test_interactive),
    cmocka_unit_test(test_ping_pong),
    cmocka_unit_test(test_strict_on_two),
    cmocka_unit_test(test_surplus),
    cmocka_unit_test(test_promises),
    cmocka_unit_test(test_extremes),
  };

  limit(200);
  return cmocka_run_group_tests_name("mlfq", tests, 0, 0);
}
