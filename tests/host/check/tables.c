// tables.c - what can be told of a policy before it runs: its tables, and the
// facts that tests/run/facts has found in its source and object.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check/contract.h"

// ---- the source and the object ---------------------------------------------

static bool
one_of(const char *word, const char *const *list)
{
  while (*list && strcmp(*list, word) != 0)
    list++;
  return *list != 0;
}

static void
fact(struct check *c, const char *what, const char *name)
{
  static const char *const compiler[] = { "memset", "memcpy", "memmove",
                                          "memcmp", 0 };
  bool ours = strncmp(name, "sched/", 6) == 0;

  if (strcmp(what, "include") == 0 && !ours)
    check_fails(c, "contract",
                "it includes %s; sched.h and its helpers are all that a policy "
                "needs (2)",
                name);
  if (strcmp(what, "data") == 0)
    check_fails(c, "contract",
                "\"%s\" is static data that can change; put it into the run "
                "queue or the task, or make it const (1)",
                name);
  if (strcmp(what, "calls") == 0 && !one_of(name, compiler) &&
      strncmp(name, "__", 2) != 0)
    check_fails(c, "contract", "it uses %s, which is not its own (1)", name);
  if (strcmp(what, "float") == 0)
    check_fails(c, "contract",
                "line %s computes with float or double, which the kernel does "
                "not have; count in whole numbers, small units (1)",
                name);
  if (strcmp(what, "name") == 0 && strcmp(name, c->policy->name) != 0)
    check_fails(c, "contract", ".name is \"%s\"; the file says \"%s\"",
                c->policy->name, name);
}

static void
read_facts(struct check *c)
{
  FILE *f = c->facts ? fopen(c->facts, "r") : 0;
  char what[32], name[256];

  while (f && fscanf(f, "%31s %255s", what, name) == 2)
    fact(c, what, name);
  if (f)
    fclose(f);
}

// ---- tables ----------------------------------------------------------------

static void
params(struct check *c)
{
  const struct sched_param *p = c->policy->params;
  int n = 0;

  for (; p && p->name; p++, n++)
    if (p->min > p->max ||
        ((p->init < p->min || p->init > p->max) && !(p->or_zero && !p->init)))
      check_fails(c, "contract",
                  "parameter \"%s\": its default is out of its range", p->name);
  if (n > SCHED_MAXPARAM)
    check_fails(c, "contract", "%d parameters; at most %d (16)", n,
                SCHED_MAXPARAM);
}

static void
attrs(struct check *c)
{
  const struct sched_policy *p = c->policy;
  int n = 0;

  for (; p->attrs && p->attrs[n].name; n++) {
    const struct sched_attr *a = &p->attrs[n];

    if (a->min > a->max || a->init < a->min || a->init > a->max)
      check_fails(c, "contract",
                  "attribute \"%s\": its default is out of its range", a->name);
  }
  if (n > SCHED_MAXATTR)
    check_fails(c, "contract", "%d attributes; at most %d (16)", n,
                SCHED_MAXATTR);
  if (n > 0 && (p->set == 0 || p->get == 0))
    check_fails(c, "contract", "it has attributes, but not set() and get()");
}

static void
stats(struct check *c)
{
  const struct sched_policy *p = c->policy;
  int n = 0;

  while (p->stat_names && p->stat_names[n] && n <= SCHED_MAXSTAT)
    n++;
  if (n > SCHED_MAXSTAT)
    check_fails(c, "contract", "more than %d statistics (16)", SCHED_MAXSTAT);
  if (n > 0 && p->stats == 0)
    check_fails(c, "contract", "it has stat_names, but not stats()");
}

static bool
has_attr(const struct check *c, const char *name)
{
  const struct sched_attr *a = c->policy->attrs;

  while (a && a->name && strcmp(a->name, name) != 0)
    a++;
  return a && a->name;
}

static void
promises(struct check *c)
{
  static const char *const known[] = {
    "live",  "wait",         "equal",    "tickets", "level",   "strict",
    "boost", "arrival",      "shortest", "nice",    "inherit", "transfer",
    "lag",   "compensation", "priority", 0
  };
  struct sched_promise p;
  int level = 0, i = 0;

  if (c->policy->promise == 0)
    return;
  for (; i < 100 && c->policy->promise(c->param, i, &p); i++) {
    if (p.name == 0 || !one_of(p.name, known))
      check_fails(c, "contract", "promise %d, \"%s\", is none of sched.h's", i,
                  p.name ? p.name : "");
    else if (strcmp(p.name, "priority") == 0 && !has_attr(c, "priority"))
      check_fails(
        c, "contract",
        "it promises \"priority\", and has no attribute of that name");
    else if (strcmp(p.name, "level") == 0 && p.n[0] != level++)
      check_fails(c, "contract", "its levels are not promised in order");
  }
  if (i == 100)
    check_fails(c, "contract", "promise() does not come to an end");
}

// ---- all -------------------------------------------------------------------

static bool
has_hooks(const struct sched_policy *p)
{
  return p->ready && p->pick && p->leave;
}

static bool
task_fits(const struct sched_policy *p)
{
  size_t size = sched_task_size(p);

  return size >= sizeof(struct task) && size % 8 == 0;
}

static bool
runq_fits(const struct sched_policy *p)
{
  size_t size = sched_runq_size(p);

  return size >= sizeof(struct runq) && size % 8 == 0;
}

bool
check_fit(const struct check *c)
{
  return has_hooks(c->policy) && task_fits(c->policy) && runq_fits(c->policy);
}

static void
must_haves(struct check *c)
{
  if (!has_hooks(c->policy))
    check_fails(c, "contract", "ready(), pick() and leave() must be there");
  if (!task_fits(c->policy))
    check_fails(c, "contract",
                ".task_size is that of no struct that begins "
                "with a struct task");
  if (!runq_fits(c->policy))
    check_fails(c, "contract",
                ".runq_size is that of no struct that begins "
                "with a struct runq");
}

static void
ask(void *arg)
{
  struct check *c = arg;

  read_facts(c);
  must_haves(c);
  params(c);
  attrs(c);
  stats(c);
  promises(c);
}

bool
check_tables(struct check *c)
{
  const struct fault *fault = guard(ask, c);

  if (fault)
    check_fails(c, "contract", "its tables or promise(): %s", fault->what);
  return fault == 0 && check_fit(c);
}
