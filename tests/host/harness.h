// harness.h - a make-believe machine that drives sched/ on the host.
//
// A machine has harts, run queues that share them out evenly, a clock that
// jumps to the next event, and jobs: a task each, that runs for some time
// and then does something.  It does what a kernel's dispatcher does: programs
// a timer by sched_next_tick, obeys kicks, steals for idle harts.  After each
// event it checks everything: machine_check.
//
// Each test_*.c is a program of its own, linked with this harness, with the
// core and with all policies of sched/.  Build it with -DPOLICIES='X(rr)
// X(mlfq) ...', one X(NAME) for each sched/NAME.c that is a policy.

#ifndef TESTS_HOST_HARNESS_H
#define TESTS_HOST_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sched/core.h"

#define MAXJOB 256

#define X(name) extern const struct sched_policy name##_policy;
POLICIES
#undef X

// All policies of sched/, ending with 0.
extern const struct sched_policy *const all_policies[];

struct machine;
struct job;

// What a job does when its burst is used up, besides setting the next burst.
enum deed { GO_ON, YIELD, SLEEP, EXIT };

struct job {
  struct task *t;
  nsec burst; // CPU time until it acts again
  nsec wake;  // when it wakes; NSEC_NEVER: when another wakes it
  enum deed (*act)(struct machine *m, struct job *j);
  nsec run_for; // for the acts below
  nsec sleep_for;
  int64_t count; // for the test
  nsec born;
};

struct pick { // what the log holds
  nsec at;
  int hart;
  int id; // -1: idle
};

struct machine {
  const struct sched_policy *policy;
  int64_t param[SCHED_MAXPARAM];
  int nhart, nqueue;
  struct runq *rq[SCHED_MAXHART]; // rq[q] serves harts q, q + nqueue...
  struct task *on[SCHED_MAXHART]; // what each hart runs
  struct job job[MAXJOB];         // by id
  int njob;
  nsec now;
  nsec timer[SCHED_MAXHART]; // when it goes off on each hart
  bool steal; // idle harts take from other queues: on at first
  bool balance; // and harts with less, with a queue a hart: on at first
  nsec balanced[SCHED_MAXHART];   // when each hart looked last
  uint64_t weight[SCHED_MAXHART]; // of each queue, when last weighed,
  int64_t need[SCHED_MAXHART];    // and what it needed
  nsec idled; // hart time that was spent idle
  struct pick *log;
  int nlog;
  int logroom; // for so many
};

// params: words for sched_param_set, or "".
struct machine *machine_new(const struct sched_policy *policy, int nhart,
                            int nqueue, const char *params, uint64_t seed);
void machine_free(struct machine *m);

// A new job: not ready yet.  parent may be 0.
struct job *machine_job(struct machine *m, struct job *parent, uint64_t harts,
                        enum deed (*act)(struct machine *, struct job *));
// Make it ready for the first time, to act after `burst` of CPU time.
void machine_start(struct machine *m, struct job *j, nsec burst);
// Both, for one that just burns time, on any hart.
struct job *machine_hog(struct machine *m);

// One that runs and sleeps by turns.
struct job *machine_sleeper(struct machine *m, nsec run_for, nsec sleep_for);

void machine_run(struct machine *m, nsec span);
void machine_wake(struct machine *m, struct job *j);
int machine_set(struct machine *m, struct job *j, const char *name,
                int64_t value);
void machine_affinity(struct machine *m, struct job *j, uint64_t harts);

// A timer interrupt of hart: harness_balance.c.
void machine_tick(struct machine *m, int hart);

// The queue that t is on or was on; some queue if it was on none yet.
struct runq *machine_queue(const struct machine *m, const struct task *t);

// Up to now: time run; time waited; the policy's statistic of that name.
nsec ran(struct machine *m, struct job *j);
struct task_stats stats(struct machine *m, struct job *j);
int64_t stat(struct machine *m, struct job *j, const char *name);

// Promise `name` of the machine's policy, the i-th of that name.
bool promised(const struct machine *m, const char *name, int i,
              struct sched_promise *out);

// Fail the test unless every queue is sound, every task is in its one place,
// counts are exact, and -- no kick being out -- who should run does.
void machine_check(struct machine *m);

// Acts.  Run for run_for, then sleep for sleep_for, or yield, or exit.
enum deed act_sleep(struct machine *m, struct job *j);
enum deed act_yield(struct machine *m, struct job *j);
enum deed act_exit(struct machine *m, struct job *j);

// Expect that the call breaks promise n in that hook.
#define expect_broken(where, n, call)                                          \
  do {                                                                         \
    if (setjmp(broken.back) == 0) {                                            \
      broken.armed = true;                                                     \
      call;                                                                    \
      broken.armed = false;                                                    \
      fail_msg("%s broke nothing, wanted (%d) by %s", #call, n, where);        \
    }                                                                          \
    assert_string_equal(broken.hook, where);                                   \
    assert_int_equal(broken.promise, n);                                       \
  } while (0)

struct broken {
  jmp_buf back;
  bool armed;
  char hook[64];
  int promise;
  char what[128];
};

extern struct broken broken;

// The shapes of machine that are tried, ending with nhart 0.
struct shape {
  int nhart, nqueue;
};

extern const struct shape shapes[];

// Call body with a new machine for each policy and shape; for each policy,
// with one hart.
void each_shape(uint64_t seed, void (*body)(struct machine *m));
void each_policy(uint64_t seed, void (*body)(struct machine *m));

// From the environment variable SEED, or 1; printed.
uint64_t test_seed(void);
// A generator that has nothing to do with the scheduler's.
uint64_t rnd(uint64_t *state, uint64_t n);

// A pick that never returns shall not hang the tests: die after seconds.
void limit(int seconds);

#endif
