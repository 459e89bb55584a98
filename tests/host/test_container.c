// test_container.c - queue.h and tree.h against plain arrays.

#include <string.h>

#include "sched/queue.h"
#include "sched/tree.h"
#include "tests/host/harness.h"

#define N 200

static struct task task[N];
static struct task *model[N]; // what is in, in order
static int n;

static void
reset(void)
{
  memset(task, 0, sizeof(task));
  for (int i = 0; i < N; i++) {
    task[i].id = i;
    task[i].harts = SCHED_ANYHART;
    task[i].state = TASK_READY;
  }
  n = 0;
}

static void
model_insert(int at, struct task *t)
{
  memmove(model + at + 1, model + at, (n - at) * sizeof(*model));
  model[at] = t;
  n++;
}

static int
model_find(const struct task *t)
{
  for (int i = 0; i < n; i++)
    if (model[i] == t)
      return i;
  return -1;
}

static void
model_remove(int at)
{
  memmove(model + at, model + at + 1, (n - at - 1) * sizeof(*model));
  n--;
}

static void
compare_queue(const struct queue *q)
{
  const struct task *t = q->head;

  assert_int_equal(queue_check(q), n);
  for (int i = 0; i < n; i++, t = t->next)
    assert_ptr_equal(t, model[i]);
  assert_null(t);
}

static void
test_queue(void **state)
{
  uint64_t seed = test_seed();
  struct queue q = { 0 };

  reset();
  for (int step = 0; step < 20000; step++) {
    struct task *t = &task[rnd(&seed, N)];
    int at = model_find(t);

    if (at >= 0) {
      queue_remove(&q, t);
      model_remove(at);
    } else if (rnd(&seed, 2)) {
      queue_put(&q, t);
      model_insert(n, t);
    } else {
      queue_push(&q, t);
      model_insert(0, t);
    }
    if (step % 16 == 0)
      compare_queue(&q);
  }
}

static void
test_queue_get(void **state)
{
  struct queue q = { 0 };

  reset();
  assert_null(queue_get(&q, 0));
  for (int i = 0; i < 4; i++)
    queue_put(&q, &task[i]);
  task[0].harts = 1 << 3;
  task[1].harts = 1 << 3 | 1 << 5;
  task[2].harts = 1 << 5;
  task[3].harts = 1ull << 63;
  assert_null(queue_find(&q, 0));
  assert_ptr_equal(queue_find(&q, 5), &task[1]);
  assert_ptr_equal(queue_get(&q, 63), &task[3]);
  assert_null(queue_get(&q, 63));
  assert_ptr_equal(queue_get(&q, 5), &task[1]);
  assert_ptr_equal(queue_get(&q, 5), &task[2]);
  assert_ptr_equal(queue_get(&q, 3), &task[0]);
  assert_int_equal(queue_check(&q), 0);
}

static void
test_queue_append(void **state)
{
  struct queue a = { 0 }, b = { 0 };

  reset();
  queue_append(&a, &b);
  assert_int_equal(queue_check(&a), 0);
  for (int i = 0; i < 3; i++)
    queue_put(&b, &task[i]);
  queue_append(&a, &b); // to an empty one
  assert_int_equal(queue_check(&a), 3);
  assert_int_equal(queue_check(&b), 0);
  for (int i = 3; i < 5; i++)
    queue_put(&b, &task[i]);
  queue_append(&a, &b);
  queue_append(&a, &b);
  assert_int_equal(queue_check(&a), 5);
  for (int i = 0; i < 5; i++)
    assert_ptr_equal(queue_get(&a, 0), &task[i]);
}

static void
compare_tree(const struct tree *tree)
{
  const struct task *t = tree_first(tree);
  uint64_t total = 0;

  assert_int_equal(tree_check(tree), n);
  for (int i = 0; i < n; i++, t = tree_next(t)) {
    assert_ptr_equal(t, model[i]);
    if (t->weight > 0) { // both ends of its part
      assert_ptr_equal(tree_at(tree, total), t);
      assert_ptr_equal(tree_at(tree, total + t->weight - 1), t);
    }
    total += t->weight;
  }
  assert_int_equal(tree_total(tree), total);
}

// Few keys, so that many are equal, and on both sides of where they wrap.
static void
run_tree(uint64_t keys, int step_count)
{
  uint64_t seed = test_seed();
  struct tree tree = { 0 };

  reset();
  for (int step = 0; step < step_count; step++) {
    struct task *t = &task[rnd(&seed, N)];
    int at = model_find(t);

    if (at >= 0) {
      tree_remove(&tree, t);
      model_remove(at);
    } else {
      uint64_t key = rnd(&seed, keys) - keys / 2;

      for (at = 0; at < n && (int64_t)(model[at]->key - key) <= 0; at++)
        ;
      tree_put(&tree, t, key, rnd(&seed, 1000));
      model_insert(at, t);
    }
    compare_tree(&tree);
  }
}

static void
test_tree(void **state)
{
  run_tree(1, 2000);
  run_tree(10, 3000);
  run_tree(1u << 30, 3000);
}

// A tree that keeps groups apart: tasks of a few masks, some with bit 63, that
// came and went; keys and ranks on both sides of where they wrap.
static void
fill_apart(struct tree *tree, uint64_t *seed, int ranks, int masks)
{
  const int wrap = 25;

  tree->apart = true;
  reset();
  for (int i = 0; i < (int)rnd(seed, 100) + 1; i++) {
    struct task *t = &task[i];

    t->rank = rnd(seed, ranks) - wrap;
    t->harts = rnd(seed, 3) ? rnd(seed, masks) : SCHED_ANYHART;
    if (rnd(seed, 4) == 0)
      t->harts |= 1ull << 63;
    tree_put(tree, t, rnd(seed, 50) - wrap, rnd(seed, 9));
    if (rnd(seed, 3) == 0)
      tree_remove(tree, &task[rnd(seed, 2) ? i : tree_first(tree)->id]);
  }
  for (struct task *t = tree_first(tree); t; t = tree_next(t))
    model[n++] = t;
  assert_int_equal(tree_check(tree), n);
}

static bool
less(uint64_t a, uint64_t b)
{
  return (int64_t)(a - b) < 0;
}

// Is t a right answer of tree_least(key, hart)?
static void
compare_least(const struct task *t, uint64_t key, int hart)
{
  const struct task *best = 0;
  const struct task *least = 0;

  for (int i = 0; i < n; i++)
    if (task_may_run(model[i], hart)) {
      if (!less(key, model[i]->key) &&
          (best == 0 || less(model[i]->rank, best->rank)))
        best = model[i];
      if (least == 0 || less(model[i]->key, least->key))
        least = model[i];
    }
  if (least == 0) {
    assert_null(t);
    return;
  }
  assert_true(task_may_run(t, hart));
  if (best)
    assert_true(!less(key, t->key) && t->rank == best->rank);
  else
    assert_int_equal(t->key, least->key);
}

static void
test_tree_least(void **state)
{
  uint64_t seed = 7;

  for (int round = 0; round < 300; round++) {
    struct tree tree = { 0 };

    fill_apart(&tree, &seed, round % 2 ? 8 : 1000, 1 << round % 5);
    for (int key = -30; key < 30; key++)
      for (int hart = 0; hart < 64; hart += hart == 2 ? 61 : 1)
        compare_least(tree_least(&tree, key, hart), key, hart);
  }
}

// Of equal ranks in a group, the first one counts.
static void
test_tree_least_first(void **state)
{
  uint64_t seed = 9;

  for (int round = 0; round < 100; round++) {
    struct tree tree = { 0 };

    fill_apart(&tree, &seed, 4, 1);
    for (int key = -30; key < 30; key++) {
      const struct task *best = 0;

      for (int i = 0; i < n; i++)
        if (task_may_run(model[i], 0) && !less(key, model[i]->key) &&
            (best == 0 || less(model[i]->rank, best->rank)))
          best = model[i];
      if (best)
        assert_ptr_equal(tree_least(&tree, key, 0), best);
    }
  }
}

// tree_find on a hart, by going through all.
static void
compare_find(const struct tree *tree, int hart)
{
  const struct task *t = tree_find(tree, hart);

  for (int i = 0; i < n; i++)
    if (task_may_run(model[i], hart)) {
      assert_ptr_equal(t, model[i]);
      return;
    }
  assert_null(t);
}

// Tasks come and go, and each may run on one hart of 64, or few.
static void
test_tree_find(void **state)
{
  uint64_t seed = 11;

  for (int round = 0; round < 50; round++) {
    struct tree tree = { 0 };

    reset();
    for (int i = 0; i < 100; i++) {
      task[i].harts = 1ull << rnd(&seed, 64) | 1ull << rnd(&seed, round + 1);
      tree_put(&tree, &task[i], rnd(&seed, 50), 1);
      if (rnd(&seed, 4) == 0)
        tree_remove(&tree, &task[rnd(&seed, 2) ? i : tree_first(&tree)->id]);
    }
    for (struct task *t = tree_first(&tree); t; t = tree_next(t))
      model[n++] = t;
    assert_int_equal(tree_check(&tree), n);
    for (int hart = 0; hart < 64; hart++)
      compare_find(&tree, hart);
  }
}

// 1.44 log2(200) < 12, whatever the order of arrival.
static void
test_tree_height(void **state)
{
  struct tree up = { 0 }, down = { 0 };

  reset();
  for (int i = 0; i < N; i++)
    tree_put(&up, &task[i], i, 1);
  assert_true(up.root->height <= 11);
  for (int i = 0; i < N; i++)
    tree_remove(&up, tree_first(&up));
  assert_null(up.root);
  for (int i = 0; i < N; i++)
    tree_put(&down, &task[i], -i, 1);
  assert_true(down.root->height <= 11);
}

// The check itself sees damage.
static void
test_checks_see(void **state)
{
  struct queue q = { 0 };
  struct tree tree = { 0 };

  reset();
  for (int i = 0; i < 3; i++)
    queue_put(&q, &task[i]);
  task[2].prev = &task[0];
  assert_int_equal(queue_check(&q), -1);
  reset();
  for (int i = 0; i < 7; i++)
    tree_put(&tree, &task[i], i, 10);
  assert_int_equal(tree_check(&tree), 7);
  task[0].key = 2;
  assert_int_equal(tree_check(&tree), -1);
  task[0].key = 0;
  task[6].weight++;
  assert_int_equal(tree_check(&tree), -1);
  task[6].weight--;
  task[6].up = tree.root;
  assert_int_equal(tree_check(&tree), -1);
  task[6].up = &task[5];
  task[0].harts = 1;
  assert_int_equal(tree_check(&tree), -1);
  task[0].harts = SCHED_ANYHART;
  assert_int_equal(tree_check(&tree), 7);
  task[4].state = TASK_RUNNING;
  assert_int_equal(tree_check(&tree), -1);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_queue),
    cmocka_unit_test(test_queue_get),
    cmocka_unit_test(test_queue_append),
    cmocka_unit_test(test_tree),
    cmocka_unit_test(test_tree_least),
    cmocka_unit_test(test_tree_least_first),
    cmocka_unit_test(test_tree_find),
    cmocka_unit_test(test_tree_height),
    cmocka_unit_test(test_checks_see),
  };

  limit(120);
  return cmocka_run_group_tests_name("container", tests, 0, 0);
}
