// draws.c - what a policy draws in the simulator: numbers of its own, or those
// of the book's lottery.py.
//
// A policy numbers tickets in the order of its queue, lottery.py in the order
// of its job list. So the winner is found by the latter, and the number that
// means the same one in the queue is what the policy gets.

#include <stdio.h>
#include <stdlib.h>

#include "sched/sim/sim.h"

static const uint64_t *draws;
static int left;

void
sim_feed(const uint64_t *numbers, int n)
{
  draws = numbers;
  left = n;
}

// The queued task with the least id above that, or 0.
static const struct task *
next_by_id(const struct runq *rq, int id)
{
  const struct task *found = 0;

  for (const struct task *t = rq->policy->next(rq, 0); t;
       t = rq->policy->next(rq, t))
    if (t->id > id && (found == 0 || t->id < found->id))
      found = t;
  return found;
}

static const struct task *
winner(const struct runq *rq, uint64_t ticket)
{
  const struct task *t = next_by_id(rq, -1);

  while (t && ticket >= (uint64_t)sched_weight(rq, t)) {
    ticket -= sched_weight(rq, t);
    t = next_by_id(rq, t->id);
  }
  return t;
}

uint64_t
runq_random(struct runq *rq, uint64_t n)
{
  const struct task *won;
  uint64_t before = 0;

  if (draws == 0)
    return runq_xorshift(rq, n);
  if (left-- == 0) {
    fprintf(stderr, "sim: --draws has too few numbers\n");
    exit(2);
  }
  won = winner(rq, *draws++ % n);
  for (const struct task *t = rq->policy->next(rq, 0); t && t != won;
       t = rq->policy->next(rq, t))
    before += sched_weight(rq, t);
  return before;
}
