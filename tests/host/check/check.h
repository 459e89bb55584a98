// check.h - the door of this room: what `make check SCHED=name` is made of.
//
// build/host/check/NAME is a program that holds one policy, sched/NAME.c,
// with the core and what lies here.  It runs the parts (the table in main.c),
// each in a process of its own, collects what they report, and prints first
// where one stands, then the details.
//
// A part reports under one name or several, such as "contract", "shares" or
// "Rule 4".  A name is ok unless something fails under it.

#ifndef TESTS_HOST_CHECK_CHECK_H
#define TESTS_HOST_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/core.h"

struct check {
  const struct sched_policy *policy; // the one in the program
  int64_t param[SCHED_MAXPARAM];     // its parameters
  int depth;                         // of the exhaustive search; 0: default
  uint64_t seed;                     // of everything random
  const char *facts; // file: what is known of the source and the object; or 0
  bool why;          // draw the sequence that fails, nothing else
  int out;           // for report.c
  int failed;        // calls of check_fails, in this part
};

// ---- what a part reports ---------------------------------------------------

// List name as ok, at this place of the list, unless it fails or has been
// named before.
void check_name(struct check *c, const char *name);

// It could not be found out, since something else failed.
void check_unknown(struct check *c, const char *name);

// What was measured: a line of details under name.
void check_says(struct check *c, const char *name, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));

// It fails.  One line, without a line end, that a student understands; the
// first one under a name stands in the list as well.
void check_fails(struct check *c, const char *name, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));

// ---- parts -----------------------------------------------------------------

void part_contract(struct check *c);
void part_exhaustive(struct check *c);
void part_random(struct check *c);
void part_shares(struct check *c);
void part_cost(struct check *c);
void part_why(struct check *c); // not one of the list: make why

// ---- a policy that misbehaves ----------------------------------------------

// What went wrong in a call of the core.
struct fault {
  const char *name; // to report it under: "contract", unless it says another
  int promise;      // number in sched.h; 0: none of these, see what
  const char *hook; // of the policy, or the entry of the core
  int task;         // its id, or -1
  const void *at;   // and where that task is, or 0
  char what[160];
};

// Call body(arg).  0 if it came back by itself; else it was left where a
// promise was broken, memory was touched that should not be, or a hook did
// not come back, and this says which.
const struct fault *guard(void (*body)(void *), void *arg);

// From within body: leave it, with this fault.
void guard_leave(int promise, const char *hook, int task, const char *fmt, ...)
  __attribute__((noreturn, format(printf, 4, 5)));

// The same, under another name.
void guard_leave_as(const char *name, const char *hook, int task,
                    const char *fmt, ...)
  __attribute__((noreturn, format(printf, 4, 5)));

// The policy with each of its hooks put into another that notes its name, so
// that a fault can be told from which it came.  Give this to
// sched_runq_init, not the policy itself, where a guard is around.
const struct sched_policy *guarded(const struct sched_policy *policy);

#endif
