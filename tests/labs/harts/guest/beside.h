// beside.h - two hogs, one pinned to hart 0, the other let loose while it is
// there too: when hart 0 has turned to the pinned one, the other is to be on
// hart 1, which idles.  With slices of 1 ms.
//
// What is looked at is counts, not times.  A round counts if the pinned one was
// picked often enough while nobody else woke.  If hart 1 is slow to come, as
// the host has no time for it, the other may stay; but then hart 1 was told to,
// by an interrupt.

#ifndef HARTS_BESIDE_H
#define HARTS_BESIDE_H

#include "kernel/types.h"
#include "user/peach.h"

#define ROUNDS 6
#define MOST   80 // to have so many that count
#define MSEC   1000000UL

static inline struct procinfo
look(int pid)
{
  struct procinfo p = { 0 };

  procinfo(pid, &p);
  return p;
}

// That hart 1 has taken.
static inline uint64
ipis(void)
{
  struct hartinfo h = { 0 };

  hartinfo(1, &h);
  return h.ipis;
}

static inline int
hog(void)
{
  int pid = fork();

  if (pid == 0)
    for (;;)
      ;
  sched_setaffinity(pid, 1);
  return pid;
}

// In how many of the rounds has the other not left hart 0?
static inline int
beside(void)
{
  int pinned, other, rounds = 0, left = 0;

  sched_setaffinity(0, 2);
  pinned = hog();
  other = hog();
  for (int i = 0; i < MOST && rounds < ROUNDS; i++) {
    uint64 picked, told, moved;

    sched_setaffinity(other, 1);
    sleep_ns(5 * MSEC);
    // At the beginning of its slice: what is left of ours then ends first, and
    // the timer that ours has set does not make hart 1 look after that.
    while (look(other).state == PROC_RUNNING)
      ;
    while (look(other).state != PROC_RUNNING)
      ;
    sched_setaffinity(other, 3);
    picked = look(pinned).switches;
    moved = look(other).moved;
    told = ipis();
    sleep_ns(100 * MSEC);
    if (look(pinned).switches < picked + 5)
      continue;
    rounds++;
    left += look(other).moved == moved && ipis() == told;
  }
  kill(pinned);
  kill(other);
  return left;
}

#endif
