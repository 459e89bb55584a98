// random.c - long random sequences of events on machines with 1,000 tasks: what
// takes many tasks, or a long time, to go wrong. The rules are judged as well.
// What fails is made as short as it can be (shorten.c).

#include <string.h>

#include "tests/host/check/contract.h"

#define TASKS 1000
#define STEPS 20000

static const struct shape machine[] = {
  { 1, 1, TASKS, false, false },
  { 4, 1, TASKS, true, true },
  { 4, 4, TASKS, false, true },
};

enum { NMACHINE = sizeof(machine) / sizeof(machine[0]) };

bool
random_story(struct check *c, struct story *story)
{
  for (int i = 0; i < NMACHINE; i++)
    if (walk(c, machine[i], c->seed, STEPS, story))
      return true;
  return false;
}

void
part_random(struct check *c)
{
  static struct story story;

  if (!check_fit(c))
    return;
  check_name(c, "random");
  if (random_story(c, &story)) {
    if (strcmp(story.fault.name, "contract") == 0)
      story.fault.name = "random";
    story_fails(c, &story);
  } else {
    check_says(c, "random", "%d events on %d machines of %d tasks, SEED=%llu",
               NMACHINE * STEPS, NMACHINE, TASKS, (unsigned long long)c->seed);
  }
}
