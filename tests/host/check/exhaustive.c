// exhaustive.c - all sequences of events up to a depth, on three small
// machines: see search.c.  DEPTH says how deep; by default each machine gets
// so many states.

#include <stdio.h>
#include <time.h>

#include "tests/host/check/story.h"

#define DEFAULT_STATES 100000 // a machine
#define MOST_STATES    100000000

static const struct {
  const char *name;
  struct shape shape;
} machine[] = {
  { "1 hart", { 1, 1, 4, false, false } },
  { "2 harts that share a queue", { 2, 1, 4, true, true } },
  { "2 harts with a queue each", { 2, 2, 3, false, true } },
};

enum { NMACHINE = sizeof(machine) / sizeof(machine[0]) };

static void
say(struct check *c, const char *name, const struct search *s)
{
  if (s->all)
    check_says(c, "exhaustive", "%s, %d tasks: %llu states, all there are",
               name, s->shape.ntask, (unsigned long long)s->states);
  else
    check_says(c, "exhaustive",
               "%s, %d tasks: %llu states, all sequences of %d events", name,
               s->shape.ntask, (unsigned long long)s->states, s->reached);
}

void
part_exhaustive(struct check *c)
{
  uint64_t states = 0;

  check_name(c, "exhaustive");
  for (int i = 0; i < NMACHINE; i++) {
    static struct search s;

    s = (struct search){ .shape = machine[i].shape };
    s.depth = c->depth;
    s.most = c->depth ? MOST_STATES : DEFAULT_STATES;
    search(c, &s);
    states += s.states;
    if (s.found) {
      struct world *w = world_new(c->policy, c->param, s.shape, s.story.start);

      story_fails(c, w, &s.story);
      world_free(w);
      return;
    }
    say(c, machine[i].name, &s);
  }
  check_says(c, "exhaustive", "%llu states%s", (unsigned long long)states,
             c->depth ? "" : "; DEPTH=n looks deeper");
}
