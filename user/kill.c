// kill.c - end processes; -PGID: all of a process group.

#include "kernel/types.h"
#include "user/peach.h"

// Kill all members of a group but this process, which is last if it is one.
static int
kill_group(int pgid)
{
  struct procinfo pi;
  int found = 0, self = 0;

  for (int pid = 1; procinfo(pid, &pi) > 0; pid = pi.pid + 1) {
    if (pi.pgid != pgid || pi.state == PROC_ZOMBIE)
      continue;
    if (pi.pid == getpid())
      self = 1;
    else if (kill(pi.pid) == 0)
      found = 1;
  }
  if (self)
    kill(getpid());
  return found ? 0 : -1;
}

int
main(int argc, char **argv)
{
  int failed = 0;

  if (argc < 2) {
    fprintf(2, "usage: kill PID|-PGID..\n");
    return 2;
  }
  for (int i = 1; i < argc; i++) {
    long n;

    if (!parse_long(argv[i], &n) || n == 0 || n != (int)n) {
      warn("kill", "%s: not a process id", argv[i]);
      failed = 2;
    } else if ((n > 0 ? kill(n) : kill_group(-n)) < 0) {
      warn("kill", "%s: no such process%s, or it may not be killed", argv[i],
           n > 0 ? "" : " group");
      failed |= 1;
    }
  }
  return failed;
}
