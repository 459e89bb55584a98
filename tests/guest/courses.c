// courses.c - the calls that scheduling courses add to xv6: that they have the
// signatures that programs expect, and do what the names say. What a policy
// has no attribute for, it refuses.

#include "kernel/param.h"
#include "kernel/pstat.h"
#include "tests/guest/guest.h"

// The compiler checks these.
static int (*const as_nice)(int) = nice;
static int (*const as_settickets)(int) = settickets;
static int (*const as_set_priority)(int, int) = set_priority;
static int (*const as_yield)(void) = yield;
static int (*const as_waitx)(int *, int *, int *) = waitx;
static int (*const as_getpinfo)(struct pstat *) = getpinfo;

#define LATE (500 * MSEC)       // that a busy host may make of it

static uint64
tick(void)
{
  struct sysinfo si;

  EXPECT_IS(sysinfo(&si), 0);
  return SEC / si.hz;
}

static uint64
ran(int pid)
{
  struct procinfo p;

  EXPECT(procinfo(pid, &p) > 0);
  return p.ran;
}

static int
knows(const char *attr)
{
  long value;

  return sched_getattr(0, attr, &value) == 0;
}

static int
promised(const char *name)
{
  struct sched_promise_info p;

  for (int i = 0; sched_promise(i, &p) == 0; i++)
    if (strcmp(p.name, name) == 0)
      return 1;
  return 0;
}

static void
bind_to_one_hart(void)
{
  EXPECT_IS(sched_setaffinity(0, 1), 0);
}

// A child that runs for ever after setup.
static int
spinner(int (*setup)(int), int value)
{
  int pid = fork();

  EXPECT(pid >= 0);
  if (pid == 0) {
    if (setup && setup(value) < 0)
      exit(1);
    for (;;)
      ;
  }
  return pid;
}

static void
end(int pid)
{
  int status;

  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, KILLED);
}

// How many per cent of the time of both the first gets, of two children that
// share a hart and call setup with a and with b.
static int
share(int (*setup)(int), int a, int b)
{
  uint64 first, second;
  int p, q;

  bind_to_one_hart();
  p = spinner(setup, a);
  q = spinner(setup, b);
  while ((first = ran(p)) + (second = ran(q)) < 1200 * MSEC)
    sleep_ns(50 * MSEC);
  end(p);
  end(q);
  return 100 * first / (first + second);
}

static int
maybe(int n)
{
  return n ? as_settickets(n) : 0;
}

// Who asks for 3 tickets gets three times what one gets who never asked. In
// 120 draws, 20 per cent is five standard deviations.
static void
tickets(void)
{
  int percent;

  if (!knows("tickets")) {
    EXPECT_IS(as_settickets(3), -1);
    return;
  }
  percent = share(maybe, 3, 0);
  EXPECT(percent > 55 && percent < 95);
}

static int
prioritize(int priority)
{
  return as_set_priority(priority, getpid());
}

static void
priorities(void)
{
  if (!knows("nice")) {
    EXPECT_IS(prioritize(10), -1);
    EXPECT_IS(as_nice(1), -1);
    return;
  }
  EXPECT(share(prioritize, 10, 90) > 75);
  EXPECT_IS(as_nice(7), 7);
}

// The parent changes the child's, and is told the old one.
static void
priority_of_another(void)
{
  int pid;

  if (!knows("nice"))
    return;
  pid = spinner(0, 0);
  EXPECT_IS(as_set_priority(90, pid), 60);
  EXPECT(as_set_priority(60, pid) >= 88);
  EXPECT_IS(as_set_priority(60, pid), 60);
  EXPECT_IS(as_set_priority(101, pid), -1);
  EXPECT_IS(as_set_priority(-1, pid), -1);
  EXPECT_IS(as_set_priority(60, pid), 60);
  end(pid);
  EXPECT_IS(as_set_priority(60, pid), -1);
}

// Runs, by its own count, for so many ticks, and ends with a status.
static int
runs_for(int ticks, int status)
{
  uint64 one = tick();
  int pid = fork();

  EXPECT(pid >= 0);
  if (pid > 0)
    return pid;
  while (ran(0) < ticks * one)
    ;
  exit(status);
}

static void
waits_and_runs(void)
{
  int status = 0, wtime = -1, rtime = -1, pid, other;
  uint64 one = tick();
  int n = 300 * MSEC / one;

  n = n < 2 ? 2 : n;
  bind_to_one_hart();
  pid = runs_for(n, 5);
  EXPECT_IS(as_waitx(&status, &wtime, &rtime), pid);
  EXPECT_IS(status, 5);
  EXPECT(rtime >= n && rtime <= n + 1 + (int)(LATE / one));
  EXPECT(wtime >= 0);

  EXPECT_IS(as_waitx(&status, &wtime, &rtime), -1);
  if (!promised("live"))
    return;     // beside another it might never have its turn

  // Beside another on the same hart it waits about as long as it runs, but a
  // policy may have it wait for less, or longer.
  other = spinner(0, 0);
  pid = runs_for(n, 6);
  EXPECT_IS(as_waitx(0, &wtime, &rtime), pid);
  EXPECT(rtime >= n);
  EXPECT(wtime >= 1);
  end(other);

}

// Time asleep is neither; and each pointer may be 0.
static void
sleeps_only(void)
{
  int status, wtime, rtime, n = 400 * MSEC / tick();

  if (fork() == 0)
    exit(sleep(n));
  EXPECT(as_waitx(&status, &wtime, &rtime) > 0);
  EXPECT_IS(status, 0);
  EXPECT(rtime <= n / 2 && wtime >= 0);
  if (fork() == 0)
    exit(0);
  EXPECT(as_waitx(0, 0, 0) > 0);
}

static void
table(void)
{
  static struct pstat ps;
  uint64 one = tick();
  int pid = spinner(0, 0), seen = 0, n = 0;

  while (ran(pid) < 2 * one)
    sleep_ns(10 * MSEC);
  EXPECT_IS(as_getpinfo(&ps), 0);
  for (int i = 0; i < NPROC; i++) {
    EXPECT(ps.inuse[i] == 0 || ps.inuse[i] == 1);
    if (!ps.inuse[i])
      continue;
    n++;
    EXPECT(ps.pid[i] > 0);
    EXPECT(ps.tickets[i] >= 1);
    EXPECT(ps.ticks[i] >= 0);
    if (ps.pid[i] != pid)
      continue;
    seen++;
    EXPECT(ps.ticks[i] >= 2);
    EXPECT(ps.ticks[i] <= (int)(ran(pid) / one) + 1);
  }
  EXPECT_IS(seen, 1);
  EXPECT(n >= 3);
  end(pid);
  EXPECT_IS(as_getpinfo(&ps), 0);
  for (int i = 0; i < NPROC; i++)
    EXPECT(!ps.inuse[i] || ps.pid[i] != pid);
  EXPECT_IS(as_getpinfo(0), -1);
  EXPECT_IS(as_getpinfo((struct pstat *)-8L), -1);
  EXPECT_IS(as_getpinfo((struct pstat *)table), -1);
}

// With more processes than entries, the table is full and nothing else.
static void
a_full_table(void)
{
  static struct pstat ps;
  int n = 0, fd[2];
  char c;

  EXPECT_IS(pipe(fd), 0);
  for (int i = 0; i < NPROC + 10; i++) {
    int pid = fork();

    EXPECT(pid >= 0);
    if (pid == 0) {
      close(fd[1]);
      read(fd[0], &c, 1);
      exit(0);
    }
  }
  EXPECT_IS(as_getpinfo(&ps), 0);
  for (int i = 0; i < NPROC; i++)
    n += ps.inuse[i];
  EXPECT_IS(n, NPROC);
  close(fd[1]);
  while (wait(0) > 0)
    ;
}

// Two that yield to each other both come to their end.
static void
taking_turns(void)
{
  struct procinfo p;
  int pid, status;

  bind_to_one_hart();
  pid = fork();
  EXPECT(pid >= 0);
  for (int i = 0; i < 300; i++)
    EXPECT_IS(as_yield(), 0);
  if (pid == 0)
    exit(0);
  EXPECT_IS(procinfo(0, &p), getpid());
  EXPECT(p.switches > 1);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
}

static const struct guest_case cases[] = {
  { "tickets", tickets },
  { "priorities", priorities },
  { "priority_of_another", priority_of_another },
  { "waits_and_runs", waits_and_runs },
  { "sleeps_only", sleeps_only },
  { "table", table },
  { "a_full_table", a_full_table },
  { "taking_turns", taking_turns },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
