// test_misuse.c - mistakes of who calls the core: each is reported with the
// entry that was called wrongly and the number of the promise.

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;

#define T(i) (&b.task[i].t)

static void
test_caller_tasks(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 0);
  expect_broken("sched_ready", 12, bench_ready(&b, 0, 5, 0));
  expect_broken("sched_ready", 12, sched_ready(rq, T(0), READY_MOVED, 0));
  expect_broken("sched_ready", 12, sched_ready(rq, T(1), READY_MOVED, 0));
  expect_broken("sched_stop", 12, sched_stop(rq, T(0), READY_YIELD, 0));
  expect_broken("sched_block", 12, sched_block(rq, T(0), 0));
  expect_broken("sched_block", 12, sched_block(rq, T(1), 0));
  sched_pick(rq, 0, 0);
  expect_broken("sched_ready", 12, bench_ready(&b, 0, 5, 0));
  expect_broken("sched_take", 12, sched_take(rq, T(0), 0));
  expect_broken("sched_take", 12, sched_take(rq, T(1), 0));
  bench_ready(&b, 1, 5, 0);
  sched_take(rq, T(1), 0);
  expect_broken("sched_take", 12, sched_take(rq, T(1), 0));
  expect_broken("sched_set", 12, sched_set(rq, T(1), "prio", 1, 0));
  expect_broken("sched_affinity", 12, sched_affinity(rq, T(1), 1, 0));
}

static void
test_caller_queues(void **state)
{
  static struct bench other;
  struct runq *rq = bench_init(&b, &toy_policy, 2);
  struct runq *rq2 = bench_init(&other, &toy_policy, 2);

  rq2->id = 8;
  bench_ready(&b, 0, 5, 0);
  expect_broken("sched_take", 12, sched_take(rq2, T(0), 0));
  expect_broken("sched_set", 12, sched_set(rq2, T(0), "prio", 1, 0));
  sched_pick(rq, 0, 0);
  expect_broken("sched_stop", 12, sched_stop(rq2, T(0), READY_YIELD, 0));
  expect_broken("sched_block", 12, sched_block(rq2, T(0), 0));
}

static void
test_caller_harts(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);

  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 5, 0);
  expect_broken("sched_pick", 13, sched_pick(rq, 0, 0)); // it runs one
  expect_broken("sched_pick", 13, sched_pick(rq, 2, 0)); // not of rq
  expect_broken("sched_pick", 16, sched_pick(rq, -1, 0));
  expect_broken("sched_pick", 16, sched_pick(rq, SCHED_MAXHART, 0));
  expect_broken("sched_spare", 16, sched_spare(rq, SCHED_MAXHART, 0));
  sched_pick(rq, 1, 0);
  sched_stop(rq, T(0), READY_YIELD, 1);
  expect_broken("sched_stop", 13, sched_stop(rq, T(1), READY_YIELD, 1));
}

static void
test_caller_limits(void **state)
{
  struct runq *rq = bench_init(&b, &toy_policy, 2);
  static struct bench other;

  expect_broken("sched_task_init", 16, sched_task_init(rq, T(2), 0, -1, 1, 0));
  expect_broken("sched_task_init", 16, sched_task_init(rq, T(2), 0, 1, 0, 0));
  expect_broken("sched_affinity", 16, sched_affinity(rq, T(1), 0, 0));
  T(0)->harts = 1 << 2;
  expect_broken("sched_ready", 16, bench_ready(&b, 0, 5, 0));
  expect_broken("sched_runq_init", 16,
                sched_runq_init(&other.q.rq, &toy_policy, b.param, 0, 0, 1, 0));
  expect_broken(
    "sched_runq_init", 16,
    sched_runq_init(&other.q.rq, &toy_policy, b.param, -1, 1, 1, 0));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_caller_tasks),
    cmocka_unit_test(test_caller_queues),
    cmocka_unit_test(test_caller_harts),
    cmocka_unit_test(test_caller_limits),
  };

  limit(60);
  return cmocka_run_group_tests_name("misuse", tests, 0, 0);
}
