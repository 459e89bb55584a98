// lab_cost.c - the instructions of one system call: lab_cost NAME.
//
// What instret counts under -icount is instructions with some QEMUs, and
// nanoseconds of the guest with others. So it is measured on a loop of which
// the instructions are known.

#include "tests/labs/frame/guest.h"

#define TURNS 1000

static uint64
instructions(void)
{
  uint64 n;

  asm volatile("rdinstret %0" : "=r"(n) : : "memory");
  return n;
}

// What it counts for so many instructions, two a turn.
static uint64
counted(uint64 insns)
{
  uint64 begin = instructions(), turns = insns / 2;

  asm volatile("1: addi %0, %0, -1\n\tbnez %0, 1b" : "+r"(turns));
  return instructions() - begin;
}

int
main(int argc, char **argv)
{
  static struct stat st;
  uint64 best = -1UL, unit;

  lab_begin();
  unit = counted(TURNS);
  for (int round = 0; round < 5; round++) {
    uint64 begin = instructions(), took;

    if (strcmp(argv[1], "getppid") == 0)
      for (int i = 0; i < TURNS; i++)
        getppid();
    else if (strcmp(argv[1], "uptime") == 0)
      for (int i = 0; i < TURNS; i++)
        uptime();
    else if (strcmp(argv[1], "sbrk") == 0)
      for (int i = 0; i < TURNS; i++)
        sbrk(0);
    else if (strcmp(argv[1], "fstat") == 0)
      for (int i = 0; i < TURNS; i++)
        fstat(0, &st);
    else if (strcmp(argv[1], "getpgid") == 0)
      for (int i = 0; i < TURNS; i++)
        getpgid(0);
    took = instructions() - begin;
    if (took < best)
      best = took;
  }
  lab_tell("cost", "%lu", (best + unit / 2) / unit);
  return lab_end();
}
