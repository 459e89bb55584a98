// shares.h - between shares.c and draws.c: tasks that compete for a hart, and
// what each of them got.

#ifndef TESTS_HOST_CHECK_SHARES_H
#define TESTS_HOST_CHECK_SHARES_H

#include "tests/host/check/contract.h"
#include "tests/host/check/crowd.h"

#define MOST_TASKS 100 // in a contest
#define TURNS      60  // the last ones, which are drawn

struct contest {
  // What is tried.
  const char *promise;       // its name
  struct sched_promise p;    // and what it says
  const char *attr;          // that they have, or 0
  int n;                     // tasks
  int64_t value[MOST_TASKS]; // of the attribute
  int64_t lent[MOST_TASKS];  // to each
  int sleepers;              // the last ones run for a little and sleep
  int blinkers; // sleep for no time at all, just before a slice ends
  bool late;    // the last one comes when half of it is over
  long slices;  // how long
  // What has become of it.
  struct crowd *crowd;
  nsec began;
  nsec wake[MOST_TASKS], left[MOST_TASKS]; // of sleepers
  nsec ran[MOST_TASKS];
  int64_t weight[MOST_TASKS]; // as weight() says
  double due[MOST_TASKS];     // what its share is in proportion to
  long turn;
  int who[TURNS]; // by turn % TURNS
};

// Promise `name` of the policy; false if it makes none.
bool promise_of(const struct check *c, const char *name,
                struct sched_promise *p);

// Let it go on for so many slices, and judge after each; it stops when judge
// leaves by guard_leave_as. Then, what it said is reported, or drawn for make
// why; and it is false.
bool contest(struct check *c, struct contest *k,
             void (*judge)(struct contest *k));

// "with tickets 3, 2 and 1"
const char *contest_words(const struct contest *k);

// By lot: draws.c.
bool draws(struct check *c);

#endif
