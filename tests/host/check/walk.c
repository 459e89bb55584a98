// walk.c - a long random sequence of events.  If it ends in a fault, most of
// them have nothing to do with it: they are taken away.

#include <stdlib.h>

#include "tests/host/check/contract.h"

#define FEW    8
#define SELDOM 500 // events: with more tasks, all is looked at

struct walker {
  struct world *w;
  struct story *story;
  uint64_t x;
  int steps, crowd; // events; the first ones make a crowd
  char *copy;
};

static uint64_t
any(void *arg, uint64_t n)
{
  uint64_t *x = arg;

  *x = *x * 6364136223846793005 + 1442695040888963407;
  return (*x >> 33) % n;
}

// First a kind of event, then one of those: there are many ways to set an
// attribute and one to let time pass.
static struct event
some_event(struct walker *k)
{
  struct event list[MAXEVENT], e = { 0 };
  int n;
  int kinds = 0, found = 0;

  if (k->w->shape.ntask > FEW)
    return world_some(k->w, any, &k->x);
  n = world_events(k->w, list);
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
    struct event e =
      i < k->crowd ? (struct event){ .kind = CREATE } : some_event(k);

    k->story->event[k->story->n++] = e;
    world_do(k->w, &e);
    if (k->w->shape.ntask > FEW && i % SELDOM)
      continue;
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
  k.w->watch = shape.ntask <= FEW;
  k.w->ignore = shape.ntask <= FEW ? ALL_RULES : 0;
  k.crowd = shape.ntask <= FEW ? 0 : shape.ntask * 4 / 5;
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
