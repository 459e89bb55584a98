// poweroff.c - write everything to the disk and end the machine; the status
// is what QEMU exits with.

#include "kernel/types.h"
#include "user/peach.h"

int
main(int argc, char **argv)
{
  long status = 0;

  if (argc > 2 || (argc == 2 && (!parse_long(argv[1], &status) ||
                                 status < 0 || status > 255))) {
    fprintf(2, "usage: poweroff [STATUS]    (0 to 255)\n");
    return 2;
  }
  poweroff(status);
  warn("poweroff", "it has no effect");
  return 1;
}
