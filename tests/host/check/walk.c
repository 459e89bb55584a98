// walk.c - a long random sequence of events.  If it ends in a fault, most of
// them have nothing to do with it: they are taken away.

#include <stdlib.h>

#include "tests/host/check/contract.h"

struct walker {
  struct world *w;
  struct story *story;
  uint64_t x;
  int steps;
  char *copy;
};

static uint64_t
any(uint64_t *x, uint64_t n)
{
  *x = *x * 6364136223846793005 + 1442695040888963407;
  return (*x >> 33) % n;
}

// First a kind of event, then one of those: there are many ways to set an
// attribute and one to let time pass.
static struct event
some_event(struct walker *k)
{
  struct event list[MAXEVENT], e = { 0 };
  int n = world_events(k->w, list);
  int kinds = 0, found = 0;

  for (int i = 0; i < n; i++)
    kinds += i == 0 || list[i].kind != list[i - 1].kind;
  kinds = any(&k->x, kinds) + 1;
  for (int i = 0; i < n; i++) {
    kinds -= i == 0 || list[i].kind != list[i - 1].kind;
    if (kinds == 0 && any(&k->x, ++found) == 0)
      e = list[i];
  }
  e.luck = any(&k->x, LUCK);
  return e;
}

static void
go(void *arg)
{
  struct walker *k = arg;

  world_reset(k->w);
  for (int i = 0; i < k->steps; i++) {
    struct event e = some_event(k);

    k->story->event[k->story->n++] = e;
    world_do(k->w, &e);
    world_save(k->w, k->copy);
    world_look(k->w);
    world_restore(k->w, k->copy);
  }
}

bool
walk(struct check *c, struct shape shape, uint64_t seed, int steps,
     struct story *story)
{
  struct walker k = { .story = story, .x = seed, .steps = steps };
  const struct fault *fault;

  k.w = world_new(c->policy, c->param, shape, SEC(1000));
  k.w->watch = true;
  k.w->ignore = ALL_RULES;
  k.copy = malloc(world_size(k.w));
  story->shape = shape;
  story->start = k.w->start;
  story->watch = k.w->watch;
  story->ignore = k.w->ignore;
  story->n = 0;
  fault = guard(go, &k);
  if (fault) {
    story->fault = *fault;
    world_explain(k.w, &story->fault);
    story_shorten(k.w, story);
    story_refine(k.w, story);
  }
  free(k.copy);
  world_free(k.w);
  return fault != 0;
}
