// bits.h - the bits of a 64-bit word, for a policy that keeps a map of which of
// its lists have tasks, or looks at a mask of harts.
//
// The compiler's own __builtin_ctzll and the like may become calls of a
// library, which the kernel does not have. These take constant time.

#ifndef SCHED_BITS_H
#define SCHED_BITS_H

#include <stdint.h>

// The number of the lowest bit that is set: 0 to 63; 64 if none is.
static inline int
bits_first(uint64_t w)
{
  int n = 0;

  if (w == 0)
    return 64;
  for (int half = 32; half > 0; half /= 2)
    if ((w & ((1ull << half) - 1)) == 0) {
      w >>= half;
      n += half;
    }
  return n;
}

// The number of the highest bit that is set, or -1.
static inline int
bits_last(uint64_t w)
{
  int n = w ? 0 : -1;

  for (int half = 32; half > 0; half /= 2)
    if (w >> half) {
      w >>= half;
      n += half;
    }
  return n;
}

// How many are set.
static inline int
bits_count(uint64_t w)
{
  w -= w >> 1 & 0x5555555555555555; // of each two, four, eight bits
  w = (w & 0x3333333333333333) + (w >> 2 & 0x3333333333333333);
  w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return w * 0x0101010101010101 >> 56;
}

#endif
