// sync.c - return when all that has been written is on the disk.

#include "user/peach.h"

int
main(void)
{
  if (sync() == 0)
    return 0;
  warn("sync", "the disk cannot be written");
  return 1;
}
