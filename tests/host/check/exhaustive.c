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
  { "1 hart, 1 queue", { 1, 1, 4, false, false } },
  { "2 harts, 1 queue", { 2, 1, 4, true, true } },
  { "2 harts, 2 queues", { 2, 2, 3, false, true } },
};

enum { NMACHINE = sizeof(machine) / sizeof(machine[0]) };

static void
say(struct check *c, const char *name, const struct search *s)
{
  char how_far[60] = "all there are";

  if (!s->all)
    snprintf(how_far, sizeof(how_far), "to depth %d", s->reached);
  if (s->cut_short)
    sprintf(how_far + strlen(how_far), ", part of %d", s->reached + 1);
  check_says(c, "exhaustive", "%s, %d tasks: %llu states, %s", name,
             s->shape.ntask, (unsigned long long)s->states, how_far);
}

// Rules whose failures would follow from that of another are not judged.
static unsigned
rules_of(const struct fault *fault)
{
  const unsigned levels = 1 << RULE1 | 1 << RULE2 | 1 << RULE4 | 1 << RULE5;

  for (int r = 0; r < NRULE; r++)
    if (strcmp(rule_name[r], fault->name) == 0)
      return 1u << r | (r == RULE4 || r == RULE5 || r == INHERIT ? levels : 0);
  return 0;
}

// What was told, by name.
struct told {
  unsigned broken, unknown; // rules
};

static bool
search_machine(struct check *c, struct search *s, int i, unsigned ignore)
{
  *s = (struct search){ .shape = machine[i].shape, .depth = c->depth };
  s->most = c->depth ? MOST_STATES : DEFAULT_STATES;
  s->ignore = ignore;
  search(c, s);
  return s->found;
}

// Search one machine.  A rule that fails is told once, and then ignored.
// False if the contract is broken.
static bool
search_one(struct check *c, struct search *s, int i, struct told *told)
{
  while (search_machine(c, s, i, told->broken | told->unknown)) {
    unsigned rules = rules_of(&s->story.fault);

    if (rules == 0)
      s->story.fault.name = "exhaustive";
    story_fails(c, &s->story);
    if (rules == 0)
      return false;
    told->unknown |= rules;
    for (int r = 0; r < NRULE; r++)
      if (strcmp(rule_name[r], s->story.fault.name) == 0)
        told->broken |= 1u << r;
  }
  return true;
}

// List the rules that it promises.
static unsigned
name_rules(struct check *c)
{
  struct world *w = world_new(c->policy, c->param, machine[0].shape, 0);
  unsigned has = 0;

  model_begin(w);
  for (int r = 0; r < NRULE; r++)
    if (model_has(w, r)) {
      check_name(c, rule_name[r]);
      has |= 1u << r;
    }
  world_free(w);
  return has;
}

static void
name_unknown(struct check *c, unsigned rules)
{
  for (int r = 0; r < NRULE; r++)
    if (rules >> r & 1)
      check_unknown(c, rule_name[r]);
}

void
part_exhaustive(struct check *c)
{
  static struct search s;
  struct told told = { 0, 0 };
  uint64_t states = 0;
  unsigned rules;

  if (!check_fit(c))
    return;
  rules = name_rules(c);
  check_name(c, "exhaustive");
  for (int i = 0; i < NMACHINE; i++) {
    if (!search_one(c, &s, i, &told)) {
      name_unknown(c, rules & ~told.broken);
      return;
    }
    states += s.states;
    say(c, machine[i].name, &s);
  }
  name_unknown(c, rules & told.unknown & ~told.broken);
  check_says(c, "exhaustive", "%llu states in all%s",
             (unsigned long long)states,
             c->depth ? "" : "; DEPTH=14 sees over a million");
}

bool
exhaustive_story(struct check *c, struct story *story)
{
  static struct search s;

  for (int i = 0; i < NMACHINE; i++)
    if (search_machine(c, &s, i, 0)) {
      *story = s.story;
      return true;
    }
  return false;
}
