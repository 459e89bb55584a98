// ask.c - what the system call of the lab `boot` returns: ask [PID]

#include "kernel/types.h"
#include "user/mine.h"
#include "user/peach.h"

int
main(int argc, char **argv)
{
  long pid = 0;
  int got;

  if (argc > 2 || (argc == 2 && !parse_long(argv[1], &pid))) {
    fprintf(2, "usage: ask [PID]\n");
    return 1;
  }
  got = the_call(pid);
  if (got < 0) {
    warn("ask", "there is no process %ld", pid);
    return 1;
  }
  printf("%d\n", got);
  return 0;
}
