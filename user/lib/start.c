// start.c - where a program begins: exec() jumps to start() with main's
// arguments in the argument registers, and what main returns is the exit
// status.

#include "kernel/types.h"
#include "user/user.h"

// Programs declare main as they like; only the arguments are passed.
extern int main(int argc, char **argv);

void start(int argc, char **argv);

void
start(int argc, char **argv)
{
  exit(main(argc, argv));
}
