// hist.h - how often a time was how long: from 0 to centuries, each to within
// 1 part in 32.

#ifndef SCHED_SIM_HIST_H
#define SCHED_SIM_HIST_H

#include "sched/sched.h"

#define HIST_PARTS 32 // of each power of two

struct hist {
  uint64_t n;
  nsec max;
  uint64_t count[64 * HIST_PARTS];
};

// Where a time is counted, and the longest that is counted there.
static inline int
hist_place(nsec t)
{
  int shift = t < HIST_PARTS ? 0 : 64 - 5 - 1 - __builtin_clzll(t);

  return shift * HIST_PARTS + (t >> shift);
}

static inline nsec
hist_time(int place)
{
  int shift = place < 2 * HIST_PARTS ? 0 : place / HIST_PARTS - 1;

  return ((nsec)(place - shift * HIST_PARTS + 1) << shift) - 1;
}

static inline void
hist_add(struct hist *h, nsec t)
{
  h->n++;
  h->count[hist_place(t)]++;
  if (t > h->max)
    h->max = t;
}

// The time that a share of num / den is not longer than.
static inline nsec
hist_share(const struct hist *h, uint64_t num, uint64_t den)
{
  uint64_t sum = 0;

  for (int i = 0; i < 64 * HIST_PARTS; i++) {
    sum += h->count[i];
    if (sum > 0 && sum * den >= h->n * num)
      return hist_time(i) < h->max ? hist_time(i) : h->max;
  }
  return h->max;
}

#endif
