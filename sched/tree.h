// tree.h - tasks in order of key, least first, equal keys in order of
// arrival, with the sum of their weights, the least of their ranks and the
// harts that they may run on: a balanced tree (Adelson-Velsky and Landis,
// 1962), linked through the tasks.
//
// A tree may keep groups apart: of tasks that may run on the same harts. It is in
// order of their masks, and only then of keys. So what is asked for one hart is
// asked of each group as a whole; there are as many as masks in use, one if no
// task is pinned.
//
// The heights of the two subtrees of a task never differ by more than 1, so
// a tree of n tasks is at most 1.44 log2(n) high.  Everything takes O(log n),
// but tree_least O(log n) for each group, and tree_check and walking all with
// tree_next O(n).  Keys and ranks may wrap: what counts is their difference.

#ifndef SCHED_TREE_H
#define SCHED_TREE_H

#include "sched/sched.h"

struct tree {
  struct task *root;
  bool apart; // keeps groups apart; set it while the tree is empty
};

static inline int
tree_height(const struct task *t)
{
  return t ? t->height : 0;
}

static inline uint64_t
tree_sum(const struct task *t) // of the subtree under t
{
  return t ? t->sum : 0;
}

static inline uint64_t
tree_total(const struct tree *tree)
{
  return tree_sum(tree->root);
}

// Put x in the place of t under t's parent.
static inline void
tree_replace(struct tree *tree, struct task *t, struct task *x)
{
  if (t->up == 0)
    tree->root = x;
  else if (t->up->prev == t)
    t->up->prev = x;
  else
    t->up->next = x;
  if (x)
    x->up = t->up;
}

// The lesser of a rank and the least one under t, if there is a t.
static inline uint64_t
tree_lesser(uint64_t rank, const struct task *t)
{
  return t && (int64_t)(t->least - rank) < 0 ? t->least : rank;
}

static inline uint64_t
tree_any(const struct task *t) // the harts of those under t
{
  return t ? t->any : 0;
}

static inline void
tree_update(struct task *t)
{
  int left = tree_height(t->prev);
  int right = tree_height(t->next);

  t->height = 1 + (left > right ? left : right);
  t->sum = tree_sum(t->prev) + t->weight + tree_sum(t->next);
  t->least = tree_lesser(tree_lesser(t->rank, t->prev), t->next);
  t->any = tree_any(t->prev) | t->harts | tree_any(t->next);
}

// The right child of t takes its place, and t becomes its left child.
static inline void
tree_rotate_left(struct tree *tree, struct task *t)
{
  struct task *x = t->next;

  tree_replace(tree, t, x);
  t->next = x->prev;
  if (t->next)
    t->next->up = t;
  x->prev = t;
  t->up = x;
  tree_update(t);
  tree_update(x);
}

static inline void
tree_rotate_right(struct tree *tree, struct task *t)
{
  struct task *x = t->prev;

  tree_replace(tree, t, x);
  t->prev = x->next;
  if (t->prev)
    t->prev->up = t;
  x->next = t;
  t->up = x;
  tree_update(t);
  tree_update(x);
}

// The subtrees of t and of those above it have changed: restore heights,
// sums and balance.
static inline void
tree_mend(struct tree *tree, struct task *t)
{
  struct task *up;

  for (; t; t = up) {
    int lean = tree_height(t->prev) - tree_height(t->next);

    up = t->up;
    tree_update(t);
    if (lean > 1) {
      if (tree_height(t->prev->prev) < tree_height(t->prev->next))
        tree_rotate_left(tree, t->prev);
      tree_rotate_right(tree, t);
    } else if (lean < -1) {
      if (tree_height(t->next->next) < tree_height(t->next->prev))
        tree_rotate_right(tree, t->next);
      tree_rotate_left(tree, t);
    }
  }
}

// Is t's place, by its key, before that of x?
static inline bool
tree_before(const struct tree *tree, const struct task *t, const struct task *x)
{
  if (tree->apart && t->harts != x->harts)
    return t->harts < x->harts;
  return (int64_t)(t->key - x->key) < 0;
}

// t->rank counts as it is, for tree_least.
static inline void
tree_put(struct tree *tree, struct task *t, uint64_t key, uint64_t weight)
{
  struct task **link = &tree->root;
  struct task *up = 0;

  t->key = key;
  t->weight = weight;
  t->prev = t->next = 0;
  while (*link) {
    up = *link;
    link = tree_before(tree, t, up) ? &up->prev : &up->next;
  }
  t->up = up;
  *link = t;
  tree_mend(tree, t);
}

static inline struct task *
tree_leftmost(struct task *t)
{
  while (t && t->prev)
    t = t->prev;
  return t;
}

static inline void
tree_remove(struct tree *tree, struct task *t)
{
  struct task *x;   // takes the place of t
  struct task *low; // the lowest whose subtree changes

  if (t->prev == 0 || t->next == 0) {
    x = t->prev ? t->prev : t->next;
    low = t->up;
    tree_replace(tree, t, x);
  } else {
    x = tree_leftmost(t->next);
    low = x->up == t ? x : x->up;
    tree_replace(tree, x, x->next);
    tree_replace(tree, t, x);
    x->prev = t->prev;
    x->next = t->next;
    x->prev->up = x;
    if (x->next)
      x->next->up = x;
  }
  tree_mend(tree, low);
  t->prev = t->next = t->up = 0;
}

static inline struct task *
tree_first(const struct tree *tree)
{
  return tree_leftmost(tree->root);
}

// The task after t, or 0.
static inline struct task *
tree_next(const struct task *t)
{
  if (t->next)
    return tree_leftmost(t->next);
  while (t->up && t->up->next == t)
    t = t->up;
  return t->up;
}

// For a policy's next(): the task after t; t = 0: the first.
static inline struct task *
tree_after(const struct tree *tree, const struct task *t)
{
  return t ? tree_next(t) : tree_first(tree);
}

// The first of those under t that may run on hart, or 0.
static inline struct task *
tree_find_under(struct task *t, int hart)
{
  if ((tree_any(t) >> hart & 1) == 0)
    return 0;
  for (;;)
    if (tree_any(t->prev) >> hart & 1)
      t = t->prev;
    else if (task_may_run(t, hart))
      return t;
    else
      t = t->next;
}

// The first task that may run on hart, or 0.
static inline struct task *
tree_find(const struct tree *tree, int hart)
{
  return tree_find_under(tree->root, hart);
}

// Lay the weights end to end, in order: the task whose part covers `point`,
// which is below the total.
static inline struct task *
tree_at(const struct tree *tree, uint64_t point)
{
  struct task *t = tree->root;

  for (;;) {
    uint64_t left = tree_sum(t->prev);

    if (point < left) {
      t = t->prev;
    } else if (point - left < t->weight) {
      return t;
    } else {
      point -= left + t->weight;
      t = t->next;
    }
  }
}

// The weights of all before t.
static inline uint64_t
tree_sum_before(const struct task *t)
{
  uint64_t sum = tree_sum(t->prev);

  for (; t->up; t = t->up)
    if (t->up->next == t)
      sum += tree_sum(t->up->prev) + t->up->weight;
  return sum;
}

// ---- groups, in a tree that keeps them apart -------------------------------

// The first task of the group after that of t, or 0; t = 0: of the first group.
static inline struct task *
tree_group(const struct tree *tree, const struct task *t)
{
  struct task *first = 0;

  if (t == 0)
    return tree_first(tree);
  if (t->harts == SCHED_ANYHART) // the last one: no mask is greater
    return 0;
  for (struct task *x = tree->root; x;)
    if (t->harts < x->harts) {
      first = x;
      x = x->prev;
    } else {
      x = x->next;
    }
  return first;
}

// The first in order of those under t, who have the least rank of all there.
static inline struct task *
tree_least_under(struct task *t)
{
  for (;;)
    if (t->prev && t->prev->least == t->least)
      t = t->prev;
    else if (t->rank == t->least)
      return t;
    else
      t = t->next;
}

// A task, alone or with all under it, or none, and the least rank there.
struct tree_part {
  struct task *t;
  bool alone;
  uint64_t rank;
};

static inline struct tree_part
tree_alone(struct task *t)
{
  return (struct tree_part){ t, true, t->rank };
}

static inline struct tree_part
tree_under(struct task *t)
{
  return (struct tree_part){ t, false, t ? t->least : 0 };
}

// The one with the lesser rank; a if both are equal.
static inline struct tree_part
tree_lesser_part(struct tree_part a, struct tree_part b)
{
  if (a.t == 0 || (b.t && (int64_t)(b.rank - a.rank) < 0))
    return b;
  return a;
}

// Is t before the group that begins with `first` (-1), or behind its tasks with
// a key up to `key` (1), or among them (0)?
static inline int
tree_side(const struct task *t, const struct task *first, uint64_t key)
{
  if (t->harts != first->harts)
    return t->harts < first->harts ? -1 : 1;
  return (int64_t)(key - t->key) < 0;
}

// Of the group that begins with `first`, the tasks with a key up to `key`: the
// first in order of those with the least rank; or 0.
static inline struct task *
tree_least_of(const struct tree *tree, const struct task *first, uint64_t key)
{
  struct task *top = tree->root; // the highest of them
  struct tree_part best;
  int side;

  while (top && (side = tree_side(top, first, key)) != 0)
    top = side < 0 ? top->next : top->prev;
  if (top == 0)
    return 0;
  best = tree_alone(top);
  for (struct task *t = top->prev; t;)
    if (tree_side(t, first, key) < 0) {
      t = t->next;
    } else {
      best = tree_lesser_part(tree_under(t->next), best);
      best = tree_lesser_part(tree_alone(t), best);
      t = t->prev;
    }
  for (struct task *t = top->next; t;)
    if (tree_side(t, first, key) > 0) {
      t = t->prev;
    } else {
      best = tree_lesser_part(best, tree_under(t->prev));
      best = tree_lesser_part(best, tree_alone(t));
      t = t->next;
    }
  return best.alone ? best.t : tree_least_under(best.t);
}

// Of the tasks that may run on hart, one with the least rank of those with a
// key up to `key`; if there is none, one with the least key; or 0.
static inline struct task *
tree_least(const struct tree *tree, uint64_t key, int hart)
{
  struct tree_part best = { 0 };
  struct task *least = 0;

  for (struct task *g = tree_group(tree, 0); g; g = tree_group(tree, g)) {
    struct task *t;

    if (!task_may_run(g, hart))
      continue;
    if (least == 0 || (int64_t)(g->key - least->key) < 0)
      least = g;
    t = tree_least_of(tree, g, key);
    if (t)
      best = tree_lesser_part(best, tree_alone(t));
  }
  return best.t ? best.t : least;
}

// How many tasks are under t, or -1 if something is wrong there.
static inline int
tree_check_under(const struct task *t)
{
  const struct task *l = t->prev;
  const struct task *r = t->next;
  int left = 0;
  int right = 0;

  if (l)
    left = l->up == t ? tree_check_under(l) : -1;
  if (r)
    right = r->up == t ? tree_check_under(r) : -1;
  if (left < 0 || right < 0 || t->state != TASK_READY)
    return -1;
  if (t->sum != tree_sum(l) + t->weight + tree_sum(r) ||
      t->least != tree_lesser(tree_lesser(t->rank, l), r) ||
      t->any != (tree_any(l) | t->harts | tree_any(r)))
    return -1;
  left = tree_height(l) - tree_height(r) > 1 ? -1 : left;
  right = tree_height(r) - tree_height(l) > 1 ? -1 : right;
  return left < 0 || right < 0 ? -1 : left + 1 + right;
}

// How many tasks; -1 if links, balance, sums or order are wrong.  For tests.
static inline int
tree_check(const struct tree *tree)
{
  const struct task *t = tree_first(tree);

  if (t == 0)
    return 0;
  for (const struct task *x = tree_next(t); x; t = x, x = tree_next(x))
    if (tree_before(tree, x, t))
      return -1;
  return tree->root->up ? -1 : tree_check_under(tree->root);
}

#endif
