// sleepers.c - lab sleep: sleeps on a pipe that must end. Who does not wake
// within a second is killed, so that a trace can be taken of it.

#include "tests/guest/guest.h"

#define FULL 16384 // bytes that a pipe holds

static int ends[2];
static char data[FULL];

// A child that reads (end 0) or writes (end 1) n bytes, and sleeps by now.
static int
sleeper(int end, int n)
{
  int pid = fork();

  EXPECT(pid >= 0);
  if (pid == 0) {
    close(ends[1 - end]);
    n = end == 0 ? read(ends[0], data, n) : write(ends[1], data, n);
    exit(n < 0);
  }
  WAIT_FOR(strcmp(guest_sleeps(pid), end == 0 ? "pipe read" : "pipe write") ==
           0);
  return pid;
}

static void
must_end(int pid)
{
  uint64 end = clock_ns() + SEC;
  int got = 0, status = -2;

  while ((got = waitpid(pid, &status, WNOHANG)) == 0 && clock_ns() < end)
    sleep_ns(10 * MSEC);
  if (got == 0) {
    printf("pid %d still sleeps on \"%s\"\n", pid, guest_sleeps(pid));
    kill(pid);
    waitpid(pid, &status, 0);
  }
  EXPECT_IS(status, 0);
}

static void
two_readers(void)
{
  int a, b;

  pipe(ends);
  a = sleeper(0, 1);
  b = sleeper(0, 1);
  EXPECT_IS(write(ends[1], "xy", 2), 2);
  must_end(a);
  must_end(b);
}

static void
two_writers(void)
{
  int a, b;

  pipe(ends);
  EXPECT_IS(write(ends[1], data, FULL), FULL);
  a = sleeper(1, 1);
  b = sleeper(1, PAGE);
  EXPECT_IS(read(ends[0], data, 1), 1);
  must_end(a);
  EXPECT_IS(read(ends[0], data, PAGE), PAGE);
  must_end(b);
}

static void
at_the_end(void)
{
  int a, b;

  pipe(ends);
  a = sleeper(0, 1);
  b = sleeper(0, 1);
  close(ends[1]);
  must_end(a);
  must_end(b);
}

static const struct guest_case cases[] = {
  { "two_readers", two_readers },
  { "two_writers", two_writers },
  { "at_the_end", at_the_end },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
