// test_harts.c - the core on several harts: which of them are kicked, and who
// pushes out whom.  By hand, with the toy policy.  Queue 3, tasks 0 to 15.

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;

#define T(i) (&b.task[i].t)

// An idle hart is kicked, rather the one where the task ran last.
static void
test_idle(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 4);

  bench_ready(&b, 0, 5, 0);
  assert_int_equal(sched_kicks(rq), 0); // all are about to pick
  assert_ptr_equal(sched_pick(rq, 2, 0), T(0));
  assert_null(sched_pick(rq, 0, 0));
  assert_null(sched_pick(rq, 1, 0));
  assert_null(sched_pick(rq, 3, 0));
  assert_int_equal(rq->idle, 0xb);
  sched_block(rq, T(0), 10);
  assert_null(sched_pick(rq, 2, 10));
  bench_ready(&b, 0, 5, 20);
  assert_int_equal(sched_kicks(rq), 1 << 2);
  assert_int_equal(rq->idle, 0xb);
  bench_ready(&b, 1, 5, 20); // hart 2 is spoken for
  assert_int_equal(sched_kicks(rq), 1);
  b.task[2].t.harts = 1 << 3;
  bench_ready(&b, 2, 5, 20);
  assert_int_equal(sched_kicks(rq), 1 << 3);
  assert_ptr_equal(sched_pick(rq, 3, 20), T(0));
  assert_int_equal(T(0)->st.moved, 1);
}

// A kicked hart finds its task taken by another: idle again, kicked again.
static void
test_idle_in_vain(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  assert_null(sched_pick(rq, 0, 0));
  bench_ready(&b, 0, 5, 1);
  assert_int_equal(sched_kicks(rq), 1);
  assert_ptr_equal(sched_pick(rq, 1, 2), T(0));
  assert_null(sched_pick(rq, 0, 3));
  bench_ready(&b, 1, 5, 4);
  assert_int_equal(sched_kicks(rq), 1);
}

// Of several that it could push out, a task pushes out the worst; one that
// must go already is no candidate.
static void
test_victim(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 4);
  static const int prio[] = { 4, 5, 7, 9 };

  for (int i = 0; i < 4; i++) {
    bench_ready(&b, i, prio[i], 0);
    assert_ptr_equal(sched_pick(rq, i, 0), T(i));
  }
  bench_ready(&b, 4, 9, 1);
  assert_int_equal(sched_kicks(rq), 0);
  bench_ready(&b, 5, 6, 1);
  assert_int_equal(sched_kicks(rq), 1 << 3);
  bench_ready(&b, 6, 6, 1);
  assert_int_equal(sched_kicks(rq), 1 << 2);
  bench_ready(&b, 7, 5, 1); // pushes out only better than 5
  assert_int_equal(sched_kicks(rq), 0);
  b.task[8].t.harts = 1 << 0 | 1 << 2; // hart 2 is spoken for, 0 is left
  bench_ready(&b, 8, 3, 1);
  assert_int_equal(sched_kicks(rq), 1 << 0);
  bench_ready(&b, 9, 0, 1);
  assert_int_equal(sched_kicks(rq), 1 << 1);
  bench_ready(&b, 10, 0, 1);
  assert_int_equal(sched_kicks(rq), 0);
  assert_null(sched_check(rq));
}

// Hart 0 was told for task 2, and then a better one comes that may run
// nowhere else.  Task 2 has to push out hart 1's task instead.
static void
test_left_over_pusher(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 9, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 8, 0);
  sched_pick(rq, 1, 0);
  bench_ready(&b, 2, 4, 1);
  assert_int_equal(sched_kicks(rq), 1 << 0);
  b.task[3].t.harts = 1 << 0;
  bench_ready(&b, 3, 3, 1);
  assert_int_equal(sched_kicks(rq), 0);
  sched_stop(rq, T(0), READY_PREEMPT, 2);
  assert_ptr_equal(sched_pick(rq, 0, 2), T(3));
  assert_int_equal(sched_kicks(rq), 1 << 1);
  sched_stop(rq, T(1), READY_PREEMPT, 3);
  assert_ptr_equal(sched_pick(rq, 1, 3), T(2));
  assert_int_equal(sched_kicks(rq), 0);
}

// The same, when hart 0's task blocks before it is pushed out.
static void
test_left_over_block(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 9, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 8, 0);
  sched_pick(rq, 1, 0);
  bench_ready(&b, 2, 4, 1);
  b.task[3].t.harts = 1 << 0;
  bench_ready(&b, 3, 3, 1);
  sched_kicks(rq);
  sched_block(rq, T(0), 2);
  assert_false(sched_told(rq, 0));
  assert_ptr_equal(sched_pick(rq, 0, 2), T(3));
  assert_int_equal(sched_kicks(rq), 1 << 1);
}

// Hart 0's slice ends and it picks another; what it stopped may be better
// than what hart 1 runs.
static void
test_left_over_stopped(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 2, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 8, 500);
  sched_pick(rq, 1, 500);
  b.task[2].t.harts = 1 << 0;
  bench_ready(&b, 2, 2, 501);
  assert_int_equal(sched_kicks(rq), 0);
  sched_tick(rq, 1000);
  assert_int_equal(sched_kicks(rq), 1 << 0);
  sched_stop(rq, T(0), READY_SLICE, 1000);
  assert_ptr_equal(sched_pick(rq, 0, 1000), T(2));
  assert_int_equal(sched_kicks(rq), 1 << 1);
}

// And it may run on a hart that idles.
static void
test_left_over_idle(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  assert_null(sched_pick(rq, 1, 0));
  b.task[0].t.harts = 1 << 0;
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  sched_affinity(rq, T(0), 1 << 0 | 1 << 1, 1);
  b.task[1].t.harts = 1 << 0;
  bench_ready(&b, 1, 5, 2);
  assert_int_equal(sched_kicks(rq), 0);
  sched_stop(rq, T(0), READY_YIELD, 3);
  assert_ptr_equal(sched_pick(rq, 0, 3), T(1));
  assert_int_equal(sched_kicks(rq), 1 << 1);
  assert_ptr_equal(sched_pick(rq, 1, 3), T(0));
}

// Idle hart 1 is kicked for task 1, and picks task 2, which may run nowhere
// else: idle hart 2 has to be kicked for task 1.
static void
test_left_over_kick(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 3);

  bench_ready(&b, 0, 0, 0);
  sched_pick(rq, 0, 0);
  sched_pick(rq, 1, 0);
  sched_pick(rq, 2, 0);
  bench_ready(&b, 1, 5, 1);
  assert_int_equal(sched_kicks(rq), 1 << 1);
  b.task[2].t.harts = 1 << 1;
  bench_ready(&b, 2, 3, 1);
  assert_int_equal(sched_kicks(rq), 0);
  assert_ptr_equal(sched_pick(rq, 1, 2), T(2));
  assert_int_equal(sched_kicks(rq), 1 << 2);
}

// The same with no other hart idle: then task 1 pushes out hart 0's task.
static void
test_left_over_kick_pushes(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 8, 0);
  sched_pick(rq, 0, 0);
  sched_pick(rq, 1, 0);
  bench_ready(&b, 1, 5, 1);
  assert_int_equal(sched_kicks(rq), 1 << 1);
  b.task[2].t.harts = 1 << 1;
  bench_ready(&b, 2, 3, 1);
  assert_ptr_equal(sched_pick(rq, 1, 2), T(2));
  assert_int_equal(sched_kicks(rq), 1 << 0);
}

static bool
preempts_always(const struct runq *rq, const struct task *t,
                const struct task *cur, nsec now)
{
  return true;
}

// A policy whose preempts() does not go with its pick() does not make a hart
// stop and pick without end.
static void
test_no_endless_kicks(void **state)
{
  static struct sched_policy odd;
  struct runq *rq;

  odd = toy_policy;
  odd.preempts = preempts_always;
  rq = bench_init(&b, &odd, 1);
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 6, 1);
  assert_int_equal(sched_kicks(rq), 1);
  sched_stop(rq, T(0), READY_PREEMPT, 2);
  assert_ptr_equal(sched_pick(rq, 0, 2), T(0));
  assert_int_equal(sched_kicks(rq), 0);
  assert_false(sched_told(rq, 0));
}

// A task that was to push out another is taken by a third hart: whoever it
// was to push out is free to be pushed out by the next.
static void
test_pair_ends(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 9, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 4, 1);
  assert_int_equal(sched_kicks(rq), 1);
  assert_ptr_equal(sched_pick(rq, 1, 1), T(1));
  assert_null(rq->due[0]);
  bench_ready(&b, 2, 5, 2);
  assert_ptr_equal(rq->due[0], T(2));
  assert_int_equal(sched_kicks(rq), 0); // told before
  sched_take(rq, T(2), 3);
  assert_null(rq->due[0]);
  assert_true(sched_told(rq, 0));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_idle),
    cmocka_unit_test(test_idle_in_vain),
    cmocka_unit_test(test_victim),
    cmocka_unit_test(test_left_over_pusher),
    cmocka_unit_test(test_left_over_block),
    cmocka_unit_test(test_left_over_stopped),
    cmocka_unit_test(test_left_over_idle),
    cmocka_unit_test(test_left_over_kick),
    cmocka_unit_test(test_left_over_kick_pushes),
    cmocka_unit_test(test_no_endless_kicks),
    cmocka_unit_test(test_pair_ends),
  };

  limit(120);
  return cmocka_run_group_tests_name("harts", tests, 0, 0);
}
