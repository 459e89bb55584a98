// why.c - make why: what fails, drawn; the first thing, looking for short
// sequences first.

#include <stdio.h>

#include "tests/host/check/contract.h"

void
part_why(struct check *c)
{
  static struct story story;

  if (check_tables(c) &&
      (contract_story(c, &story) || exhaustive_story(c, &story) ||
       random_story(c, &story)))
    story_draw(c, &story);
  else if (c->failed == 0 && shares(c))
    printf("nothing fails: no sequence of events breaks what %s promises\n",
           c->policy->name);
  fflush(stdout);
}
