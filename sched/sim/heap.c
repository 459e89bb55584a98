// heap.c - see heap.h.

#include <stdlib.h>

#include "sched/sim/heap.h"
#include "sched/sim/sim.h"

static bool
before(const struct heap_slot *a, const struct heap_slot *b)
{
  return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void
put(struct heap *h, int i, struct heap_slot s)
{
  h->slot[i] = s;
  s.e->place = i;
}

// Slot i is free, and s is to be somewhere between it and the root, or between
// it and the leaves.
static void
settle(struct heap *h, int i, struct heap_slot s)
{
  for (; i > 1 && before(&s, &h->slot[i / 2]); i /= 2)
    put(h, i, h->slot[i / 2]);
  for (int k; (k = 2 * i) <= h->n; i = k) {
    if (k < h->n && before(&h->slot[k + 1], &h->slot[k]))
      k++;
    if (!before(&h->slot[k], &s))
      break;
    put(h, i, h->slot[k]);
  }
  put(h, i, s);
}

void
heap_set(struct heap *h, struct event *e, nsec at, uint64_t order)
{
  struct heap_slot s = { at, order, e };

  if (e->place == 0) {
    if (h->n + 2 > h->room) {
      h->room = 2 * h->room + 64;
      h->slot = sim_more(h->slot, h->room * sizeof(*h->slot));
    }
    e->place = ++h->n;
  }
  settle(h, e->place, s);
}

void
heap_remove(struct heap *h, struct event *e)
{
  int i = e->place;
  struct heap_slot last;

  if (i == 0)
    return;
  e->place = 0;
  last = h->slot[h->n--];
  if (last.e != e)
    settle(h, i, last);
}

void
heap_free(struct heap *h)
{
  free(h->slot);
  *h = (struct heap){ 0 };
}
