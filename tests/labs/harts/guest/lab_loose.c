// lab_loose.c - three hogs let loose on one of two harts.
//
//   lab_loose       tells "steals N" and "faults N" of both harts, and "moved
//   N"
//                   of each hog
//
// It waits until all have moved, or each hart has had so many timer interrupts
// that they should have; a hart that gets nothing to do has none, then until
// they have run for long enough.

#include "tests/labs/frame/guest.h"

#define NHOG   3
#define TIMERS 1500
#define LONG   (20 * LAB_SEC)

static struct procinfo before[NHOG], now[NHOG];
static struct hartinfo hart[2];
static int pid[NHOG];

static void
look(struct procinfo *p)
{
  for (int i = 0; i < NHOG; i++)
    procinfo(pid[i], &p[i]);
  for (int i = 0; i < 2; i++)
    hartinfo(i, &hart[i]);
}

static int
over(const uint64 *timers)
{
  uint64 ran = 0;
  int moved = 0;

  look(now);
  for (int i = 0; i < NHOG; i++) {
    ran += now[i].ran - before[i].ran;
    moved += now[i].moved > before[i].moved;
  }
  return moved == NHOG || ran > LONG ||
         (hart[0].timers > timers[0] + TIMERS &&
          hart[1].timers > timers[1] + TIMERS);
}

int
main(int argc, char **argv)
{
  uint64 timers[2];

  lab_begin();
  for (int i = 0; i < NHOG; i++) {
    pid[i] = fork();
    if (pid[i] == 0)
      for (;;)
        ;
    sched_setaffinity(pid[i], 1);
  }
  sleep_ns(50 * LAB_MSEC);
  look(before);
  timers[0] = hart[0].timers;
  timers[1] = hart[1].timers;
  for (int i = 0; i < NHOG; i++)
    sched_setaffinity(pid[i], -1);
  do
    sleep_ns(50 * LAB_MSEC);
  while (!over(timers));
  for (int i = 0; i < NHOG; i++) {
    kill(pid[i]);
    lab_tell("moved", "%ld", (long)(now[i].moved - before[i].moved));
  }
  lab_tell("steals", "%ld", (long)(hart[0].steals + hart[1].steals));
  lab_tell("faults", "%ld", (long)(hart[0].idle_faults + hart[1].idle_faults));
  return lab_end();
}
