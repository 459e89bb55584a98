// tiny.c - exits at once: the smallest thing there is to exec.

#include "kernel/types.h"
#include "user/user.h"

int
main(int argc, char **argv)
{
  exit(0);
}
