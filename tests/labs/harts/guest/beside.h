// beside.h - two hogs, one pinned to hart 0, the other let loose while it is
// there too: when hart 0 has turned to the pinned one, the other is to be on
// hart 1, which idles.  With slices of 1 ms.
//
// What is looked at is counts, not times: a round counts in which the pinned
// one was picked often enough.

#ifndef HARTS_BESIDE_H
#define HARTS_BESIDE_H

#include "kernel/types.h"
#include "user/peach.h"

#define ROUNDS 12
#define MOST   200
#define MSEC   1000000UL

static inline struct procinfo
look(int pid)
{
  struct procinfo p = { 0 };

  procinfo(pid, &p);
  return p;
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

// How many rounds counted, and in how many of them the other has not left
// hart 0.
static inline int
beside(int *left)
{
  int pinned, other, rounds = 0;

  sched_setaffinity(0, 2);
  pinned = hog();
  other = hog();
  *left = 0;
  for (int i = 0; i < MOST && rounds < ROUNDS; i++) {
    uint64 picked, moved;

    sched_setaffinity(other, 1);
    sleep_ns(5 * MSEC);
    while (look(other).state != PROC_RUNNING)
      ;
    sched_setaffinity(other, 3);
    picked = look(pinned).switches;
    moved = look(other).moved;
    sleep_ns(20 * MSEC);
    if (look(pinned).switches < picked + 5)
      continue;
    rounds++;
    *left += look(other).moved == moved;
  }
  kill(pinned);
  kill(other);
  return rounds;
}

#endif
