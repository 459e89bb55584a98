// lab_beside.c - does a process leave the hart that another is pinned to?
//
//   lab_beside      tells "left N", in how many rounds of ROUNDS it does not

#include "tests/labs/frame/guest.h"
#include "tests/labs/harts/guest/beside.h"

int
main(int argc, char **argv)
{
  lab_begin();
  lab_tell("left", "%d", beside());
  return lab_end();
}
