// test_mlfq_boost.c - mlfq, rule 5 and forks (see sched/mlfq.c and OSTEP
// chapter 8).  Parameters are given, so that the expected times can be read
// off.

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

// Rule 5: OSTEP figure 8.4.  Two busy tasks above starve one below, but for
// the boost.
static nsec
starved(const char *params)
{
  struct machine *m = with(params);
  struct job *hog = machine_hog(m);
  nsec got;

  machine_run(m, MSEC(190));
  got = ran(m, hog);
  // Each uses less than an allotment between two boosts.
  machine_sleeper(m, MSEC(5), MSEC(5));
  machine_sleeper(m, MSEC(5), MSEC(5));
  machine_run(m, MSEC(60));
  got = ran(m, hog) - got;
  machine_free(m);
  return got;
}

static void
test_boost_frees(void **state)
{
  assert_int_equal(starved("levels=3 slice=10ms grow=1 allot=4 boost=0"), 0);
  assert_true(starved("levels=3 slice=10ms grow=1 allot=4 boost=50ms") >=
              MSEC(10));
}

// At each multiple of boost everyone is on top with nothing used: running,
// queued and asleep.
static void
test_boost_all(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=2 boost=500ms");
  struct job *run = machine_hog(m), *queued = machine_hog(m);
  struct job *asleep = machine_job(m, 0, SCHED_ANYHART, act_sleep);

  asleep->run_for = MSEC(12);
  asleep->sleep_for = SEC(2);
  machine_start(m, asleep, MSEC(12));
  machine_run(m, MSEC(500) - 1);
  assert_int_equal(level(m, run), 2);
  assert_int_equal(level(m, queued), 2);
  assert_int_equal(level(m, asleep), 1);
  assert_int_equal(stat(m, asleep, "used"), MSEC(2));
  assert_int_equal(asleep->t->state, TASK_BLOCKED);
  machine_run(m, 1);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(level(m, &m->job[i]), 0);
    assert_int_equal(stat(m, &m->job[i], "used"), 0);
  }
  // The one that ran on has no longer slice than the top level's.
  assert_true(m->on[0]->slice <= MSEC(10));
  // The sleeper wakes, epochs later, on top and with all its allotment.
  machine_run(m, asleep->wake - m->now);
  assert_int_equal(level(m, asleep), 0);
  machine_run(m, MSEC(100));
  assert_int_equal(level(m, asleep), 1);
  machine_free(m);
}

// Slices are new: who runs has a whole one, and the rest of a long slice from
// below is no more than one on top.
static void
test_boost_cuts_rest(void **state)
{
  struct machine *m =
    with("levels=2 slice=10ms grow=10 allot=2 boost=1s even=0");
  struct job *low = machine_hog(m), *top;

  machine_run(m, MSEC(985)); // low has 35 ms of a slice left
  top = machine_hog(m);
  machine_run(m, MSEC(15)); // the boost
  assert_ptr_equal(m->on[0], top->t);
  machine_run(m, MSEC(10) - 1);
  assert_ptr_equal(m->on[0], top->t);
  machine_run(m, 1);
  assert_ptr_equal(m->on[0], low->t);
  assert_int_equal(low->t->slice, MSEC(10));
  machine_free(m);
}

// Those on top stay first; then the worst level, which had to wait longest, and
// so on; each in its own order.  With even=0 who runs goes on.
static void
test_boost_order(void **state)
{
  struct machine *m =
    with("levels=3 slice=10ms grow=1 allot=4 boost=1s even=0");
  struct job *low, *mid, *mid2, *run, *top;

  low = machine_hog(m);
  machine_run(m, MSEC(900)); // low is on level 2
  mid = machine_hog(m);
  machine_run(m, MSEC(50)); // mid is on level 1
  mid2 = machine_hog(m);
  machine_run(m, MSEC(45)); // and mid2 behind it; mid runs again
  assert_ptr_equal(m->on[0], mid->t);
  run = machine_hog(m);
  top = machine_hog(m);
  machine_run(m, MSEC(5)); // the boost
  assert_ptr_equal(m->on[0], run->t);
  m->nlog = 0;
  machine_run(m, MSEC(40));
  assert_int_equal(m->log[0].id, top->t->id);
  assert_int_equal(m->log[1].id, low->t->id);
  assert_int_equal(m->log[2].id, mid->t->id);
  assert_int_equal(m->log[3].id, mid2->t->id);
  assert_int_equal(m->log[0].at, MSEC(1010));
  machine_free(m);
}

// Who runs at a boost makes way at 62 of 100.
static int
ways(const char *params)
{
  struct machine *m = with(params);
  int n = 0;

  machine_hog(m);
  machine_hog(m);
  for (int i = 0; i < 100; i++) {
    struct task *t;

    machine_run(m, MSEC(605) - 1);
    t = m->on[0];
    machine_run(m, 1);
    n += m->on[0] != t;
    assert_true(m->on[0]->slice == MSEC(10));
  }
  machine_free(m);
  return n;
}

static void
test_makes_way(void **state)
{
  assert_in_range(ways("boost=605ms"), 61, 62);
  assert_int_equal(ways("boost=605ms even=0"), 0);
}

// So equal hogs have equal shares, whatever the boost cuts off, to within 2
// percent; where it goes on at each, one has 6 percent more, or all.
static bool
is_even(const char *params, int n)
{
  struct machine *m = with(params);
  nsec least = NSEC_NEVER, most = 0;

  for (int i = 0; i < n; i++)
    machine_hog(m);
  machine_run(m, SEC(120));
  for (int i = 0; i < n; i++) {
    nsec r = ran(m, &m->job[i]);

    least = r < least ? r : least;
    most = r > most ? r : most;
  }
  machine_free(m);
  return most - least < SEC(120) / n / 50;
}

static void
test_even(void **state)
{
  static const char *const params[] = {
    "",           "boost=1060ms", "boost=1100ms", "boost=777ms grow=1",
    "boost=15ms", "boost=5ms",
  };

  for (int n = 2; n <= 7; n++)
    for (int i = 0; i < 6; i++)
      if (!is_even(params[i], n))
        fail_msg("%d hogs, %s", n, params[i]);
  assert_false(is_even("even=0", 2));
  assert_false(is_even("boost=5ms even=0", 2));
}

// Late by several periods: one boost, the next at a multiple again.
static void
test_boost_late(void **state)
{
  int64_t param[SCHED_MAXPARAM];
  struct runq *rq = malloc(sched_runq_size(&mlfq_policy));

  sched_params_init(&mlfq_policy, param); // 1 s
  sched_runq_init(rq, &mlfq_policy, param, 0, 1, 1, MSEC(2300));
  assert_int_equal(rq->alarm, SEC(3));
  sched_tick(rq, MSEC(7400));
  assert_int_equal(rq->alarm, SEC(8));
  sched_tick(rq, SEC(8));
  assert_int_equal(rq->alarm, SEC(9));
  free(rq);
}

// A child starts where its parent stands, as of now, and so on down the
// line: a chain of forks sinks as one task would.
static void
test_fork(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=2 allot=1 boost=0");
  struct job *j = machine_hog(m), *child;

  machine_run(m, MSEC(4));
  child = machine_job(m, j, SCHED_ANYHART, 0);
  assert_int_equal(level(m, child), 0);
  assert_int_equal(stat(m, child, "used"), MSEC(4));
  machine_run(m, MSEC(13));
  child = machine_job(m, j, SCHED_ANYHART, 0);
  assert_int_equal(level(m, child), 1);
  assert_int_equal(stat(m, child, "used"), MSEC(7));
  machine_run(m, MSEC(90));
  child = machine_job(m, j, SCHED_ANYHART, 0);
  assert_int_equal(level(m, child), 2);
  machine_free(m);
}

static enum deed
act_fork_and_exit(struct machine *m, struct job *j)
{
  struct job *child = machine_job(m, j, SCHED_ANYHART, act_fork_and_exit);

  machine_start(m, child, MSEC(3));
  return EXIT;
}

static void
test_fork_chain(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=1 allot=1 boost=0");
  struct job *hog = machine_hog(m), *first;
  nsec before;

  machine_run(m, MSEC(50));
  first = machine_job(m, 0, SCHED_ANYHART, act_fork_and_exit);
  machine_start(m, first, MSEC(3));
  before = ran(m, hog);
  machine_run(m, MSEC(20)); // the chain is on levels 0 and 1
  assert_int_equal(ran(m, hog) - before, 0);
  machine_run(m, MSEC(300)); // and now at the bottom
  assert_true(ran(m, hog) - before >= MSEC(300) / 2);
  machine_free(m);
}

// A child of a parent that was boosted in its sleep is on top.
static void
test_fork_after_boost(void **state)
{
  struct machine *m = with("levels=3 slice=10ms grow=1 boost=100ms");
  struct job *j = machine_sleeper(m, MSEC(15), MSEC(200)), *child;

  machine_run(m, MSEC(99));
  assert_int_equal(level(m, j), 1);
  machine_run(m, MSEC(2));
  child = machine_job(m, j, SCHED_ANYHART, 0);
  assert_int_equal(level(m, child), 0);
  assert_int_equal(stat(m, child, "used"), 0);
  machine_free(m);
}

// A task that comes from a queue which has been boosted already keeps its
// level there until this queue is boosted too; one that comes from a queue
// which is behind is boosted here.
static void
test_move_across_boost(void **state)
{
  int64_t param[SCHED_MAXPARAM];
  struct runq *rq[2];
  struct task *t = malloc(sched_task_size(&mlfq_policy));
  int64_t out[SCHED_MAXSTAT];

  sched_params_init(&mlfq_policy, param);
  for (int q = 0; q < 2; q++) {
    rq[q] = malloc(sched_runq_size(&mlfq_policy));
    sched_runq_init(rq[q], &mlfq_policy, param, q, 1 << q, 1, 0);
  }
  sched_task_init(rq[0], t, 0, 0, SCHED_ANYHART, MSEC(1000));
  sched_ready(rq[0], t, READY_NEW, MSEC(1000));
  sched_pick(rq[0], 0, MSEC(1000));
  sched_stop(rq[0], t, READY_YIELD, MSEC(1015));
  sched_stats(rq[0], t, 0, out, MSEC(1015));
  assert_int_equal(out[0], 1);
  sched_take(rq[0], t, MSEC(1015));
  sched_ready(rq[1], t, READY_MOVED, MSEC(999)); // behind
  sched_stats(rq[1], t, 0, out, MSEC(999));
  assert_int_equal(out[0], 1);
  assert_int_equal(out[1], MSEC(5));
  assert_null(sched_check(rq[1]));
  sched_stats(rq[1], t, 0, out, MSEC(1000));
  assert_int_equal(out[0], 0);
  assert_null(sched_check(rq[1]));
  sched_pick(rq[1], 1, MSEC(1000));
  sched_stop(rq[1], t, READY_YIELD, MSEC(1012));
  sched_stats(rq[1], t, 0, out, MSEC(1012));
  assert_int_equal(out[0], 1);
  sched_take(rq[1], t, MSEC(1012));
  sched_ready(rq[0], t, READY_MOVED, MSEC(2000)); // ahead
  sched_stats(rq[0], t, 0, out, MSEC(2000));
  assert_int_equal(out[0], 0);
  assert_null(sched_check(rq[0]));
  free(t);
  free(rq[0]);
  free(rq[1]);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_boost_frees),
    cmocka_unit_test(test_boost_all),
    cmocka_unit_test(test_boost_cuts_rest),
    cmocka_unit_test(test_makes_way),
    cmocka_unit_test(test_even),
    cmocka_unit_test(test_boost_order),
    cmocka_unit_test(test_boost_late),
    cmocka_unit_test(test_fork),
    cmocka_unit_test(test_fork_chain),
    cmocka_unit_test(test_fork_after_boost),
    cmocka_unit_test(test_move_across_boost),
  };

  limit(200);
  return cmocka_run_group_tests_name("mlfq_boost", tests, 0, 0);
}
