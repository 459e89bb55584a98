// beside.c - a process that may run on either of two harts, and one that must
// run on hart 0.  Does the first leave hart 0 to the second?
//
//     beside      with CPUS=2 and slices of 1 ms

#include "tests/labs/harts/guest/beside.h"

int
main(void)
{
  int left = beside();

  printf("in %d of %d rounds it stayed on hart 0\n", left, ROUNDS);
  return left > 0;
}
