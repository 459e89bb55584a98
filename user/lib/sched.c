// sched.c - the calls that scheduling courses add to xv6, over Peach's own.

#include "kernel/types.h"
#include "kernel/param.h"
#include "kernel/pstat.h"
#include "user/lib/lib.h"
#include "user/peach.h"

#define NSEC_PER_SEC 1000000000UL
#define GREEDY (-20)            // the range of niceness
#define MEEK 19
#define START 60                // the priority that is niceness 0

EXTRA int
nice(int inc)
{
  long n;

  if (sched_getattr(0, "nice", &n) < 0)
    return -1;
  n += inc;
  n = n < GREEDY ? GREEDY : n > MEEK ? MEEK : n;
  if (sched_setattr(0, "nice", n) < 0)
    return -1;
  return n;
}

// What one ticket of a course is worth. There a process starts with one; a
// policy may start it with more, so that nice can give it fewer. 0: the policy
// has no tickets.
static long
ticket(void)
{
  struct sched_attr_info attr;
  struct sched_param_info param;
  long n = 0;

  for (int i = 0; sched_attr(i, &attr) == 0; i++)
    if (strcmp(attr.name, "tickets") == 0)
      n = attr.dflt;
  for (int i = 0; n > 0 && sched_param(i, &param) == 0; i++)
    if (strcmp(param.name, "tickets") == 0)
      n = param.value;
  return n;
}

EXTRA int
settickets(int n)
{
  if (n < 1)
    return -1;
  return sched_setattr(0, "tickets", n * ticket()) < 0 ? -1 : 0;
}

// A niceness as a priority, 0 to 100: three steps of priority are one above
// the start, two and a bit below.
static int
priority_of(long n)
{
  if (n <= 0)
    return START + n * START / -GREEDY;
  return START + (n * (100 - START) + MEEK - 1) / MEEK;
}

static long
niceness_of(int priority)
{
  if (priority <= START)
    return (priority - START) * -GREEDY / START;
  return (priority - START) * MEEK / (100 - START);
}

EXTRA int
set_priority(int priority, int pid)
{
  long old;

  if (priority < 0 || priority > 100 || pid < 1)
    return -1;
  if (sched_getattr(pid, "nice", &old) < 0)
    return -1;
  if (sched_setattr(pid, "nice", niceness_of(priority)) < 0)
    return -1;
  return priority_of(old);
}

// Nanoseconds as ticks, to the nearest.
static int
ticks(uint64 ns)
{
  static int hz;
  struct sysinfo si;

  if (hz == 0)
    hz = sysinfo(&si) < 0 ? 10 : si.hz;
  return (ns + NSEC_PER_SEC / hz / 2) / (NSEC_PER_SEC / hz);
}

EXTRA int
waitx(int *status, int *wtime, int *rtime)
{
  return sys_waitx(status, 0, wtime, rtime);
}

// May 8 bytes be written there? Asks the kernel, which does not die of it.
static int
writable(void *p)
{
  return sched_getaffinity(0, p) == 0;
}

// A process's tickets, at least 1, as many as settickets was told.
static int
tickets_of(int pid, long one)
{
  long n;

  if (one == 0 || sched_getattr(pid, "tickets", &n) < 0 || n < one)
    return 1;
  return (n + one / 2) / one;
}

EXTRA int
getpinfo(struct pstat *ps)
{
  struct procinfo pi;
  long one = ticket();
  int i = 0;

  if (!writable(ps) || !writable((char *)(ps + 1) - 8))
    return -1;
  memset(ps, 0, sizeof(*ps));
  for (int pid = 1; i < NPROC && procinfo(pid, &pi) > 0; i++) {
    pid = pi.pid + 1;
    ps->inuse[i] = 1;
    ps->tickets[i] = tickets_of(pi.pid, one);
    ps->pid[i] = pi.pid;
    ps->ticks[i] = ticks(pi.ran);
  }
  return 0;
}
