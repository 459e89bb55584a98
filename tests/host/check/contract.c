// contract.c - the numbered promises of sched.h.  First what can be told
// without running the policy; then all short sequences of events, with each
// write of each hook looked at; then long random ones on larger machines.  What
// is broken comes with the shortest sequence that breaks it.

#include "tests/host/check/contract.h"

#define STATES 8000 // of all short sequences, a machine
#define WALKS  12   // a machine
#define STEPS  500

static const struct shape small[] = {
  { 1, 1, 3, false, false },
  { 2, 1, 3, true, true },
  { 2, 2, 3, false, true },
};

static const struct shape large[] = {
  { 1, 1, 8, false, false }, { 2, 1, 6, false, true }, { 4, 1, 8, true, true },
  { 3, 3, 8, false, true },  { 4, 2, 8, false, true }, { 2, 2, 5, true, false },
};

enum {
  NSMALL = sizeof(small) / sizeof(small[0]),
  NLARGE = sizeof(large) / sizeof(large[0]),
};

static void
fails(struct check *c, const struct story *story)
{
  struct world *w = world_new(c->policy, c->param, story->shape, story->start);

  story_fails(c, w, story);
  world_free(w);
}

// All short sequences; true if one fails.
static bool
short_ones(struct check *c)
{
  static struct search s;

  for (int i = 0; i < NSMALL; i++) {
    s = (struct search){ .shape = small[i], .most = STATES, .watch = true };
    s.ignore = ALL_RULES;
    search(c, &s);
    if (s.found) {
      fails(c, &s.story);
      return true;
    }
  }
  return false;
}

static void
long_ones(struct check *c)
{
  static struct story story;

  for (int n = 0; n < WALKS; n++)
    for (int i = 0; i < NLARGE; i++)
      if (walk(c, large[i], c->seed * 1000 + n, STEPS, &story)) {
        fails(c, &story);
        return;
      }
}

void
part_contract(struct check *c)
{
  check_name(c, "contract");
  if (check_tables(c) && !short_ones(c))
    long_ones(c);
}
