// contract.c - the numbered promises of sched.h.

#include "tests/host/check/check.h"

static void
tables(struct check *c)
{
  const struct sched_policy *p = c->policy;

  if (p->ready == 0 || p->pick == 0 || p->leave == 0)
    check_fails(c, "contract", "ready(), pick() and leave() must be there");
}

void
part_contract(struct check *c)
{
  check_name(c, "contract");
  tables(c);
}
