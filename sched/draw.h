// draw.h - drawing lots: a task out of a tree (tree.h), each with a probability
// in proportion to its weight there.
//
// Weights are in parts of a ticket, DRAW_UNIT to one, so that a task can hold a
// part of one.  As long as nobody does, one whole ticket is drawn.
//
// Compensation (Waldspurger and Weihl, OSDI 1994, section 3.4): who gives up
// the hart after a part f of its slice takes part with 1/f times its tickets
// until it wins a draw.  So it wins more often, and CPU time goes by tickets,
// not just slices.  Less than a slice / DRAW_WORTH counts as that much.
//
// draw_total and draw_at take O(log n) for each group of tasks that may run on
// the same harts (tree.h), the rest constant time.

#ifndef SCHED_DRAW_H
#define SCHED_DRAW_H

#include "sched/tree.h"

#define DRAW_UNIT  1024
#define DRAW_WORTH 100

// The part of its slice that a task has used, which gives up the hart with
// `left` of it; 0: all of it.
static inline nsec
draw_part(nsec slice, nsec left)
{
  return left == 0 ? 0 : left < slice ? slice - left : 1;
}

// The weight of who holds so many tickets.
static inline uint64_t
draw_weight(uint64_t tickets, nsec slice, nsec part)
{
  if (part == 0)
    return tickets * DRAW_UNIT;
  if (part < slice / DRAW_WORTH)
    return tickets * DRAW_UNIT * DRAW_WORTH;
  return tickets * DRAW_UNIT * slice / part;
}

// Any of n parts: for draw_at.
static inline uint64_t
draw_point(struct runq *rq, uint64_t n)
{
  return n % DRAW_UNIT ? runq_random(rq, n)
                       : runq_random(rq, n / DRAW_UNIT) * DRAW_UNIT;
}

// t has won, with that point of n.
static inline void
draw_note(const struct runq *rq, const struct task *t, uint64_t point,
          uint64_t n)
{
  runq_note(rq, t, NOTE_DRAW, point / DRAW_UNIT, n / DRAW_UNIT);
}

// Where the weights of the group before `next` end; next = 0: the last group.
static inline uint64_t
draw_group_end(const struct tree *tree, const struct task *next)
{
  return next ? tree_sum_before(next) : tree_total(tree);
}

// The weight of all that may run on hart, in a tree that keeps groups apart.
static inline uint64_t
draw_total(const struct tree *tree, int hart)
{
  struct task *t = tree_group(tree, 0);
  uint64_t total = 0;
  uint64_t begin = 0;

  while (t) {
    struct task *next = tree_group(tree, t);
    uint64_t end = draw_group_end(tree, next);

    total += task_may_run(t, hart) ? end - begin : 0;
    begin = end;
    t = next;
  }
  return total;
}

// Lay the weights of those end to end: the task whose part covers `point`,
// which is below the total.
static inline struct task *
draw_at(const struct tree *tree, int hart, uint64_t point)
{
  struct task *t = tree_group(tree, 0);
  uint64_t begin = 0;

  for (;;) {
    struct task *next = tree_group(tree, t);
    uint64_t end = draw_group_end(tree, next);

    if (!task_may_run(t, hart))
      point += end - begin; // among all weights
    else if (point < end)
      return tree_at(tree, point);
    begin = end;
    t = next;
  }
}

#endif
