// exhaustive.c - all sequences of events up to a depth, on three small
// machines: see search.c.  DEPTH says how deep; each machine gets so many
// states at most, and by default fewer.

#include <stdio.h>
#include <string.h>

#include "tests/host/check/contract.h"

#define DEFAULT_STATES 150000 // a machine
#define MOST_STATES    4000000

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
  const char *what = s->all         ? "all there are"
                     : s->cut_short ? "and a part of those with one more"
                                    : "";
  char reached[40] = "";

  if (!s->all)
    snprintf(reached, sizeof(reached), "all sequences of %d events",
             s->reached);
  check_says(c, "exhaustive", "%s, %d tasks: %llu states, %s%s%s", name,
             s->shape.ntask, (unsigned long long)s->states, reached,
             *reached && *what ? " " : "", what);
}

static void
fails(struct check *c, const struct search *s)
{
  struct world *w = world_new(c->policy, c->param, s->shape, s->story.start);

  story_fails(c, w, &s->story);
  world_free(w);
}

static unsigned
rule_of(const struct fault *fault)
{
  for (int r = 0; r < NRULE; r++)
    if (strcmp(rule_name[r], fault->name) == 0)
      return 1u << r;
  return 0;
}

// Search one machine.  A rule that fails is told once, and then ignored.
static void
search_one(struct check *c, struct search *s, unsigned *broken)
{
  struct shape shape = s->shape;

  for (;;) {
    *s = (struct search){ .shape = shape, .depth = c->depth };
    s->most = c->depth ? MOST_STATES : DEFAULT_STATES;
    s->ignore = *broken;
    search(c, s);
    if (!s->found)
      return;
    fails(c, s);
    if (rule_of(&s->story.fault) == 0)
      return;
    *broken |= rule_of(&s->story.fault);
  }
}

// List the rules that it promises.
static void
name_rules(struct check *c)
{
  struct world *w = world_new(c->policy, c->param, machine[0].shape, 0);

  model_begin(w);
  for (int r = 0; r < NRULE; r++)
    if (model_has(w, r))
      check_name(c, rule_name[r]);
  world_free(w);
}

void
part_exhaustive(struct check *c)
{
  static struct search s;
  unsigned broken = 0;
  uint64_t states = 0;

  if (!check_fit(c))
    return;
  name_rules(c);
  check_name(c, "exhaustive");
  for (int i = 0; i < NMACHINE; i++) {
    s.shape = machine[i].shape;
    search_one(c, &s, &broken);
    states += s.states;
    if (s.found) {
      check_says(c, "exhaustive", "ended by what broke the contract");
      return;
    }
    say(c, machine[i].name, &s);
  }
  check_says(c, "exhaustive", "%llu states%s", (unsigned long long)states,
             c->depth ? "" : "; DEPTH=n looks deeper");
}
