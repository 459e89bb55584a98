// shorten.c - a story without what is not needed for its end, and its report.

#include <stdio.h>
#include <string.h>

#include "tests/host/check/story.h"

static bool
same_end(const struct fault *a, const struct fault *b)
{
  return strcmp(a->name, b->name) == 0 && a->promise == b->promise &&
         strcmp(a->hook, b->hook) == 0;
}

// Without events from..to-1.
static void
copy(struct story *new, const struct story *s, int from, int to)
{
  const size_t size = sizeof(s->event[0]);

  memcpy(new, s, offsetof(struct story, event) + from * size);
  memcpy(&new->event[from], &s->event[to], (s->n - to) * size);
  new->n = s->n - (to - from);
}

// Does it end alike without events from..to-1?  Then they go.
static bool
cut(struct world *w, struct story *s, int from, int to)
{
  static struct story t;
  const struct fault *fault;
  struct fault f;

  copy(&t, s, from, to);
  fault = story_tell(w, &t, 0, 0);
  if (fault == 0)
    return false;
  f = *fault;
  world_explain(w, &f);
  if (!same_end(&f, &s->fault))
    return false;
  copy(s, &t, 0, 0);
  s->fault = f;
  return true;
}

// A long one may take long: after so many events it is short enough.
#define ENOUGH 20000000

void
story_shorten(struct world *w, struct story *s)
{
  long told = 0;

  for (int size = s->n / 2; size > 0; size /= 2)
    for (int from = 0; from + size <= s->n && told < ENOUGH; told += s->n)
      if (!cut(w, s, from, from + size))
        from += size;
  // Until no single one can go.
  for (int from = 0; from < s->n && told < ENOUGH; told += s->n)
    from = cut(w, s, from, from + 1) ? 0 : from + 1;
}

struct world *
story_world(struct check *c, const struct story *s)
{
  struct world *w = world_new(c->policy, c->param, s->shape, s->start);

  w->watch = s->watch;
  w->ignore = s->ignore;
  return w;
}

void
story_fails(struct check *c, const struct story *s)
{
  static char text[STORYTEXT];
  struct world *w = story_world(c, s);
  char number[16] = "";

  if (s->fault.promise)
    snprintf(number, sizeof(number), " (%d)", s->fault.promise);
  story_words(w, s, text);
  check_fails(c, s->fault.name, "%s: %s; hook %s()%s", text, s->fault.what,
              s->fault.hook, number);
  world_free(w);
}
