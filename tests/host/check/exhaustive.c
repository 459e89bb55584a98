// exhaustive.c - all sequences of events up to a depth.

#include "tests/host/check/check.h"

void
part_exhaustive(struct check *c)
{
}
