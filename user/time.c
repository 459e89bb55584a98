// time.c - run a command and tell how long it took, ran, and waited to run;
// the status is the command's.

#include "kernel/types.h"
#include "user/peach.h"

#define MSEC 1000000

static void
show(const char *what, uint64 ns)
{
  fprintf(2, "%s %4lu.%03lu s\n", what, ns / MSEC / 1000, ns / MSEC % 1000);
}

int
main(int argc, char **argv)
{
  struct usage u;
  uint64 begin = clock_ns();
  int pid, status;

  if (argc < 2) {
    fprintf(2, "usage: time CMD [ARG..]\n");
    return 2;
  }
  pid = fork();
  if (pid < 0) {
    warn("time", "no process left");
    return 1;
  }
  if (pid == 0)
    exit(exec_search("time", argv + 1));
  if (sys_waitx(&status, &u, 0, 0) != pid) {
    warn("time", "the command is lost");
    return 1;
  }
  show("real", clock_ns() - begin);
  show("run ", u.ran);
  show("wait", u.waited);
  return status;
}
