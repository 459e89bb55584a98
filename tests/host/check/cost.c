// cost.c - how the cost of each hook grows with the number of ready tasks.
//
// The policy is in the program a second time, compiled so that it calls
// __sanitizer_cov_trace_pc in each block of its code (tests/run/check.mk).
// What counts is how many a call goes through: the same number on any machine,
// busy or not. The times, which are not, are printed and judge nothing.
//
// With 10, 100 ... 100,000 tasks that wait, of all kinds, one hart does
// everything that a hart does. The most that a hook went through, at one number
// of tasks and at a hundred times as many, says how it grows.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/host/check/contract.h"
#include "tests/host/check/crowd.h"

extern const struct sched_policy counted_policy; // the second one

static const char *const hook_name[] = {
  "ready", "pick",     "leave", "charge", "block",
  "timer", "preempts", "set",   "get",
};

enum { NHOOK = sizeof(hook_name) / sizeof(hook_name[0]) };

#define NSIZE   5    // numbers of tasks: 10, 100 ...
#define ROUNDS  2000 // with each
#define BATCHES 10
#define SOME    8 // blocks more or less that mean nothing

struct cost {
  long most[NHOOK][NSIZE]; // blocks; 0: not called
  double ns[NSIZE];        // a round
  int nsize;               // measured
};

static long steps;
static struct cost cost;

void __sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
  steps++;
}

static void
before(const struct task *t, bool may)
{
  steps = 0;
}

static void
after(const struct task *t, bool may)
{
  for (int i = 0; i < NHOOK; i++)
    if (strcmp(guard_hook, hook_name[i]) == 0) {
      long *most = &cost.most[i][cost.nsize];

      *most = steps > *most ? steps : *most;
      return;
    }
}

// ---- measuring -------------------------------------------------------------

static double
now_ns(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

// How many tasks the i-th size has.
static int
tasks(int i)
{
  return i ? 10 * tasks(i - 1) : 10;
}

// The best of several times: the machine has other things to do.
static double
time_slice(struct crowd *c)
{
  double best = INFINITY;

  for (int i = 0; i < BATCHES; i++) {
    double began = now_ns(), took;

    for (int k = 0; k < ROUNDS / BATCHES; k++)
      crowd_slice(c);
    took = (now_ns() - began) / (ROUNDS / BATCHES);
    best = took < best ? took : best;
  }
  return best;
}

static void
measure(void *arg)
{
  struct crowd *c = arg;

  crowd_begin(c);
  for (int i = 0; i < c->n; i++)
    crowd_create(c);
  guard_before = before;
  guard_after = after;
  for (int i = 0; i < ROUNDS; i++)
    crowd_round(c);
  guard_before = guard_after = 0;
  cost.ns[cost.nsize] = time_slice(c);
}

// ---- how it grows ----------------------------------------------------------

static double
exponent(const long *most, int from, int to)
{
  return log((double)most[to] / most[from]) / ((to - from) * log(10));
}

// The sizes that are compared: those of 100 or 1,000 and of the last.
static int
compared(void)
{
  return cost.nsize > 3 ? 2 : cost.nsize > 1 ? cost.nsize - 2 : 0;
}

enum growth { NONE, AS_LOG, AS_POWER };

// A logarithm goes up by two thirds from 1,000 to 100,000.
static enum growth
growth(const long *most)
{
  int from = compared(), to = cost.nsize - 1;
  double logs = (to + 1.0) / (from + 1.0);

  if (most[to] <= most[from] + SOME)
    return NONE;
  return most[to] <= logs * 1.25 * most[from] + SOME ? AS_LOG : AS_POWER;
}

// No need for more tasks: it grows far beyond a logarithm.
static bool
seen_enough(void)
{
  int last = cost.nsize - 1;

  for (int i = 0; last > 1 && i < NHOOK; i++)
    if (cost.most[i][last] > 4 * cost.most[i][last - 1] + SOME)
      return true;
  return false;
}

static void
words(const long *most, char *text, size_t size)
{
  static const char *const as[] = { "not at all", "as log n" };
  double x = exponent(most, compared(), cost.nsize - 1);

  if (growth(most) != AS_POWER)
    snprintf(text, size, "%s", as[growth(most)]);
  else if (x > 0.9 && x < 1.1)
    snprintf(text, size, "as n");
  else
    snprintf(text, size, "as n to the power of %.1f", x);
}

// ---- the report ------------------------------------------------------------

static void
say_sizes(struct check *c)
{
  char text[100];
  int n = 0;

  for (int i = 0; i < cost.nsize; i++)
    n += sprintf(text + n, " %7d", tasks(i));
  check_says(c, "cost", "%-9s%s  grows", "tasks", text);
}

static void
say_hook(struct check *c, int hook)
{
  char text[100], how[40];
  int n = 0;

  words(cost.most[hook], how, sizeof(how));
  for (int i = 0; i < cost.nsize; i++)
    n += sprintf(text + n, " %7ld", cost.most[hook][i]);
  check_says(c, "cost", "%-9s%s  %s", hook_name[hook], text, how);
}

static void
say_times(struct check *c)
{
  char text[100];
  int n = 0;

  for (int i = 0; i < cost.nsize; i++)
    n += sprintf(text + n, " %7.0f", cost.ns[i]);
  check_says(c, "cost", "%-9s%s  ns, here and now", "a slice", text);
}

static void
judge(struct check *c, int hook)
{
  static const char *const declared[] = {
    [GROWTH_LOG] = "the logarithm of n",
    [GROWTH_CONSTANT] = "a constant",
  };
  const long *most = cost.most[hook];
  enum growth limit = c->policy->growth == GROWTH_CONSTANT ? NONE : AS_LOG;
  int from = compared(), to = cost.nsize - 1;
  char how[40];

  words(most, how, sizeof(how));
  if (growth(most) > limit)
    check_fails(c, "cost",
                "%s() runs through %ld blocks of code with %d ready tasks, and "
                "%ld with %d: it grows %s, and .growth says %s at the most",
                hook_name[hook], most[from], tasks(from), most[to], tasks(to),
                how, declared[c->policy->growth]);
}

static bool
measure_all(struct check *c)
{
  const struct fault *fault;

  for (cost.nsize = 0; cost.nsize < NSIZE && !seen_enough();) {
    struct crowd *crowd =
      crowd_new(&counted_policy, c->param, tasks(cost.nsize), 1);

    fault = guard(measure, crowd);
    if (fault)
      check_fails(c, "cost", "with %d ready tasks: %s; hook %s()",
                  tasks(cost.nsize), fault->what, fault->hook);
    crowd_free(crowd);
    if (fault)
      return false;
    cost.nsize++;
  }
  return true;
}

void
part_cost(struct check *c)
{
  if (!check_fit(c))
    return;
  check_name(c, "cost");
  if (!measure_all(c))
    return;
  for (int i = 0; i < NHOOK; i++)
    if (cost.most[i][cost.nsize - 1] > 0)
      judge(c, i);
  check_says(c, "cost", "the most blocks of code that a hook ran through:");
  say_sizes(c);
  for (int i = 0; i < NHOOK; i++)
    if (cost.most[i][0] > 0)
      say_hook(c, i);
  say_times(c);
}
