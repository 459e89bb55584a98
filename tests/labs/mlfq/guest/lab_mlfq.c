// lab_mlfq.c - mlfq in the kernel: how long one waits that runs shortly beside
// three hogs that have sunk, and what one of them gets beside one that naps
// just before its slice ends.

#include "tests/labs/frame/guest.h"

#define SETTLE (150 * LAB_MSEC)
#define SLICE  (5 * LAB_MSEC)

static int hog[3];

static void
burn(uint64 ns)
{
  uint64 end = clock_ns() + ns;

  while (clock_ns() < end)
    ;
}

static int
start(uint64 work, uint64 nap)
{
  int pid = fork();

  if (pid < 0)
    exit(1);
  if (pid > 0)
    return pid;
  for (;;) {
    burn(work);
    if (nap > 0)
      sleep_ns(nap);
  }
}

static void
stop(int pid)
{
  kill(pid);
  waitpid(pid, 0, 0);
}

static uint64
ran(int pid)
{
  struct procinfo p;

  return procinfo(pid, &p) == pid ? p.ran : 0;
}

// The longest of 20 waits, after a sleep.
static void
waits(void)
{
  uint64 most = 0;

  for (int i = 0; i < 20; i++) {
    uint64 at = clock_ns() + 7 * LAB_MSEC, late;

    sleep_ns(7 * LAB_MSEC);
    late = clock_ns() - at;
    if (late > most)
      most = late;
  }
  lab_tell("wait", "%ld", (long)most);
}

static void
gamed(void)
{
  int gamer = start(SLICE * 9 / 10, 50000);
  uint64 h, g;

  sleep_ns(SETTLE);
  h = ran(hog[0]);
  g = ran(gamer);
  sleep_ns(600 * LAB_MSEC);
  h = ran(hog[0]) - h;
  g = ran(gamer) - g;
  stop(gamer);
  lab_tell("hog", "%ld", (long)h);
  lab_tell("gamer", "%ld", (long)g);
}

int
main(int argc, char **argv)
{
  lab_begin();
  for (int i = 0; i < 3; i++)
    hog[i] = start(LAB_SEC, 0);
  sleep_ns(SETTLE);
  waits();
  gamed();
  for (int i = 0; i < 3; i++)
    stop(hog[i]);
  return lab_end();
}
