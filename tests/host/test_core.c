// test_core.c - the core on one queue: time, slices, alarms, attributes,
// statistics, chance.  By hand, with the toy policy.  Queue 3, tasks 0 to 15.

#include <stdlib.h>

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;

#define T(i) (&b.task[i].t)

static void
test_init(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  assert_int_equal(rq->id, 3);
  assert_int_equal(rq->harts, 3);
  assert_int_equal(rq->alarm, NSEC_NEVER);
  assert_int_equal(T(7)->id, 7);
  assert_int_equal(T(7)->queue, QUEUE_MOVING);
  assert_int_equal(T(7)->hart, -1);
  assert_int_equal(T(7)->state, TASK_BLOCKED);
  assert_int_equal(sched_kicks(rq), 0);
  assert_int_equal(sched_task_size(&toy_policy), sizeof(struct toy_task));
  assert_int_equal(sched_runq_size(&toy_policy), sizeof(struct toy));
}

static void
test_sizes_default(void **state)
{
  const struct sched_policy bare = { .name = "bare" };

  assert_int_equal(sched_task_size(&bare), sizeof(struct task));
  assert_int_equal(sched_runq_size(&bare), sizeof(struct runq));
}

// Charging: each running task, to the nanosecond; slices count down.
static void
test_charge(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 5, 0);
  assert_ptr_equal(sched_pick(rq, 0, 10), T(0));
  assert_ptr_equal(sched_pick(rq, 1, 30), T(1));
  sched_tick(rq, 100);
  assert_int_equal(b.task[0].charged, 90);
  assert_int_equal(b.task[1].charged, 70);
  assert_int_equal(T(0)->st.ran, 90);
  assert_int_equal(T(0)->slice, 910);
  assert_int_equal(T(1)->slice, 930);
  assert_int_equal(sched_next_tick(rq, T(0)), 1010);
  assert_int_equal(sched_next_tick(rq, T(1)), 1030);
  assert_int_equal(T(0)->st.waited, 10);
  assert_int_equal(T(1)->st.max_wait, 30);
}

// A clock that was read before the lock was taken is behind.
static void
test_time_back(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 100);
  assert_ptr_equal(sched_pick(rq, 0, 50), T(0));
  assert_int_equal(T(0)->st.waited, 0);
  sched_tick(rq, 300);
  sched_tick(rq, 200);
  assert_int_equal(T(0)->st.ran, 200);
  sched_block(rq, T(0), 250);
  assert_int_equal(T(0)->st.ran, 200);
  assert_int_equal(T(0)->since, 300);
  bench_ready(&b, 0, 5, 290);
  assert_ptr_equal(sched_pick(rq, 0, 280), T(0));
  assert_int_equal(T(0)->st.waited, 0);
  assert_int_equal(rq->charged, 300);
}

// A slice's end kicks once, and again only after the next pick.
static void
test_slice_end(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  sched_tick(rq, 999);
  assert_int_equal(sched_kicks(rq), 0);
  assert_false(sched_told(rq, 0));
  sched_tick(rq, 1000);
  assert_int_equal(sched_kicks(rq), 1);
  assert_true(sched_told(rq, 0));
  sched_tick(rq, 1200);
  assert_int_equal(sched_kicks(rq), 0);
  assert_int_equal(T(0)->slice, 0);
  sched_stop(rq, T(0), READY_PREEMPT, 1300);
  assert_int_equal(b.task[0].why, READY_SLICE);
  assert_false(sched_told(rq, 0));
  assert_ptr_equal(sched_pick(rq, 0, 1300), T(0));
  assert_int_equal(T(0)->slice, 1000);
  assert_int_equal(sched_kicks(rq), 0);
  sched_tick(rq, 2300);
  assert_int_equal(sched_kicks(rq), 1);
}

// A hart that picks on its own need not be kicked any more.
static void
test_kick_is_void(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  sched_tick(rq, 1000);
  sched_block(rq, T(0), 1000);
  assert_null(sched_pick(rq, 0, 1000));
  assert_int_equal(sched_kicks(rq), 0);
  bench_ready(&b, 0, 5, 1001); // kicks the idle hart
  sched_pick(rq, 0, 1001);
  assert_int_equal(sched_kicks(rq), 0);
}

// A slice without end needs no tick, and does not overflow.
static void
test_endless_slice(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  bench_ready(&b, 0, 5, 70);
  sched_pick(rq, 0, 70);
  T(0)->slice = NSEC_NEVER;
  assert_int_equal(sched_next_tick(rq, T(0)), NSEC_NEVER);
  T(0)->slice = NSEC_NEVER - 100;
  assert_int_equal(sched_next_tick(rq, T(0)), NSEC_NEVER - 30);
  T(0)->slice = NSEC_NEVER - 20;
  assert_int_equal(sched_next_tick(rq, T(0)), NSEC_NEVER);
  rq->alarm = 500;
  assert_int_equal(sched_next_tick(rq, T(0)), 500);
}

// The reason that the policy sees, and what counts as pushed out.
static void
test_reasons(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  bench_ready(&b, 0, 5, 0);
  assert_int_equal(b.task[0].why, READY_NEW);
  sched_pick(rq, 0, 0);
  sched_stop(rq, T(0), READY_YIELD, 10);
  assert_int_equal(b.task[0].why, READY_YIELD);
  assert_int_equal(T(0)->st.preempted, 0);
  sched_pick(rq, 0, 10);
  sched_stop(rq, T(0), READY_SLICE, 20); // it has some left
  assert_int_equal(b.task[0].why, READY_PREEMPT);
  assert_int_equal(T(0)->st.preempted, 1);
  sched_pick(rq, 0, 20);
  sched_stop(rq, T(0), READY_PREEMPT, 1020);
  assert_int_equal(b.task[0].why, READY_SLICE);
  assert_int_equal(T(0)->st.preempted, 2);
  sched_pick(rq, 0, 1020);
  sched_block(rq, T(0), 1030);
  assert_int_equal(b.task[0].blocks, 1);
  bench_ready(&b, 0, 5, 1040);
  assert_int_equal(b.task[0].why, READY_WAKE);
  assert_int_equal(T(0)->st.woken, 1);
  assert_int_equal(T(0)->st.switches, 4);
  assert_int_equal(T(0)->st.ran, 1030);
}

static void
test_alarm(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  b.q.period = 400;
  rq->alarm = 400;
  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 5, 0);
  sched_pick(rq, 0, 0);
  sched_pick(rq, 1, 0);
  assert_int_equal(sched_next_tick(rq, T(0)), 400);
  sched_tick(rq, 399);
  assert_int_equal(b.q.timers, 0);
  sched_tick(rq, 400);
  assert_int_equal(b.q.timers, 1);
  sched_tick(rq, 1500); // late: called once, from there on
  assert_int_equal(b.q.timers, 2);
  assert_int_equal(rq->alarm, 1900);
  sched_kicks(rq);
  for (int h = 0; h < 2; h++) {
    sched_stop(rq, T(h), READY_SLICE, 1500);
    sched_pick(rq, h, 1500);
  }
  b.q.cut = T(1); // timer() may end anyone's slice
  sched_tick(rq, 1900);
  assert_int_equal(sched_kicks(rq), 1 << T(1)->hart);
}

static void
test_attributes(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);
  int64_t value = 77;

  assert_int_equal(sched_set(rq, T(0), "nice", 1, 0), -1);
  assert_int_equal(sched_get(rq, T(0), "nice", &value), -1);
  assert_int_equal(sched_set(rq, T(0), "prio", -1, 0), -1);
  assert_int_equal(sched_set(rq, T(0), "prio", 10, 0), -1);
  assert_int_equal(sched_set(rq, T(0), "charm", 3, 0), -1);
  assert_int_equal(sched_set(rq, T(0), "charm", 4, 0), 0);
  assert_int_equal(sched_set(rq, T(0), "pri", 4, 0), -1);
  assert_int_equal(sched_set(rq, T(0), "prior", 4, 0), -1);
  assert_int_equal(value, 77);
  assert_int_equal(sched_set(rq, T(0), "prio", 9, 0), 0);
  assert_int_equal(sched_get(rq, T(0), "prio", &value), 0);
  assert_int_equal(value, 9);
  // Queued: requeued, and it may push out the running one.
  bench_ready(&b, 1, 5, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 0, 6, 0);
  assert_int_equal(sched_set(rq, T(0), "prio", 1, 7), 0);
  assert_int_equal(b.task[0].why, READY_CHANGED);
  assert_int_equal(sched_kicks(rq), 1);
  assert_int_equal(T(0)->since, 0);
  assert_int_equal(rq->charged, 7);
  // Refused while queued: nothing lost.
  assert_int_equal(sched_set(rq, T(0), "charm", 1, 8), -1);
  assert_null(sched_check(rq));
  assert_int_equal(rq->nready, 1);
}

// A child inherits from its parent as the parent is now.
static void
test_inherit(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  bench_ready(&b, 0, 2, 0);
  sched_pick(rq, 0, 0);
  sched_task_init(rq, T(1), T(0), 9, 1, 40);
  assert_int_equal(b.task[1].prio, 2);
  assert_int_equal(b.task[1].inherited, 1);
  assert_int_equal(b.task[1].charged, 0);
  assert_int_equal(b.task[0].charged, 40);
  assert_int_equal(T(1)->id, 9);
  assert_int_equal(T(1)->harts, 1);
  assert_int_equal(T(1)->since, 40);
}

static void
test_stats(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);
  struct task_stats st;
  int64_t out[SCHED_MAXSTAT];

  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 6, 0);
  sched_pick(rq, 0, 0);
  sched_stats(rq, T(0), &st, out, 70);
  assert_int_equal(st.ran, 70);
  assert_int_equal(out[0], 5);
  assert_int_equal(out[1], 70);
  sched_stats(rq, T(1), &st, 0, 80);
  assert_int_equal(st.ran, 0);
  assert_int_equal(st.waited, 80);
  assert_int_equal(st.max_wait, 80);
  assert_int_equal(T(1)->st.waited, 0); // only reported so far
  sched_block(rq, T(0), 100);
  sched_pick(rq, 0, 100);
  sched_stats(rq, T(1), &st, 0, 130);
  assert_int_equal(st.waited, 100);
  assert_int_equal(st.ran, 30);
  sched_stats(rq, T(0), &st, 0, 140); // blocked time is neither
  assert_int_equal(st.ran, 100);
  assert_int_equal(st.waited, 0);
}

// Tasks without limit, on one queue; the last hart there is.
static void
test_many(void **state)
{
  int n = 100000;
  struct toy_task *t = calloc(n, sizeof(*t));
  struct runq *rq = bench_init(&b, &toy_policy, 1);

  rq->harts = 1ull << 63;
  for (int i = 0; i < n; i++) {
    sched_task_init(rq, &t[i].t, 0, i, i % 2 ? SCHED_ANYHART : 1ull << 63, 0);
    t[i].prio = i % 10;
    sched_ready(rq, &t[i].t, READY_NEW, i);
  }
  assert_int_equal(rq->nready, n);
  assert_int_equal(sched_ready_for(rq, 63), n);
  assert_int_equal(sched_ready_for(rq, 0), n / 2);
  for (int i = 0; i < n; i++) {
    struct task *p = sched_pick(rq, 63, n + i);

    assert_int_equal(p->id, i % (n / 10) * 10 + i / (n / 10));
    sched_block(rq, p, n + i + 1);
  }
  assert_null(sched_pick(rq, 63, 3 * n));
  assert_int_equal(sched_ready_for(rq, 0), 0);
  free(t);
}

// Random numbers: even over the range, another sequence for each seed and
// queue, the same for the same.
static void
test_random(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 1);
  int bucket[10] = { 0 };
  double chi = 0;
  uint64_t first[100];

  for (int i = 0; i < 100000; i++)
    bucket[runq_random(rq, 10)]++;
  for (int i = 0; i < 10; i++)
    chi += (bucket[i] - 10000.0) * (bucket[i] - 10000.0) / 10000;
  assert_true(chi < 33.7); // 9 degrees of freedom: p = 0.0001
  for (int i = 0; i < 100; i++) {
    sched_runq_init(rq, &toy_policy, b.param, i % 10, 1, i / 10, 0);
    assert_int_not_equal(rq->rand, 0);
    first[i] = runq_random(rq, 1ull << 62);
    for (int k = 0; k < i; k++)
      assert_int_not_equal(first[i], first[k]);
    sched_runq_init(rq, &toy_policy, b.param, i % 10, 1, i / 10, 5);
    assert_int_equal(runq_random(rq, 1ull << 62), first[i]);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_init),          cmocka_unit_test(test_sizes_default),
    cmocka_unit_test(test_charge),        cmocka_unit_test(test_time_back),
    cmocka_unit_test(test_slice_end),     cmocka_unit_test(test_kick_is_void),
    cmocka_unit_test(test_endless_slice), cmocka_unit_test(test_reasons),
    cmocka_unit_test(test_alarm),         cmocka_unit_test(test_attributes),
    cmocka_unit_test(test_inherit),       cmocka_unit_test(test_stats),
    cmocka_unit_test(test_many),          cmocka_unit_test(test_random),
  };

  limit(120);
  return cmocka_run_group_tests_name("core", tests, 0, 0);
}
