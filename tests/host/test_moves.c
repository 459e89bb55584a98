// test_moves.c - the core: masks of harts, moves between queues, placement.
// By hand, with the toy policy.  Queue 3, tasks 0 to 15.

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;

#define T(i) (&b.task[i].t)

static void
test_affinity_blocked(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  sched_affinity(rq, T(0), 1 << 1, 0);
  bench_ready(&b, 0, 5, 0);
  assert_int_equal(sched_ready_for(rq, 0), 0);
  assert_int_equal(sched_ready_for(rq, 1), 1);
  assert_null(sched_pick(rq, 0, 0));
  assert_ptr_equal(sched_pick(rq, 1, 0), T(0));
}

static void
test_affinity_running(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  sched_pick(rq, 1, 0);
  sched_affinity(rq, T(0), 1 << 0, 5);
  assert_int_equal(sched_kicks(rq), 0);
  sched_affinity(rq, T(0), 1 << 1, 10);
  assert_int_equal(sched_kicks(rq), 1 << 0);
  sched_stop(rq, T(0), READY_PREEMPT, 20);
  assert_null(sched_pick(rq, 0, 20));
  assert_int_equal(sched_kicks(rq), 1 << 1);
  assert_ptr_equal(sched_pick(rq, 1, 20), T(0));
}

static void
test_affinity_queued(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  b.task[0].t.harts = 1 << 0;
  b.task[1].t.harts = 1 << 0;
  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 5, 0);
  sched_pick(rq, 0, 0);
  assert_null(sched_pick(rq, 1, 0));
  sched_affinity(rq, T(1), SCHED_ANYHART, 30);
  assert_int_equal(b.task[1].left, LEAVE_CHANGED);
  assert_int_equal(b.task[1].why, READY_CHANGED);
  assert_int_equal(sched_kicks(rq), 1 << 1);
  assert_int_equal(sched_ready_for(rq, 0), 1);
  assert_int_equal(sched_ready_for(rq, 1), 1);
  assert_ptr_equal(sched_pick(rq, 1, 40), T(1));
  assert_int_equal(T(1)->st.waited, 40); // one wait, from time 0
  assert_int_equal(T(1)->st.max_wait, 40);
}

// No hart of the queue is left to it: it waits until it is taken away.
static void
test_affinity_elsewhere(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 0);
  assert_int_equal(sched_stranded(rq), 0);
  sched_affinity(rq, T(0), 1 << 5 | 1ull << 63, 1);
  assert_true(sched_misplaced(rq, T(0)));
  assert_int_equal(sched_stranded(rq), 1);
  assert_int_equal(sched_ready_for(rq, 0), 0);
  assert_int_equal(sched_ready_for(rq, 5), 1);
  assert_int_equal(sched_ready_for(rq, 63), 1);
  assert_null(sched_pick(rq, 0, 1));
  assert_null(sched_spare(rq, 4, 1));
  assert_ptr_equal(sched_spare(rq, 5, 1), T(0));
  sched_take(rq, T(0), 2);
  assert_int_equal(sched_stranded(rq), 0);
  assert_int_equal(T(0)->queue, QUEUE_MOVING);
  bench_ready(&b, 1, 5, 3); // the same while it runs
  sched_pick(rq, 0, 3);
  sched_affinity(rq, T(1), 1 << 5, 4);
  assert_int_equal(sched_stranded(rq), 0);
  sched_stop(rq, T(1), READY_PREEMPT, 5);
  assert_int_equal(sched_stranded(rq), 1);
  assert_null(sched_pick(rq, 0, 5));
}

// A move: two queues, one wait; the move of harts is counted when it runs.
static void
test_move(void **state)
{
  static struct bench other;
  struct runq *rq = bench_init(&b, &toy_policy, 1);
  struct runq *rq2 = bench_init(&other, &toy_policy, 1);

  rq2->id = 4;
  rq2->harts = 1 << 1;
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 10);
  sched_stop(rq, T(0), READY_YIELD, 110);
  bench_ready(&b, 1, 5, 110);
  assert_ptr_equal(sched_pick(rq, 0, 110), T(0));
  assert_ptr_equal(sched_spare(rq, 1, 115), T(1));
  sched_take(rq, T(1), 120);
  assert_int_equal(b.task[1].left, LEAVE_MOVED);
  sched_ready(rq2, T(1), READY_MOVED, 110); // that queue's clock is behind
  assert_int_equal(T(1)->queue, 4);
  assert_ptr_equal(sched_pick(rq2, 1, 150), T(1));
  assert_int_equal(T(1)->st.max_wait, 40);
  assert_int_equal(T(1)->st.moved, 0); // it had never run
  sched_block(rq2, T(1), 160);
  bench_ready(&b, 1, 5, 200); // it wakes on the first
  sched_block(rq, T(0), 210);
  assert_ptr_equal(sched_pick(rq, 0, 210), T(1));
  assert_int_equal(T(1)->st.moved, 1);
  assert_int_equal(T(1)->st.switches, 2);
}

static void
test_welcome(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  b.task[0].prio = 5;
  bench_ready(&b, 1, 5, 0);
  sched_pick(rq, 0, 0);
  assert_false(sched_welcome(rq, T(0), 0));
  sched_pick(rq, 1, 0);
  assert_true(sched_welcome(rq, T(0), 0)); // hart 1 idles
  T(0)->harts = 1;
  assert_false(sched_welcome(rq, T(0), 0));
  b.task[0].prio = 4;
  assert_true(sched_welcome(rq, T(0), 0));
  T(0)->harts = 1 << 1;
  assert_true(sched_welcome(rq, T(0), 0));
  T(0)->harts = 1 << 2;
  assert_false(sched_welcome(rq, T(0), 0));
  assert_int_equal(rq->kick, 0); // it only asks
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_affinity_blocked),
    cmocka_unit_test(test_affinity_running),
    cmocka_unit_test(test_affinity_queued),
    cmocka_unit_test(test_affinity_elsewhere),
    cmocka_unit_test(test_move),
    cmocka_unit_test(test_welcome),
  };

  limit(120);
  return cmocka_run_group_tests_name("moves", tests, 0, 0);
}
