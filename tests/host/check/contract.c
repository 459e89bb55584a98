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

static bool
short_ones(struct check *c, struct story *story)
{
  static struct search s;

  for (int i = 0; i < NSMALL; i++) {
    s = (struct search){ .shape = small[i], .most = STATES, .watch = true };
    s.ignore = ALL_RULES;
    search(c, &s);
    if (s.found) {
      *story = s.story;
      return true;
    }
  }
  return false;
}

static bool
long_ones(struct check *c, struct story *story)
{
  for (int n = 0; n < WALKS; n++)
    for (int i = 0; i < NLARGE; i++)
      if (walk(c, large[i], c->seed * 1000 + n, STEPS, story))
        return true;
  return false;
}

bool
contract_story(struct check *c, struct story *story)
{
  return short_ones(c, story) || long_ones(c, story);
}

void
part_contract(struct check *c)
{
  static struct story story;

  check_name(c, "contract");
  if (check_tables(c) && contract_story(c, &story))
    story_fails(c, &story);
}
