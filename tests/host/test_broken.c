// test_broken.c - mistakes planted in a policy: each is reported at the call
// that makes it, with the hook and the number of the promise.

#include "tests/host/harness.h"
#include "tests/host/toy.h"

static struct bench b;
static struct sched_policy bad; // the toy policy with one mistake

#define T(i) (&b.task[i].t)

static struct runq *
with_mistake(int nhart)
{
  return bench_init(&b, &bad, nhart);
}

static int
setup(void **state)
{
  bad = toy_policy;
  bad.name = "bad";
  return 0;
}

static struct task *
pick_keeps(struct runq *rq, int hart, nsec now)
{
  struct task *t = toy_first(rq, hart); // it does not take it off

  if (t)
    t->slice = 10;
  return t;
}

static void
test_pick_twice(void **state)
{
  struct runq *rq;

  bad.pick = pick_keeps;
  rq = with_mistake(2);
  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 5, 0);
  assert_ptr_equal(sched_pick(rq, 0, 0), T(0));
  expect_broken("pick", 3, sched_pick(rq, 1, 0));
}

static struct task *
pick_zero(struct runq *rq, int hart, nsec now)
{
  return 0;
}

static void
test_pick_nothing(void **state)
{
  struct runq *rq;

  bad.pick = pick_zero;
  rq = with_mistake(1);
  assert_null(sched_pick(rq, 0, 0));
  bench_ready(&b, 0, 5, 0);
  expect_broken("pick", 4, sched_pick(rq, 0, 0));
}

static void
ready_loses(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  if (t->id != 1)
    toy_ready(rq, t, why, now);
}

static void
test_ready_loses(void **state)
{
  struct runq *rq;

  bad.ready = ready_loses;
  rq = with_mistake(2);
  bench_ready(&b, 0, 5, 0);
  bench_ready(&b, 1, 5, 0);
  assert_string_equal(sched_check(rq), "toy: broken tree");
  sched_pick(rq, 0, 0);
  expect_broken("pick", 4, sched_pick(rq, 1, 0));
}

static struct task *
pick_any(struct runq *rq, int hart, nsec now)
{
  struct task *t = tree_first(&toy(rq)->tree);

  if (t)
    tree_remove(&toy(rq)->tree, t);
  if (t)
    t->slice = 10;
  return t;
}

static void
test_pick_ignores_mask(void **state)
{
  struct runq *rq;

  bad.pick = pick_any;
  rq = with_mistake(2);
  T(0)->harts = 1 << 1;
  bench_ready(&b, 0, 5, 0);
  expect_broken("pick", 4, sched_pick(rq, 0, 0));
}

static struct task *
pick_stops_at_pinned(struct runq *rq, int hart, nsec now)
{
  struct task *t = tree_first(&toy(rq)->tree);

  return t && task_may_run(t, hart) ? pick_any(rq, hart, now) : 0;
}

static void
test_pick_stops_at_pinned(void **state)
{
  struct runq *rq;

  bad.pick = pick_stops_at_pinned;
  rq = with_mistake(2);
  T(0)->harts = 1 << 1;
  bench_ready(&b, 0, 5, 0);
  assert_null(sched_pick(rq, 0, 0));
  bench_ready(&b, 1, 5, 0);
  expect_broken("pick", 4, sched_pick(rq, 0, 0));
}

static struct task *
pick_no_slice(struct runq *rq, int hart, nsec now)
{
  struct task *t = toy_pick(rq, hart, now);

  if (t)
    t->slice = 0;
  return t;
}

static void
test_pick_no_slice(void **state)
{
  struct runq *rq;

  bad.pick = pick_no_slice;
  rq = with_mistake(1);
  bench_ready(&b, 0, 5, 0);
  expect_broken("pick", 5, sched_pick(rq, 0, 0));
}

static struct task *last_blocked;

static void
block_remembers(struct runq *rq, struct task *t, nsec now)
{
  last_blocked = t;
}

static struct task *
pick_stale(struct runq *rq, int hart, nsec now)
{
  if (last_blocked)
    last_blocked->slice = 10;
  return last_blocked ? last_blocked : toy_pick(rq, hart, now);
}

static void
test_pick_blocked(void **state)
{
  struct runq *rq;

  last_blocked = 0;
  bad.pick = pick_stale;
  bad.block = block_remembers;
  rq = with_mistake(1);
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  sched_block(rq, T(0), 5);
  expect_broken("pick", 3, sched_pick(rq, 0, 5));
}

static void
leave_nothing(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
}

static void
test_leave_keeps(void **state)
{
  struct runq *rq;

  bad.leave = leave_nothing;
  rq = with_mistake(1);
  bench_ready(&b, 0, 5, 0);
  sched_take(rq, T(0), 0); // it goes to another queue
  assert_non_null(sched_check(rq));
  expect_broken("pick", 3, sched_pick(rq, 0, 0));
}

static void
timer_late(struct runq *rq, nsec now)
{
  rq->alarm = now;
}

static void
test_timer_late(void **state)
{
  struct runq *rq;

  bad.timer = timer_late;
  rq = with_mistake(1);
  rq->alarm = 10;
  expect_broken("timer", 6, sched_tick(rq, 10));
}

static void
test_timer_missing(void **state)
{
  struct runq *rq;

  bad.timer = 0;
  rq = with_mistake(1);
  rq->alarm = 10;
  sched_tick(rq, 9);
  expect_broken("timer", 6, sched_tick(rq, 10));
}

static void
init_past(struct runq *rq, nsec now)
{
  rq->alarm = now;
}

static void
test_init_past(void **state)
{
  bad.runq_init = init_past;
  expect_broken("runq_init", 6, with_mistake(1));
}

static struct task *
surplus_none(const struct runq *rq, int thief)
{
  return 0;
}

static struct task *
surplus_any(const struct runq *rq, int thief)
{
  return tree_first(&toy(rq)->tree);
}

static struct task *
surplus_running(const struct runq *rq, int thief)
{
  return rq->running;
}

static void
test_surplus(void **state)
{
  struct runq *rq;

  bad.surplus = surplus_none;
  rq = with_mistake(1);
  T(0)->harts = 1 << 0;
  bench_ready(&b, 0, 5, 0);
  assert_null(sched_spare(rq, 1, 0)); // it may have none
  bench_ready(&b, 1, 6, 0);
  expect_broken("surplus", 7, sched_spare(rq, 1, 0));
  bad.surplus = surplus_any;
  expect_broken("surplus", 7, sched_spare(rq, 1, 0));
  bad.surplus = surplus_running;
  sched_pick(rq, 0, 0);
  expect_broken("surplus", 3, sched_spare(rq, 1, 0));
  bad.surplus = 0;
  assert_null(sched_spare(rq, 1, 0));
}

static void
charge_hides(struct runq *rq, struct task *t, nsec passed, nsec now)
{
  t->state = TASK_BLOCKED; // not the policy's to write
}

static void
test_check_core_fields(void **state)
{
  struct runq *rq;

  bad.charge = charge_hides;
  rq = with_mistake(2);
  bench_ready(&b, 0, 5, 0);
  sched_pick(rq, 0, 0);
  assert_null(sched_check(rq));
  sched_tick(rq, 5);
  assert_string_equal(sched_check(rq),
                      "(8) a running task has another state or queue");
  T(0)->state = TASK_RUNNING;
  assert_null(sched_check(rq));
  rq->busy = 3;
  assert_string_equal(sched_check(rq), "(8) wrong mask of busy harts");
  rq->busy = 1;
  rq->idle = 1;
  assert_string_equal(sched_check(rq), "(8) wrong mask of idle harts");
  rq->idle = 0;
  rq->told = 2;
  assert_string_equal(sched_check(rq),
                      "(8) a hart was told to stop and runs nothing");
  rq->told = 0;
  rq->nready = -1;
  assert_string_equal(sched_check(rq), "(8) wrong count of queued tasks");
  rq->nready = 0;
  rq->due[0] = T(1);
  assert_string_equal(sched_check(rq), "(8) a hart does not know for "
                                       "whom it was told to pick");
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_pick_twice, setup),
    cmocka_unit_test_setup(test_pick_nothing, setup),
    cmocka_unit_test_setup(test_ready_loses, setup),
    cmocka_unit_test_setup(test_pick_ignores_mask, setup),
    cmocka_unit_test_setup(test_pick_stops_at_pinned, setup),
    cmocka_unit_test_setup(test_pick_no_slice, setup),
    cmocka_unit_test_setup(test_pick_blocked, setup),
    cmocka_unit_test_setup(test_leave_keeps, setup),
    cmocka_unit_test_setup(test_timer_late, setup),
    cmocka_unit_test_setup(test_timer_missing, setup),
    cmocka_unit_test_setup(test_init_past, setup),
    cmocka_unit_test_setup(test_surplus, setup),
    cmocka_unit_test_setup(test_check_core_fields, setup),
  };

  limit(60);
  return cmocka_run_group_tests_name("broken", tests, 0, 0);
}
