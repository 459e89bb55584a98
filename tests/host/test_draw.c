// test_draw.c - draws out of a tree that keeps tasks with different masks
// apart, against going through all.

#include <string.h>

#include "sched/draw.h"
#include "tests/host/harness.h"

#define N 100

static struct task task[N];

static void
fill(struct tree *tree, uint64_t *seed, int masks)
{
  int n = rnd(seed, N) + 1;

  memset(task, 0, sizeof(task));
  tree->apart = true;
  for (int i = 0; i < n; i++) {
    struct task *t = &task[i];

    t->id = i;
    t->state = TASK_READY;
    t->harts = rnd(seed, 3) ? rnd(seed, masks) : SCHED_ANYHART;
    if (rnd(seed, 4) == 0)
      t->harts |= 1ull << 63;
    tree_put(tree, t, 0, rnd(seed, 9));
    if (rnd(seed, 3) == 0)
      tree_remove(tree, &task[rnd(seed, 2) ? i : tree_first(tree)->id]);
  }
}

// Each point of what may be drawn on a hart falls on the task whose turn it is.
static void
test_draw_at(void **state)
{
  uint64_t seed = 13;

  for (int round = 0; round < 200; round++) {
    struct tree tree = { 0 };

    fill(&tree, &seed, 1 << round % 5);
    for (int hart = 0; hart < 64; hart += hart == 2 ? 61 : 1) {
      uint64_t point = 0;

      for (struct task *t = tree_first(&tree); t; t = tree_next(t))
        for (uint64_t w = 0; task_may_run(t, hart) && w < t->weight; w++)
          assert_ptr_equal(draw_at(&tree, hart, point++), t);
      assert_int_equal(draw_total(&tree, hart), point);
    }
  }
}

// As long as nobody holds a part of a ticket, whole ones are drawn.
static void
test_draw_point(void **state)
{
  struct runq rq = { .rand = 5 };

  for (int i = 0; i < 1000; i++) {
    assert_int_equal(draw_point(&rq, 7 * DRAW_UNIT) % DRAW_UNIT, 0);
    assert_true(draw_point(&rq, 7 * DRAW_UNIT) < 7 * DRAW_UNIT);
    assert_true(draw_point(&rq, 7 * DRAW_UNIT + 1) <= 7 * DRAW_UNIT);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_draw_at),
    cmocka_unit_test(test_draw_point),
  };

  limit(120);
  return cmocka_run_group_tests_name("draw", tests, 0, 0);
}
