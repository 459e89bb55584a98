// sched.h - what a scheduling policy is.
//
// A policy answers three questions: where does a ready task wait, which
// task runs next, and for how long.  Everything else -- locks, context
// switches, timers, inter-processor interrupts, statistics, choosing a
// queue for a new task -- belongs to the core (core.c) and to who calls it:
// the kernel's dispatcher, a host test, a simulator.
//
// A policy is one file, sched/NAME.c, that defines NAME_policy.  It is
// built into the kernel by `make SCHED=NAME`, and every policy at once into
// the host tests.  To add one, write that file; touch no other.
//
// What a policy promises.  The core checks (3) to (7) and (18) at each call,
// (8), (9), (17) and (19) when asked to by sched_check, and names the hook
// that broke one.
//   (1) It is pure: its result depends only on its arguments and on the
//       memory behind them.  It never locks, blocks, allocates, prints,
//       reads a clock, computes with float or double, which the kernel
//       does not have, or keeps writable static data.
//   (2) It includes sched.h and its helpers, queue.h, tree.h, bits.h,
//       nice.h, tickets.h, draw.h, levels.h and fair.h, and nothing else.
//   (3) A task given to ready() stays queued until pick() returns it or
//       leave() takes it off: pick() and surplus() return only tasks that
//       are queued on the run queue in question.
//   (4) pick() returns a task that may run on the hart it was asked for,
//       and 0 only if no queued task may: no hart idles while a task waits.
//   (5) pick() leaves the task with a slice above 0.
//   (6) timer() leaves rq->alarm later than now, or NSEC_NEVER.
//   (7) surplus() returns a task that may run on the thief, and 0 only if
//       none may.
//   (8) Fields marked (c) below are the core's; a policy only reads them.
//   (9) check() finds nothing wrong with the policy's own memory.
//  (17) next() names every task queued on rq once, and no other.
//  (18) weight() is 1 to SCHED_MAXWEIGHT.
//  (19) urgency() goes with preempts(): of two tasks of a queue, one pushes
//       out the other if and only if its urgency() is less.
//
// What a policy may rely on.  The core checks (12) to (16), and names the
// entry of core.h that was called wrongly.
//  (10) The caller holds the lock of the one run queue named in the call,
//       with interrupts off.  No hook ever sees two run queues.
//  (11) State is fresh: before any other hook is called on rq, all tasks
//       that run on it have been charged up to `now`, and timer() has been
//       called if rq->alarm was due.  `now` never goes backwards on a queue.
//  (12) A task is in at most one place: queued on one run queue, running on
//       one hart, or neither.  A running task is never queued.
//  (13) A hart of the queue runs one task or none, and picks only then.
//  (14) set(), lend() and a change of t->harts never find the task queued:
//       leave() comes before, ready() after.
//  (15) set() gets a value within the range of the policy's table, lend()
//       0 or more.
//  (16) Ids, masks and sizes are within the limits given here.
//
// One run queue serves one hart or several; tasks that run on it are listed
// in rq->running.  A policy that never looks at that list serves both.
//
//   Life of a task, and the hook at each step:
//
//              ready(NEW)            pick()
//   task_init ------------> READY ------------> RUNNING --block()--> BLOCKED
//                           |  ^                   |                    |
//       leave(MOVED) other  |  | ready(SLICE,      | charge() as        |
//       ready(MOVED) queue  +--+ PREEMPT, YIELD) <-+ it runs            |
//                              ^                                        |
//                              +------------- ready(WAKE) --------------+

#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t nsec; // a time, or a span of time, in nanoseconds

#define USEC(n)    ((nsec)(n)*1000)
#define MSEC(n)    ((nsec)(n)*1000000)
#define SEC(n)     ((nsec)(n)*1000000000)
#define NSEC_NEVER UINT64_MAX

#define SCHED_MAXHART   64 // bits of a mask of harts
#define SCHED_MAXPARAM  40 // values of all parameters,
#define SCHED_MAXLIST   16 // and of one
#define SCHED_MAXATTR   16 // entries of a table of attributes,
#define SCHED_MAXSTAT   4  // of statistics
#define SCHED_MAXWEIGHT (1 << 20)

#define SCHED_ANYHART UINT64_MAX // mask of a task that is not pinned
#define QUEUE_MOVING  (-1)       // t->queue between two run queues

// Why a task becomes ready.  Each call has exactly one reason.
enum ready_why {
  READY_NEW,     // it was just created and has never run
  READY_WAKE,    // it was blocked, and what it waited for came
  READY_SLICE,   // it ran until its slice was used up
  READY_PREEMPT, // it was running, and a better task came
  READY_YIELD,   // it was running, and gave up the hart
  READY_MOVED,   // it comes from another run queue
  READY_CHANGED, // its attributes or mask changed; it was queued here
};

// Why a queued task leaves its queue without running.
enum leave_why {
  LEAVE_MOVED,   // it goes to another run queue
  LEAVE_CHANGED, // its attributes or mask are about to change
};

enum task_state { TASK_BLOCKED, TASK_READY, TASK_RUNNING };

// What the core counts for every task, under any policy.
struct task_stats {
  nsec ran;           // time spent running
  nsec waited;        // time spent ready
  nsec max_wait;      // longest single wait
  uint64_t switches;  // times it was picked
  uint64_t preempted; // times it was pushed out or used up its slice
  uint64_t woken;     // times it was woken
  uint64_t moved;     // times it was picked by another hart than before
};

// A task.  A policy that needs more per task puts this first in a struct of
// its own and gives that struct's size in task_size.
//
// (c) the core writes, the policy reads   (p) the policy writes
struct task {
  int id;                // (c) unique among live tasks, 0 or more
  int queue;             // (c) id of the run queue it is on or was on last;
                         //     QUEUE_MOVING between two, and before the first
  int hart;              // (c) that it runs on, or ran on last; -1 before
  enum task_state state; // (c)
  uint64_t harts;        // (c) bit h is set if it may run on hart h
  nsec since;            // (c) when it entered its present state

  nsec slice; // (p) set by pick(); the core counts it down as the
              //     task runs, and stops the task at 0.  To stop
              //     a running task early, set it to 0 (in any hook
              //     that may write; in a charge(), only its own).

  struct task_stats st; // (c)

  // (c) For balance.c: what it lacks, as of these times run and waited.
  int64_t lacks;
  nsec seen_ran;
  nsec seen_waited;

  // Tasks that run on one queue.
  struct task *run_next; // (c)
  struct task *run_prev; // (c)
  int due;               // (c) the hart that was told to pick for it; -1: none

  // For queue.h and tree.h, while the task is queued: (p).
  struct task *next; // queue, tree: right child
  struct task *prev; // queue, tree: left child
  struct task *up;   // tree: parent
  uint64_t key;      // tree: order, least first; then by arrival
  uint64_t weight;   // tree: what is summed, this task's
  uint64_t sum;      // tree: the same, of the subtree below and with it
  uint64_t rank;     // tree: of which the least is known,
  uint64_t least;    // tree: of the subtree below and with it
  uint64_t any;      // tree: harts that someone of that subtree may run on
  int height;        // tree: of that subtree
};

struct sched_policy;
struct runq;

// What a policy may tell of its decisions to who listens, for a trace.
enum sched_note {
  NOTE_LEVEL,  // t is on level a; before, it was on level b
  NOTE_BOOST,  // (no t) all tasks that wait here are on level a now
  NOTE_DRAW,   // t has won the draw with ticket a of b, the first being 0
  NOTE_PASS,   // t is picked at pass a; b: tickets
  NOTE_LAG,    // t is picked with lag a; b: ns left of its request
  SCHED_NOTES, // how many there are
};

typedef void sched_note_fn(const struct runq *rq, const struct task *t,
                           enum sched_note what, int64_t a, int64_t b);

// A run queue.  A policy that needs more puts this first in a struct of its
// own and gives that struct's size in runq_size.
struct runq {
  const struct sched_policy *policy; // (c)
  const int64_t *param; // (c) values, in the order of policy->params
  int id;               // (c) 0 or more
  struct task *running; // (c) tasks that run, linked by run_next, any order
  nsec charged;         // (c) they have been charged up to here
  nsec alarm;           // (p) call timer() at this time, or NSEC_NEVER
  uint64_t rand;        // (p) random state; the core seeds it, never with 0

  sched_note_fn *note; // (c) who listens, or 0: see runq_note()

  // (c) Masks of harts.
  uint64_t harts; // that it serves
  uint64_t busy;  // that run a task
  uint64_t idle;  // that found nothing to run and were not kicked since
  uint64_t told;  // that were kicked, and still run the same task
  uint64_t kick;  // that must stop and pick; taken by sched_kicks

  // (c) Who has to go (see core.c).
  struct task *stopped; // what a hart has just stopped, until it has picked
  struct task *due[SCHED_MAXHART]; // whom each hart was told to pick for

  // (c) Counts of queued tasks, all of them and by where they may run.
  int nready;
  int nfree;                  // on any hart
  int nstranded;              // on no hart of this queue
  int npinned[SCHED_MAXHART]; // not on any: under each hart of their mask
};

// A parameter of a policy: set on the kernel's command line as NAME=VALUE.
enum sched_unit {
  UNIT_COUNT, // a plain number
  UNIT_TIME,  // nanoseconds; written with ns, us, ms or s
};

struct sched_param {
  const char *name; // 0 ends the table
  enum sched_unit unit;
  int64_t init, min, max;
  bool or_zero; // 0 is allowed too, below min: it turns the thing off
  // It may be a list, of so many values more, which lie at param[more_at] and
  // on, behind those of the table.  0: not given.
  int more, more_at;
};

// An attribute of a task, by which a user asks a policy for something.
// Several policies share these names and meanings; others may be added.
//   "nice"     -20 (most CPU) .. 19 (least)
//   "tickets"  a share of the CPU in proportion
//   "burst"    CPU time that the task will need next, in ns
//   "priority" the less, the better
struct sched_attr {
  const char *name; // 0 ends the table
  int64_t init, min, max;
};

// What a policy promises about the schedules that it makes, with numbers
// that follow from its parameters.  Tests hold it to these, never to its
// name.  Times are in ns; n is the number of tasks ready or running on one
// queue and one hart.  "live", "wait" and "equal" are about tasks that have
// the attributes with which they began, all the same.
//
//   name       n[0..3]
//   "live"     a, b            no starving: each task runs within a + n * b
//   "wait"     slice           no task waits longer than (n-1) * slice
//   "equal"    slice           tasks that never block get equal times: two
//                              differ by less than two slices
//   "tickets"  slice, drawn    CPU time goes by the attribute "tickets": at
//                              the end of each slice (drawn = 1) the next
//                              task is drawn by lot, with that probability;
//                              a change holds from the next draw
//   "transfer"                 (with "tickets") a task that others lend theirs,
//                              see lend(), has those as well
//   "compensation" most        (with "tickets", drawn) who leaves the rest of a
//                              slice to others has 1/f times its tickets, f
//                              the part that it used, until it is drawn again;
//                              but no more than `most` times
//   "level"    i, slice, allot level i of several, 0 the best: tasks on it
//                              run in turn for a slice each; one that has
//                              run for allot there goes to the next, however
//                              it spread that time (allot = 0: the last)
//   "strict"                   (with "level") a task on a better level pushes
//                              out one on a worse level at once
//   "boost"    period          at each multiple of it, all tasks go to
//                              level 0 with nothing used of the allotment
//   "arrival"                  the task that became ready first runs, until
//                              it blocks, yields or ends
//   "shortest"                 the task with the least CPU time left of its
//                              attribute "burst" runs, and pushes out others
//   "priority"                 no task runs while one is ready, on the same
//                              queue, whose attribute "priority" is less;
//                              that one pushes it out at once
//   "nice"     request         CPU time goes by weight, which is 1024 at the
//                              attribute "nice" 0 and 1.25 times less with
//                              each step up; none is ever more than a
//                              request, or two, away from its share
//   "lag"      most            of what two tasks run that never block, and are
//                              not changed, neither is ever more than this
//                              ahead of its share by weight()
//   "inherit"                  a child starts with its parent's attributes,
//                              and where its parent stands: level and
//                              allotment used
struct sched_promise {
  const char *name;
  int64_t n[4];
};

// How the cost of a hook grows with the number of ready tasks, at most.  Not
// counted: harts, masks of harts in use, levels and the like, and tasks passed
// over which are pinned to other harts.  make check measures it.
enum sched_growth {
  GROWTH_LOG,      // as the logarithm
  GROWTH_CONSTANT, // not at all
};

// The policy itself: a constant table.
struct sched_policy {
  const char *name;
  size_t task_size; // 0 means sizeof(struct task)
  size_t runq_size; // 0 means sizeof(struct runq)

  // Every policy has these three.

  // Queue t on rq.
  void (*ready)(struct runq *rq, struct task *t, enum ready_why why, nsec now);

  // Take the next task to run on hart off the queue and set its slice.
  // Pass over tasks that may not run on hart; 0 only if none may.
  struct task *(*pick)(struct runq *rq, int hart, nsec now);

  // Take t, which is queued on rq, off the queue.
  void (*leave)(struct runq *rq, struct task *t, enum leave_why why, nsec now);

  // The rest may be 0; the comment says what happens then.

  // Set up a run queue, or a task.  The memory is zeroed first, what is the
  // core's is set.  parent, whose queue is or was rq, is 0 for the first
  // task.  (0: zeroed memory will do.)
  void (*runq_init)(struct runq *rq, nsec now);
  void (*task_init)(struct runq *rq, struct task *t, const struct task *parent);

  // t, running, has just run for `ran`.  (0: nothing to account for.)
  void (*charge)(struct runq *rq, struct task *t, nsec ran, nsec now);

  // t, which was running on rq, blocks or exits.  It is still in
  // rq->running.  (0: nothing to do.)
  void (*block)(struct runq *rq, struct task *t, nsec now);

  // rq->alarm was due, and is now NSEC_NEVER.  Set it later than now, or
  // leave it.  (0: the policy never sets an alarm.)
  void (*timer)(struct runq *rq, nsec now);

  // Would t push out cur, which runs on rq?  t is queued on rq, or may come
  // to be, or runs on it as well: then the question is which of the two has
  // to go first.  It is asked when t becomes ready or is put back, not as time
  // passes.  So as long as t waits and cur runs, a no has to stay a no; one
  // that gains by waiting lets timer() end the slice of who runs.  (0: no.)
  bool (*preempts)(const struct runq *rq, const struct task *t,
                   const struct task *cur, nsec now);

  // A queued task for hart `thief`, which serves another queue and has
  // nothing to do: the one that gains most by it.  leave(MOVED) follows if
  // it is taken.  (0: none is given, and harts idle while tasks wait.)
  struct task *(*surplus)(const struct runq *rq, int thief);

  // What concerns several queues, where there is one a hart.
  //
  // The task queued after t, in some order; t = 0: the first.  0: no more.
  // Nothing is queued or taken off between two calls.  (0: queues are made
  // equal by the number of their tasks, roughly.)
  struct task *(*next)(const struct runq *rq, const struct task *t);

  // CPU time goes to tasks in proportion to this, if they are always ready;
  // t is queued on rq, or runs, or, with lend(), sleeps.  (0: all are equal.)
  int64_t (*weight)(const struct runq *rq, const struct task *t);

  // The less, the more urgent, as with "priority": t, queued on rq or running,
  // is not to wait while another queue's hart runs a task of which this is
  // more.  (0: it may.)
  int64_t (*urgency)(const struct runq *rq, const struct task *t);

  // Parameters: a table that ends with a name of 0.  (0: none.)
  const struct sched_param *params;

  // Attributes: a table that ends with a name of 0, and how to set and read
  // the one with the given index.  set() may refuse with -1, changing
  // nothing.  If t is running and may have to make way now, set() ends its
  // slice.  (0: none.)
  const struct sched_attr *attrs;
  int (*set)(struct runq *rq, struct task *t, int attr, int64_t value);
  int64_t (*get)(const struct task *t, int attr);

  // Tasks that wait for t to do something for them lend it what they have no
  // use for: from now on, t has `lent` more than its own of what weight()
  // tells, which counts it in; 0 ends that.  A child does not inherit it.
  // (0: nothing can be lent.)
  void (*lend)(struct runq *rq, struct task *t, int64_t lent);

  // Promise number i under these parameters; false if there are no more.
  // (0: it promises nothing.)
  bool (*promise)(const int64_t *param, int i, struct sched_promise *out);

  // What ps and the trace show beside the core's own counters: up to
  // SCHED_MAXSTAT names, ending with 0, and the values for one task, in any
  // state, whose run queue is or was rq.  (0: nothing.)
  const char *const *stat_names;
  void (*stats)(const struct runq *rq, const struct task *t, int64_t *out);

  // 0 if rq is sound, else what is wrong.  For tests.  Any cost.
  const char *(*check)(const struct runq *rq);

  // What ready, pick, leave, charge, block, timer, preempts, set and get cost
  // at the most.  (0: GROWTH_LOG.)
  enum sched_growth growth;
};

// Tell who listens to rq. Without one it costs a load and a branch.
static inline void
runq_note(const struct runq *rq, const struct task *t, enum sched_note what,
          int64_t a, int64_t b)
{
  if (__builtin_expect(rq->note != 0, 0))
    rq->note(rq, t, what, a, b);
}

static inline bool
task_may_run(const struct task *t, int hart)
{
  return t->harts >> hart & 1;
}

// A number in 0 .. n-1, all equally likely to within n in 2^64.  The state
// is rq->rand, so a run is repeated exactly by starting from the same seed.
// (xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
// generators, scrambled", 2016.)
__extension__ typedef unsigned __int128 uint128;

static inline uint64_t
runq_xorshift(struct runq *rq, uint64_t n)
{
  uint64_t x = rq->rand;

  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  rq->rand = x;
  return (uint128)(x * 0x2545f4914f6cdd1d) * n >> 64;
}

// What a policy draws from: the above, or, where the numbers come from
// elsewhere, what the embedder defines.
#ifdef SCHED_RANDOM
uint64_t runq_random(struct runq *rq, uint64_t n);
#else
static inline uint64_t
runq_random(struct runq *rq, uint64_t n)
{
  return runq_xorshift(rq, n);
}
#endif

#endif
