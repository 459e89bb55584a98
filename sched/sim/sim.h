// sim.h - a simulator of harts that run tasks: discrete events around the
// scheduler core and a policy's file, the same that schedule in the kernel.
//
// The clock jumps from one event to the next: a slice ends, a task has run for
// what it wanted to, a sleeper wakes. Nothing else takes time: a switch, a
// wake-up and a move cost 0 ns. What the kernel's dispatcher does around the
// core (kernel/proc/), this does too: where a task goes that wakes, who steals,
// when harts compare their queues.
//
// A queue serves `group` harts, 1 to 64. Its harts have numbers of their own,
// since a mask of harts has 64 bits: that of hart h is h modulo 64, so up to 64
// harts it is h. On more, tasks cannot be pinned.

#ifndef SCHED_SIM_SIM_H
#define SCHED_SIM_SIM_H

#include "sched/core.h"
#include "sched/sim/heap.h"

struct sim;
struct sim_task;

// What a task does next.
enum sim_kind {
  SIM_AGAIN, // it did something that takes no time; ask again
  SIM_RUN,   // run for `span`
  SIM_SLEEP, // sleep for `span`
  SIM_BLOCK, // sleep until sim_rouse
  SIM_YIELD,
  SIM_EXIT,
};

struct sim_act {
  enum sim_kind kind;
  nsec span;
};

// A task of the simulator. All but what is marked (u) is the simulator's.
struct sim_task {
  struct task *t; // of the core and the policy
  int id;
  // (u) Called when it has done what it was to do, and at first: what now?
  // It may start and rouse tasks and set attributes before it answers.
  struct sim_act (*next)(struct sim *s, struct sim_task *j);
  void *program; // (u)
  bool looks;    // (u) it wakes up only to look whether it has to wait on

  struct event wakes; // while it sleeps for some time, or is yet to begin
  int home;           // the queue near which it begins
  bool begun;         // it has become ready once
  bool ended;
  nsec left;  // of what it was to run
  nsec from;  // when it got the hart, or was told what to run
  nsec asked; // when it last became ready by waking up; else NSEC_NEVER
  struct sim_task *lends_to; // until it runs again, other than to look; or 0
  int64_t lends, lent;       // how much; what others lend it in all

  // Counted.
  nsec born;  // became ready for the first time
  nsec first; // ran for the first time, for longer than 0 ns; or NSEC_NEVER
  nsec end;
  int hart; // that it runs on, or ran on last; -1 before
  uint64_t migrations;
};

// A time that task j had hart h, or, with j = 0, that the hart was idle.
struct sim_span {
  int hart;
  struct sim_task *j;
  nsec from, to;
  uint64_t turn; // how often j has had a hart by then
};

struct sim_config {
  const struct sched_policy *policy;
  const int64_t *param;
  int nhart;
  int group; // harts that share a queue
  uint64_t seed;
  uint64_t chance; // the first queue's random state at the beginning, or 0
  bool book;       // events at one instant: harts first, then who wakes (see
                   // sim_run); else, as in the kernel, the other way round
  bool check;      // let the core check everything after each event
  bool steady;     // neither steal nor balance

  // Told of each task that gets a hart, of each span when it is over, and of
  // each wake-up when the task has a hart again. Any may be 0.
  void *arg;
  void (*got)(void *arg, struct sim *s, struct sim_task *j);
  void (*span)(void *arg, const struct sim_span *span);
  void (*woken)(void *arg, const struct sim_task *j, nsec latency);

  // When the run or the slice of j that is to end at `planned` really ends, or
  // the call after which it gives up the hart: a run earlier or later, the
  // others not earlier.  (0: as planned.)
  nsec (*really)(void *arg, const struct sim_task *j, nsec planned);
};

// Counts of the whole machine.
struct sim_counts {
  uint64_t switches, wakes, migrations, steals, evened, sent, events;
  nsec idle; // of all harts together
};

struct sim *sim_new(const struct sim_config *config);
void sim_free(struct sim *s);

// A new task that inherits from parent, or from none. It does nothing until it
// is started, at a time that may be now.
struct sim_task *sim_task(struct sim *s, struct sim_task *parent,
                          struct sim_act (*next)(struct sim *,
                                                 struct sim_task *),
                          void *program);
void sim_start(struct sim *s, struct sim_task *j, nsec at);

// Wake up j, if it sleeps.
void sim_rouse(struct sim *s, struct sim_task *j);

// Run until no task is left, or until that time. Of what happens at one
// instant, with `book`: slices and runs end, then tasks wake up, then harts
// pick; without it, tasks wake up first.
void sim_run(struct sim *s, nsec until);

nsec sim_now(const struct sim *s);
const struct sim_counts *sim_counts(const struct sim *s);
struct sim_task *sim_find(const struct sim *s, int id); // or 0
int sim_ntask(const struct sim *s);
int sim_nqueue(const struct sim *s);

// As the core's. -1: no such attribute, or it is refused.
int sim_set(struct sim *s, struct sim_task *j, const char *name, int64_t value);
// j, which runs, lends to another until it runs again; or, if it only looks
// then, until it has seen what it waited for, and takes that back. -1: the
// policy knows no loans, or it is itself, or has ended or not begun.
int sim_lend(struct sim *s, struct sim_task *j, struct sim_task *to);
void sim_take_back(struct sim *s, struct sim_task *j);
int sim_affinity(struct sim *s, struct sim_task *j, uint64_t harts);
void sim_stats(struct sim *s, struct sim_task *j, struct task_stats *st,
               int64_t *out);

// From now on a policy draws these n numbers, as lottery.py does: number r
// means ticket r modulo the number of tickets of the queued tasks, which are
// numbered in the order of the tasks' ids. When they are used up, the program
// ends.
void sim_feed(const uint64_t *draws, int n);

// realloc, which ends the program if there is no memory.
void *sim_more(void *old, size_t size);

#endif
