// tickets.h - tickets, for policies that give CPU time in proportion to them:
// how many a task asks for, by "tickets" or by "nice", and what others, which
// wait for it, lend it.
//
// "nice" is another way to say "tickets": nice 0 is the default number, each
// step 1.25 times as many or as few.  A loan (Waldspurger and Weihl, OSDI
// 1994, section 3.1: ticket transfer) counts beside a task's own tickets and
// changes neither attribute; a child does not inherit it.
//
// Every operation takes constant time: nice has 40 values.

#ifndef SCHED_TICKETS_H
#define SCHED_TICKETS_H

#include "sched/nice.h"

enum { ATTR_TICKETS, ATTR_NICE }; // attributes

// To be put first in the struct of a policy's own.
struct ticket_task {
  struct task t;
  int own;
  int nice;
  int64_t lent; // by others
};

// Of a policy's tables.  A task has 100 if nothing is said, and `most` at most.
#define TICKETS_PARAM(most)                                                    \
  {                                                                            \
    "tickets", UNIT_COUNT, 100, 1, most                                        \
  }

#define TICKETS_ATTRS(most)                                                    \
  {                                                                            \
    [ATTR_TICKETS] = { "tickets", 100, 1, most },                              \
    [ATTR_NICE] = { "nice", 0, NICE_MIN, NICE_MAX }, { 0 },                    \
  }

static inline struct ticket_task *
tickets_of(const struct task *t)
{
  return (struct ticket_task *)t;
}

// What t competes with.
static inline int64_t
tickets_all(const struct task *t, int64_t most)
{
  const struct ticket_task *k = tickets_of(t);

  return k->lent < most - k->own ? k->own + k->lent : most;
}

// For task_init(): `normal` is what a task has that never asked.
static inline void
tickets_init(struct task *t, const struct task *parent, int64_t normal)
{
  tickets_of(t)->own = parent ? tickets_of(parent)->own : normal;
  tickets_of(t)->nice = parent ? tickets_of(parent)->nice : 0;
}

// For set().
static inline void
tickets_set(struct task *t, int attr, int64_t value, int64_t normal,
            int64_t most)
{
  struct ticket_task *k = tickets_of(t);
  bool nice = attr == ATTR_NICE;

  k->own = nice ? nice_worth(normal, value, most) : value;
  k->nice = nice ? value : nice_of(normal, value, most);
}

// lend() itself, if nothing else depends on the number.
static inline void
tickets_lend(struct runq *rq, struct task *t, int64_t lent)
{
  tickets_of(t)->lent = lent;
}

// get() itself.
static inline int64_t
tickets_get(const struct task *t, int attr)
{
  return attr == ATTR_TICKETS ? tickets_of(t)->own : tickets_of(t)->nice;
}

#endif
