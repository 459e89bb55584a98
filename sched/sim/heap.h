// heap.h - what is to happen, soonest first: a binary heap of events, each of
// which can be moved to another time or taken out while it is in there.
// Of events at one time, the one with the least order comes first.

#ifndef SCHED_SIM_HEAP_H
#define SCHED_SIM_HEAP_H

#include "sched/sched.h"

struct event {
  int place; // in the heap, from 1; 0: it is in none
};

struct heap_slot {
  nsec at;
  uint64_t order;
  struct event *e;
};

struct heap {
  struct heap_slot *slot; // from 1
  int n, room;
};

// Put e in, or move it.
void heap_set(struct heap *h, struct event *e, nsec at, uint64_t order);
// Take e out, if it is in there.
void heap_remove(struct heap *h, struct event *e);
void heap_free(struct heap *h);

// The next event, 0 if there is none, and its time, NSEC_NEVER if none.
static inline struct event *
heap_first(const struct heap *h)
{
  return h->n > 0 ? h->slot[1].e : 0;
}

static inline nsec
heap_time(const struct heap *h)
{
  return h->n > 0 ? h->slot[1].at : NSEC_NEVER;
}

#endif
