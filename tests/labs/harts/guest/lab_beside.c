// lab_beside.c - does a process leave the hart that another is pinned to?
//
//   lab_beside      tells "rounds N" that counted, and "left N", in how many it
//                   did not

#include "tests/labs/frame/guest.h"
#include "tests/labs/harts/guest/beside.h"

int
main(int argc, char **argv)
{
  int left, rounds;

  lab_begin();
  rounds = beside(&left);
  lab_tell("rounds", "%d", rounds);
  lab_tell("left", "%d", left);
  return lab_end();
}
