// test_hooks.c - mistakes planted in the hooks about several queues: next(),
// weight() and urgency(). Each is reported with the number of the promise.

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;
static struct sched_policy bad; // the toy policy with one mistake

static int
setup(void **state)
{
  bad = toy_policy;
  bad.name = "bad";
  return 0;
}

static struct task *
next_leaves_out(const struct runq *rq, const struct task *t)
{
  return t ? 0 : tree_first(&toy(rq)->tree);
}

static struct task *
next_repeats(const struct runq *rq, const struct task *t)
{
  return tree_first(&toy(rq)->tree);
}

static struct task *
next_right(const struct runq *rq, const struct task *t)
{
  return t ? tree_next(t) : tree_first(&toy(rq)->tree);
}

static void
test_next(void **state)
{
  struct runq *rq;

  bad.next = next_leaves_out;
  rq = bench_init(&b, &bad, 1);
  bench_ready(&b, 0, 5, 0);
  assert_null(sched_check(rq));
  bench_ready(&b, 1, 6, 0);
  assert_string_equal(sched_check(rq), "(17) next() leaves out a queued task");
  bad.next = next_repeats;
  assert_string_equal(sched_check(rq), "(17) next() names a task that is not "
                                       "queued, or one twice");
  bad.next = next_right;
  assert_null(sched_check(rq));
}

static int64_t
weight_zero(const struct runq *rq, const struct task *t)
{
  return 0;
}

static int64_t
weight_huge(const struct runq *rq, const struct task *t)
{
  return SCHED_MAXWEIGHT + 1;
}

static void
test_weight(void **state)
{
  struct sched_load load;
  struct runq *rq;

  bad.next = next_right;
  bad.weight = weight_zero;
  rq = bench_init(&b, &bad, 1);
  bench_ready(&b, 0, 5, 0);
  expect_broken("weight", 18, sched_weigh(rq, 0, 1, &load, 0));
  bad.weight = weight_huge;
  expect_broken("weight", 18, sched_weigh(rq, 0, 1, &load, 0));
}

static int64_t
urgency_none(const struct runq *rq, const struct task *t)
{
  return 0;
}

static int64_t
urgency_right(const struct runq *rq, const struct task *t)
{
  return toy_task(t)->prio;
}

static void
test_urgency(void **state)
{
  struct runq *rq;

  bad.next = next_right;
  bad.urgency = urgency_none;
  rq = bench_init(&b, &bad, 1);
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  bench_ready(&b, 1, 6, 0);
  assert_null(sched_check(rq));
  bench_ready(&b, 2, 4, 0);
  assert_string_equal(sched_check(rq),
                      "(19) urgency() does not go with preempts()");
  bad.urgency = urgency_right;
  assert_null(sched_check(rq));
  bad.preempts = 0;
  assert_string_equal(sched_check(rq),
                      "(19) urgency() does not go with preempts()");
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_next, setup),
    cmocka_unit_test_setup(test_weight, setup),
    cmocka_unit_test_setup(test_urgency, setup),
  };

  limit(120);
  return cmocka_run_group_tests_name("hooks", tests, 0, 0);
}
