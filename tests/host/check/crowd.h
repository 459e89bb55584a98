// crowd.h - many tasks on one hart, for what a world of a few cannot show: how
// cost grows, whether shares come out.
//
// Calls of the core; to be made under guard(), with guarded hooks. Chance is
// the crowd's own.

#ifndef TESTS_HOST_CHECK_CROWD_H
#define TESTS_HOST_CHECK_CROWD_H

#include "tests/host/check/guard.h"

struct crowd {
  const struct sched_policy *policy; // guarded
  int64_t param[SCHED_MAXPARAM];
  int n; // tasks, at most
  struct runq *rq;
  struct task **task;
  struct task *on; // who runs
  int made;        // tasks so far; those after it do not exist
  int nattr;
  uint64_t seed, x;
  nsec now;
};

struct crowd *crowd_new(const struct sched_policy *policy, const int64_t *param,
                        int n, uint64_t seed);
void crowd_free(struct crowd *c);
void crowd_begin(struct crowd *c); // nobody there yet

// One more task, which is ready; one with attributes as it comes.
struct task *crowd_add(struct crowd *c);
struct task *crowd_create(struct crowd *c);

// The hart has to choose anew, if it was told so.
void crowd_obey(struct crowd *c);

// Time passes to the end of a slice or to the alarm, but not beyond `to`.
void crowd_pass(struct crowd *c, nsec to);
void crowd_slice(struct crowd *c);

void crowd_block(struct crowd *c); // who runs
void crowd_yield(struct crowd *c);
void crowd_wake(struct crowd *c, struct task *t);

// Each of the things that may happen to one or the other, once.
void crowd_round(struct crowd *c);

uint64_t crowd_any(struct crowd *c, uint64_t n); // 0 .. n - 1

#endif
