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
// draw_among takes O(k log n) for the k of n that may run on the hart, the rest
// constant time.

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

// Any of n parts: for tree_at.
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

// Draw among those that may run on hart, or 0 if there are none.  It goes
// through all of them: for when most may not.
static inline struct task *
draw_among(struct runq *rq, const struct tree *tree, int hart)
{
  struct task *t;
  uint64_t total = 0;
  uint64_t point, drawn;

  for (t = tree_find(tree, hart); t; t = tree_find_next(t, hart))
    total += t->weight;
  if (total == 0)
    return 0;
  point = drawn = draw_point(rq, total);
  t = tree_find(tree, hart);
  while (point >= t->weight) {
    point -= t->weight;
    t = tree_find_next(t, hart);
  }
  draw_note(rq, t, drawn, total);
  return t;
}

#endif
