// policy.c - what the running policy promises, asked of the kernel.
//
// Rows take their expectations from here and know nothing else about the
// policy. A promise that is forced but was not made gets the numbers that the
// book's examples have.

#include "user/schedtest/schedtest.h"

struct policy policy;

static const struct {
  const char *name;
  uint bit;
} names[] = {
  { "live", LIVE }, { "wait", WAIT }, { "equal", EQUAL },
  { "tickets", TICKETS }, { "level", LEVEL }, { "strict", STRICT },
  { "boost", BOOST }, { "inherit", INHERIT }, { "arrival", ARRIVAL },
  { "shortest", SHORTEST }, { "nice", NICE },
  { "compensation", COMPENSATION }, { "transfer", TRANSFER },
  { "lag", LAG }, { "priority", PRIORITY },
};

#define NNAMES (int)(sizeof(names) / sizeof(names[0]))

static void
take_level(const long *n)
{
  if (n[0] < 0 || n[0] >= MAXLEVEL)
    return;
  policy.slice[n[0]] = n[1];
  policy.allot[n[0]] = n[2];
  policy.nlevel = most(policy.nlevel, n[0] + 1);
}

static void
take(uint bit, const long *n)
{
  policy.promised |= bit;
  switch (bit) {
  case LIVE:
    policy.live = n[0];
    policy.live_each = n[1];
    break;
  case WAIT:
    policy.wait = n[0];
    break;
  case EQUAL:
    policy.equal = n[0];
    break;
  case TICKETS:
    policy.draw = n[0];
    policy.drawn = n[1];
    policy.promised |= n[1] ? DRAWN : TURNED;
    break;
  case LEVEL:
    take_level(n);
    break;
  case NICE:
    policy.request = n[0];
    break;
  case LAG:
    policy.lag = n[0];
    break;
  case BOOST:
    policy.boost = n[0];
    break;
  }
}

static int
find_column(const struct sysinfo *si, const char *name)
{
  for (int i = 0; i < NCOLUMN; i++)
    if (strcmp(si->column[i], name) == 0)
      return i;
  return -1;
}

static void
ask_machine(void)
{
  struct sysinfo si;
  struct hartinfo h;

  if (sysinfo(&si) < 0)
    give_up("the kernel tells nothing");
  for (int i = 0; i < si.nhart; i++)
    if (hartinfo(i, &h) == 0) {
      policy.nhart++;
      policy.hart = i;
    }
  policy.shared = strcmp(si.runq, "shared") == 0;
  policy.level_column = find_column(&si, "level");
  policy.used_column = find_column(&si, "used");
  options.det = si.det;
}

void
policy_ask(void)
{
  struct sched_promise_info p;

  ask_machine();
  for (int i = 0; sched_promise(i, &p) == 0; i++)
    for (int k = 0; k < NNAMES; k++)
      if (strcmp(p.name, names[k].name) == 0)
        take(names[k].bit, p.n);
  if (policy.promised & (TURNED | COMPENSATION))
    policy.promised |= BY_PART;
  else if (policy.promised & DRAWN)
    policy.promised |= BY_DRAW;
}

void
policy_force(uint promises)
{
  static const long level[][4] = {
    { 0, 10 * MSEC, 10 * MSEC },
    { 1, 20 * MSEC, 20 * MSEC },
    { 2, 40 * MSEC, 40 * MSEC },
    { 3, 80 * MSEC, 0 },
  };
  static const long slice[4] = { 10 * MSEC, 1 };
  static const long boost[4] = { SEC };

  promises &= ~policy.promised;
  for (int k = 0; k < NNAMES; k++)
    if (promises & names[k].bit & ~(uint)LEVEL)
      take(names[k].bit, names[k].bit == BOOST ? boost : slice);
  for (int i = 0; promises & LEVEL && i < 4; i++)
    take(LEVEL, level[i]);
  policy.promised |= promises & (DRAWN | TURNED | BY_PART | BY_DRAW);
  if (promises & (DRAWN | TURNED))
    policy.drawn = (promises & DRAWN) != 0;
}

long
policy_allotments(void)
{
  long sum = 0;

  for (int l = 0; l < policy.nlevel - 1; l++)
    sum += policy.allot[l];
  return sum;
}

void
policy_print(void)
{
  struct sched_param_info p;

  printf("parameters:");
  for (int i = 0; sched_param(i, &p) == 0; i++) {
    if (strcmp(p.unit, "ns"))
      printf(" %s=%ld", p.name, p.value);
    else if (p.value % MSEC == 0)
      printf(" %s=%ldms", p.name, p.value / MSEC);
    else if (p.value % USEC == 0)
      printf(" %s=%ldus", p.name, p.value / USEC);
    else
      printf(" %s=%ldns", p.name, p.value);
  }
  printf("\npromises:");
  for (int k = 0; k < NNAMES; k++)
    if (policy.promised & names[k].bit)
      printf(" %s", names[k].name);
  printf("\n");
}
