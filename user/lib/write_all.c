// write_all.c - a write that does not stop half way.

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

EXTRA int
write_all(int fd, const void *data, uint n)
{
  const char *p = data;

  while (n > 0) {
    int done = write(fd, p, n > 0x40000000 ? 0x40000000 : n);

    if (done <= 0)
      return -1;
    p += done;
    n -= done;
  }
  return 0;
}
