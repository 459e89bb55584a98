// taskset.c - on which harts a process may run: a mask, bit h for hart h, in
// hexadecimal.
//
//     taskset MASK CMD [ARG..]    run a command there
//     taskset -p PID              show the mask of a process
//     taskset -p MASK PID         set it

#include "kernel/types.h"
#include "user/peach.h"

static int
usage(void)
{
  fprintf(2, "usage: taskset MASK CMD [ARG..]\n"
             "       taskset -p [MASK] PID    (MASK: hexadecimal)\n");
  return 2;
}

static int
parse_mask(const char *s, uint64 *mask)
{
  char *end;

  *mask = strtol(s, &end, 16);
  return end != s && *end == 0 && *s != '-' && *mask != 0;
}

static int
set(int pid, const char *arg)
{
  uint64 mask;

  if (!parse_mask(arg, &mask)) {
    warn("taskset", "%s: not a mask of harts", arg);
    return -1;
  }
  if (sched_setaffinity(pid, mask) == 0)
    return 0;
  if (pid == 0)
    warn("taskset", "%s: no hart is in this mask", arg);
  else
    warn("taskset", "no process %d, or no hart in mask %s", pid, arg);
  return -1;
}

static int
of_process(int argc, char **argv)
{
  const char *name = argv[argc - 1];
  uint64 mask;
  long pid;

  if (!parse_long(name, &pid) || pid <= 0 || pid != (int)pid) {
    warn("taskset", "%s: not a process id", name);
    return 2;
  }
  if (argc == 4 && set(pid, argv[2]) < 0)
    return 1;
  if (sched_getaffinity(pid, &mask) < 0) {
    warn("taskset", "%s: no such process", name);
    return 1;
  }
  printf("%ld: %lx\n", pid, mask);
  return 0;
}

int
main(int argc, char **argv)
{
  if (argc < 3)
    return usage();
  if (strcmp(argv[1], "-p") == 0)
    return argc > 4 ? usage() : of_process(argc, argv);
  if (set(0, argv[1]) < 0)
    return 1;
  return exec_search("taskset", argv + 2);
}
