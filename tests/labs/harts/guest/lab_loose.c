// lab_loose.c - three hogs let loose on one of two harts.
//
//   lab_loose       tells "steals N" and "faults N" of all harts, and "moved N"
//                   of each hog, when they have run for 2 s together

#include "tests/labs/frame/guest.h"

#define NHOG 3

int
main(int argc, char **argv)
{
  struct procinfo before[NHOG], p[NHOG];
  struct hartinfo h;
  int pid[NHOG];
  uint64 ran, steals = 0, faults = 0;

  lab_begin();
  for (int i = 0; i < NHOG; i++) {
    pid[i] = fork();
    if (pid[i] == 0)
      for (;;)
        ;
    sched_setaffinity(pid[i], 1);
  }
  sleep_ns(50 * LAB_MSEC);
  for (int i = 0; i < NHOG; i++) {
    procinfo(pid[i], &before[i]);
    sched_setaffinity(pid[i], -1);
  }
  do {
    sleep_ns(50 * LAB_MSEC);
    ran = 0;
    for (int i = 0; i < NHOG; i++) {
      procinfo(pid[i], &p[i]);
      ran += p[i].ran;
    }
  } while (ran < 2 * LAB_SEC);
  for (int i = 0; hartinfo(i, &h) == 0; i++) {
    steals += h.steals;
    faults += h.idle_faults;
  }
  for (int i = 0; i < NHOG; i++) {
    kill(pid[i]);
    lab_tell("moved", "%ld", (long)(p[i].moved - before[i].moved));
  }
  lab_tell("steals", "%ld", (long)steals);
  lab_tell("faults", "%ld", (long)faults);
  return lab_end();
}
