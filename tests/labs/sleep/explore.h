// explore.h - all orders of steps of a few fibers, up to a number of times that
// one is stopped where it could go on. Private to lab sleep.
//
// A step ends at each access to memory that is not the fiber's own stack (the
// student's files are compiled so that each calls us) and where a spinlock is
// taken or let go. A hart may be stopped there: others run meanwhile.

#ifndef LABS_SLEEP_EXPLORE_H
#define LABS_SLEEP_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/proc/wait.h"

#define FIBERS 4

void lab_tell(const char *key, const char *format, ...)
  __attribute__((format(printf, 2, 3)));

struct scene {
  const char *name;
  void (*begin)(void); // sets up, and calls fiber() for each
};

extern const struct scene scenes[];

void fiber(void (*fn)(int arg), int arg);
void point(void);                  // here others may run
bool fiber_asleep(int i);          // on a wait queue
void lost(const char *format, ...) // it is wrong; this is how
  __attribute__((format(printf, 1, 2), noreturn));

#define MUST(cond)                                                             \
  do {                                                                         \
    if (!(cond))                                                               \
      lost("not so: %s", #cond);                                               \
  } while (0)

#endif
