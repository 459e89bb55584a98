// affinity.c - a process runs only on the harts of its mask, whoever sets it
// and however often, and harts tell what they did.

#include "tests/guest/guest.h"

static struct sysinfo si;

static uint64
all_harts(void)
{
  EXPECT_IS(sysinfo(&si), 0);
  EXPECT(si.nhart >= 1);
  return si.nhart == 64 ? -1UL : (1UL << si.nhart) - 1;
}

static int
hart_of(int pid)
{
  struct procinfo p;

  EXPECT_IS(procinfo(pid, &p), pid);
  return p.hart;
}

static void
first_mask(void)
{
  uint64 mask = 0;

  EXPECT_IS(sched_getaffinity(0, &mask), 0);
  EXPECT_IS(mask & all_harts(), all_harts());
  mask = 0;
  EXPECT_IS(sched_getaffinity(getpid(), &mask), 0);
  EXPECT_IS(mask & all_harts(), all_harts());
}

static void
go_around(void)
{
  uint64 mask;

  all_harts();
  for (int round = 0; round < 20; round++) {
    for (int h = 0; h < si.nhart; h++) {
      EXPECT_IS(sched_setaffinity(0, 1UL << h), 0);
      EXPECT_IS(hart_of(getpid()), h);
      EXPECT_IS(sched_getaffinity(0, &mask), 0);
      EXPECT_IS(mask, 1UL << h);
      yield();
      EXPECT_IS(hart_of(getpid()), h);
    }
  }
}

static void
refused(void)
{
  uint64 mask, before;

  EXPECT_IS(sched_getaffinity(0, &before), 0);
  EXPECT_IS(sched_setaffinity(0, 0), -1);
  EXPECT_IS(sched_setaffinity(0, ~all_harts()), -1);
  EXPECT_IS(sched_setaffinity(1000000, 1), -1);
  EXPECT_IS(sched_setaffinity(-1, 1), -1);
  EXPECT_IS(sched_getaffinity(1000000, &mask), -1);
  EXPECT_IS(sched_getaffinity(0, &mask), 0);
  EXPECT_IS(mask, before);
}

// A child is bound as its parent is, and stays there while it runs.
static void
inherited(void)
{
  int last, status;

  all_harts();
  last = si.nhart - 1;
  EXPECT_IS(sched_setaffinity(0, 1UL << last), 0);
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      for (int k = 0; k < 200; k++) {
        for (volatile int w = 0; w < 20000; w++)
          ;
        EXPECT_IS(hart_of(getpid()), last);
      }
      exit(0);
    }
  }
  for (int i = 0; i < 4; i++) {
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
}

// Another process's mask is changed while it runs, waits and sleeps.
static void
moved_by_another(void)
{
  int spinner, sleeper;

  all_harts();
  spinner = fork();
  if (spinner == 0)
    for (volatile int i = 0;; i++)
      ;
  sleeper = fork();
  if (sleeper == 0)
    for (;;)
      sleep_ns(MSEC);
  for (int round = 0; round < 40; round++) {
    int h = round % si.nhart;

    EXPECT_IS(sched_setaffinity(spinner, 1UL << h), 0);
    EXPECT_IS(sched_setaffinity(sleeper, 1UL << h), 0);
    sleep_ns(5 * MSEC);
    WAIT_FOR(hart_of(spinner) == h && hart_of(sleeper) == h);
  }
  EXPECT_IS(kill(spinner), 0);
  EXPECT_IS(kill(sleeper), 0);
  EXPECT(wait(0) > 0);
  EXPECT(wait(0) > 0);
}

static void
harts_tell(void)
{
  struct hartinfo h;
  uint64 t = clock_ns();

  all_harts();
  EXPECT_IS(hartinfo(-1, &h), -1);
  EXPECT_IS(hartinfo(si.nhart, &h), -1);
  for (int i = 0; i < si.nhart; i++) {
    EXPECT_IS(sched_setaffinity(0, 1UL << i), 0);
    EXPECT_IS(hartinfo(i, &h), 0);
    EXPECT_IS(h.hart, i);
    EXPECT_IS(h.running, getpid());
    EXPECT(h.busy > 0);
    EXPECT(h.busy + h.idle <= clock_ns());
    EXPECT_IS(h.idle_faults, 0);
  }
  EXPECT(clock_ns() > t);
}

static const struct guest_case cases[] = {
  { "first_mask", first_mask },
  { "go_around", go_around },
  { "refused", refused },
  { "inherited", inherited },
  { "moved_by_another", moved_by_another },
  { "harts_tell", harts_tell },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
