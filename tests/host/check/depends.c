// depends.c - what tells two states apart, for this policy?
//
// Two states from which the same follows count as one.  If a policy never
// looks at the clock's value, only at spans of time, it is the same at any
// time; if it never looks at the core's statistics, they do not matter.  That
// is found out: the same random events with another clock, and with other
// statistics, must lead to the same memory.  If they do not, states are told
// apart by these as well.

#include <string.h>

#include "tests/host/check/story.h"

#define WALKS 20
#define STEPS 200

struct twin {
  struct world *w;
  uint64_t x;
  bool scramble;
  uint64_t hash; // of all states on the way
};

static uint64_t
any(uint64_t *x, uint64_t n)
{
  *x = *x * 6364136223846793005 + 1442695040888963407;
  return (*x >> 33) % n;
}

// Other statistics, such as any other past could have left.
static void
scramble(struct twin *t, uint64_t *x)
{
  for (int i = 0; i < t->w->shape.ntask; i++) {
    struct task *k = t->w->task[i];

    if (!t->w->live[i])
      continue;
    k->since = t->w->s.now - any(x, SEC(1));
    k->st.ran = any(x, SEC(2));
    k->st.waited = any(x, SEC(2));
    k->st.max_wait = any(x, SEC(2));
    k->st.switches = any(x, 1000);
    k->st.preempted = any(x, 1000);
    k->st.woken = any(x, 1000);
  }
}

static void
walk(void *arg)
{
  struct twin *t = arg;
  struct event list[MAXEVENT];
  uint64_t other = 1;

  world_reset(t->w);
  for (int i = 0; i < STEPS; i++) {
    int n = world_events(t->w, list);
    struct event e = list[any(&t->x, n)];

    e.luck = any(&t->x, LUCK);
    if (t->scramble)
      scramble(t, &other);
    world_do(t->w, &e);
    t->hash = t->hash * 31 + world_hash(t->w, 0);
  }
}

// False if it ends in a fault, which the search will find.
static bool
trace(struct world *w, uint64_t seed, nsec start, bool scrambled,
      uint64_t *hash)
{
  struct twin t = { w, seed, scrambled, 0 };

  w->start = start;
  if (guard(walk, &t))
    return false;
  *hash = t.hash;
  return true;
}

int
depends(struct check *c, struct shape shape)
{
  struct world *w = world_new(c->policy, c->param, shape, SEC(1000));
  int by = 0;

  for (uint64_t seed = 1; seed <= WALKS; seed++) {
    uint64_t plain, later, other;

    if (!trace(w, seed, SEC(1000), false, &plain) ||
        !trace(w, seed, SEC(7777) + 123456789, false, &later) ||
        !trace(w, seed, SEC(1000), true, &other))
      break;
    by |= later != plain ? BY_CLOCK : 0;
    by |= other != plain ? BY_STATS : 0;
  }
  world_free(w);
  return by;
}
