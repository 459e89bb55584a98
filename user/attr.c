// attr.c - show or set what a process asks the scheduler for, by the names that
// the running policy has: nice, tickets, burst, priority...
//
//     attr PID NAME              show it
//     attr PID NAME VALUE        set it
//     attr NAME VALUE CMD [ARG..]    run a command with it

#include <stdbool.h>

#include "kernel/types.h"
#include "user/peach.h"

static int
usage(void)
{
  fprintf(2, "usage: attr PID NAME [VALUE]\n"
             "       attr NAME VALUE CMD [ARG..]\n");
  return 2;
}

static bool
parse_value(const char *s, long *value)
{
  if (parse_long(s, value))
    return true;
  warn("attr", "%s: not a number", s);
  return false;
}

// False, and says why, if there is no such process or attribute.
static bool
get(int pid, const char *name, long *value)
{
  struct sysinfo si;
  uint64 mask;

  if (sched_getaffinity(pid, &mask) < 0) {
    warn("attr", "%d: no such process", pid);
    return false;
  }
  if (sched_getattr(pid, name, value) == 0)
    return true;
  warn("attr", "policy %s knows no %s", sysinfo(&si) < 0 ? "?" : si.policy,
       name);
  return false;
}

static bool
set(int pid, const char *name, long value)
{
  long now;

  if (!get(pid, name, &now))
    return false;
  if (sched_setattr(pid, name, value) == 0)
    return true;
  warn("attr", "%s may not be %ld; it is %ld", name, value, now);
  return false;
}

static int
of_process(long pid, int argc, char **argv)
{
  long value;

  if (pid <= 0 || pid != (int)pid) {
    warn("attr", "%s: not a process id", argv[1]);
    return 2;
  }
  if (argc == 4)
    return !parse_value(argv[3], &value) ? 2 : !set(pid, argv[2], value);
  if (!get(pid, argv[2], &value))
    return 1;
  printf("%ld: %s %ld\n", pid, argv[2], value);
  return 0;
}

int
main(int argc, char **argv)
{
  long n;

  if (argc < 3)
    return usage();
  if (parse_long(argv[1], &n))
    return argc > 4 ? usage() : of_process(n, argc, argv);
  if (argc < 4)
    return usage();
  if (!parse_value(argv[2], &n))
    return 2;
  if (!set(0, argv[1], n))
    return 1;
  return exec_search("attr", argv + 3);
}
