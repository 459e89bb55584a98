// nice.c - run a command with other niceness: more is meeker.

#include "kernel/types.h"
#include "user/peach.h"

static int
usage(void)
{
  fprintf(2, "usage: nice [-n N] CMD [ARG..]    (N: -39 to 39, default 10)\n");
  return 2;
}

int
main(int argc, char **argv)
{
  struct sysinfo si;
  long n = 10;
  int first = 1;

  if (argc > 1 && strcmp(argv[1], "-n") == 0) {
    if (argc < 3 || !parse_long(argv[2], &n) || n < -39 || n > 39)
      return usage();
    first = 3;
  }
  if (first >= argc)
    return usage();
  nice(n);
  if (sched_getattr(0, "nice", &n) < 0) {
    warn("nice", "policy %s knows no niceness",
         sysinfo(&si) < 0 ? "?" : si.policy);
    return 1;
  }
  return exec_search("nice", argv + first);
}
