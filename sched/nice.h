// nice.h - what "nice" is worth, for policies that give shares: each step is
// 1.25 times as much, or as little, as the one before.

#ifndef SCHED_NICE_H
#define SCHED_NICE_H

#include "sched/sched.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

// The value at this nice of what is n at nice 0; 1 to most.
static inline int
nice_worth(int64_t n, int nice, int64_t most)
{
  int64_t x = n * 1000;

  for (; nice < 0 && x < most * 1000; nice++)
    x += x / 4;
  for (; nice > 0; nice--)
    x -= x / 5;
  x = (x + 500) / 1000;
  return x < 1 ? 1 : x > most ? most : x;
}

// The nice that is worth most nearly x.
static inline int
nice_of(int64_t n, int x, int64_t most)
{
  int nice = NICE_MAX;

  while (nice > NICE_MIN && 2 * x > nice_worth(n, nice, most) +
                                      nice_worth(n, nice - 1, most))
    nice--;
  return nice;
}

#endif
