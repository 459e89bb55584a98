// core.h - the scheduler core: what the kernel, or a test, calls.
//
// The core is as pure as a policy: it takes no locks, reads no clock and
// switches no stacks.  It keeps the promises that sched.h gives to policies,
// counts the statistics, checks that the policy keeps its side, and says
// which harts have to think again.
//
// What the caller must know:
//   - Hold rq's lock in any call that names rq, and no other run queue's.
//     There is no lock a task.  For a task in any state but MOVING, rq is
//     the queue that t->queue names.
//   - Read the clock with the lock held.  If `now` is nevertheless earlier
//     than a time that rq has seen, the core takes that time instead.
//   - Before letting go of the lock, call sched_kicks and see to it that
//     the harts it names call sched_stop, if they run something, and
//     sched_pick: by IPI, or by a flag if it is the own hart.
//   - A hart that has called sched_stop or sched_block calls sched_pick
//     under the same hold of the lock.
//   - Each hart of a queue calls sched_pick once to begin with.
//
// A hart's loop, then, each line under the lock:
//     timer interrupt   sched_tick
//     IPI               if sched_told: sched_stop(PREEMPT), sched_pick
//     yield             sched_stop(YIELD), sched_pick
//     sleep, exit       sched_block, sched_pick
//     idle              sched_pick; elsewhere sched_spare, sched_take, and
//                       back here sched_ready(MOVED), sched_pick
// and the timer set to sched_next_tick of what was picked.

#ifndef SCHED_CORE_H
#define SCHED_CORE_H

#include "sched/sched.h"

// The policy broke the numbered promise in this hook -- or the caller did,
// in this entry of core.h.  t may be 0.  The embedder defines it; it does
// not return.
void sched_broken(const struct runq *rq, const struct task *t, const char *hook,
                  int promise, const char *what) __attribute__((noreturn));

// What memory a run queue and a task need.  Any contents: it is zeroed.
size_t sched_runq_size(const struct sched_policy *policy);
size_t sched_task_size(const struct sched_policy *policy);

// A run queue for the harts of the mask.  param must stay where it is.
void sched_runq_init(struct runq *rq, const struct sched_policy *policy,
                     const int64_t *param, int id, uint64_t harts,
                     uint64_t seed, nsec now);

// A task that inherits from parent (0: the first task), whose queue is or
// was rq.  It may run on `harts`: SCHED_ANYHART if it is not pinned, which
// is cheaper to count than a mask that happens to hold all harts.
void sched_task_init(struct runq *rq, struct task *t, struct task *parent,
                     int id, uint64_t harts, nsec now);

// Make t ready on rq: NEW, WAKE, or MOVED after sched_take.
void sched_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now);

// The next task to run on hart, now running; 0 only if no queued task may
// run on it: then the hart is idle until it is kicked.
struct task *sched_pick(struct runq *rq, int hart, nsec now);

// Charge for the time passed, and fire the alarm if it is due.
void sched_tick(struct runq *rq, nsec now);

// When the hart that runs t must call sched_tick next, at the latest;
// NSEC_NEVER if never.  An idle hart need not.
static inline nsec
sched_next_tick(const struct runq *rq, const struct task *t)
{
  nsec end = rq->charged + t->slice;

  if (end < t->slice) // it overflows: never
    end = NSEC_NEVER;
  return end < rq->alarm ? end : rq->alarm;
}

// t, running, stays ready (SLICE, PREEMPT or YIELD).
void sched_stop(struct runq *rq, struct task *t, enum ready_why why, nsec now);

// t, running, blocks or exits.
void sched_block(struct runq *rq, struct task *t, nsec now);

// A queued task that hart `thief`, of another queue, may have; 0 only if
// none may (or the policy gives none).
struct task *sched_spare(struct runq *rq, int thief, nsec now);

// ---- several queues: balance.c ---------------------------------------------

#define SCHED_BALANCE MSEC(50) // how often a hart should look at the others

// What competes on a queue, as sums over its tasks of weight w.
struct sched_load {
  uint64_t weight; // w
  uint64_t square; // w * w
  int64_t lacks;   // w * lacks
  int64_t need;    // how much is wrong here, to compare with other queues
};

// The weight of t, queued on rq or running; in any state, if the policy knows
// loans.
int64_t sched_weight(const struct runq *rq, const struct task *t);

// Weigh rq: what its tasks lack is brought up to date.  The other queues weigh
// `elsewhere` together, and serve nhart harts together with rq.
void sched_weigh(struct runq *rq, uint64_t elsewhere, int nhart,
                 struct sched_load *load, nsec now);

// A queued task that hart `taker`, of a lighter queue, should take to make
// shares more equal, or 0.  from and to: rq and the taker's queue, as just
// weighed; all: the weight of all queues.
struct task *sched_even(struct runq *rq, int taker,
                        const struct sched_load *from,
                        const struct sched_load *to, uint64_t all, int nhart,
                        nsec now);

// For a policy that has urgency().  The urgency of the least urgent task that
// runs on rq, or INT64_MIN; and a queued task for hart `taker`, of another
// queue, that is more urgent than that, or 0.
int64_t sched_least_urgent(struct runq *rq, nsec now);
struct task *sched_spare_urgent(struct runq *rq, int taker, int64_t than,
                                nsec now);

// ----------------------------------------------------------------------------

// Take t, queued on rq, off it.  sched_ready(MOVED) elsewhere must follow;
// until then t->queue is QUEUE_MOVING and no other call may name t.
void sched_take(struct runq *rq, struct task *t, nsec now);

// Set an attribute of t by name.  -1 if the policy has none of that name,
// or the value is out of range, or the policy refuses it.
int sched_set(struct runq *rq, struct task *t, const char *name, int64_t value,
              nsec now);
int sched_get(const struct runq *rq, const struct task *t, const char *name,
              int64_t *value);

// What others lend t is `lent` in all from now on, in units of sched_weight:
// 0 or more.  (Who lends to whom, and until when, the caller keeps account of.)
// -1 if the policy knows no loans.
int sched_lend(struct runq *rq, struct task *t, int64_t lent, nsec now);

// Change the mask of harts that t may run on, not 0.  If none of them is
// rq's (sched_misplaced is true afterwards), t has to go: blocked, ready it
// elsewhere when it wakes; running, it is kicked, and queued as soon as it
// stops; queued, call sched_take and make it ready elsewhere.  A queue with
// sched_stranded above 0 has such tasks; sched_spare finds them, asked for
// a hart that they may run on.
void sched_affinity(struct runq *rq, struct task *t, uint64_t harts, nsec now);

// Statistics of t up to now: the core's, and one per policy->stat_names.
// Either may be 0.
void sched_stats(struct runq *rq, const struct task *t, struct task_stats *st,
                 int64_t *out, nsec now);

// Would t, which is blocked or moving, run at once if made ready on rq: on
// an idle hart or by pushing out another task?  For placing it.
bool sched_welcome(struct runq *rq, const struct task *t, nsec now);

// Check all there is to check; any cost.  0 if sound, else what is wrong.
const char *sched_check(const struct runq *rq);

// Harts that must now stop what they run and pick.  Each is named once.
static inline uint64_t
sched_kicks(struct runq *rq)
{
  uint64_t kick = rq->kick;

  rq->kick = 0;
  return kick;
}

// Was hart kicked, and has it not stopped or blocked its task since?  An IPI
// that comes late finds false here, and need not be obeyed.
static inline bool
sched_told(const struct runq *rq, int hart)
{
  return rq->told >> hart & 1;
}

// How many queued tasks may run on hart, of this queue or another.
static inline int
sched_ready_for(const struct runq *rq, int hart)
{
  return rq->nfree + rq->npinned[hart];
}

static inline bool
sched_misplaced(const struct runq *rq, const struct task *t)
{
  return (t->harts & rq->harts) == 0;
}

// Queued tasks that no hart of the queue may run.
static inline int
sched_stranded(const struct runq *rq)
{
  return rq->nstranded;
}

// Parameters (param.c).  Put the defaults into values.  Return their number.
int sched_params_init(const struct sched_policy *policy, int64_t *values);

// Set one parameter from a word like "slice=10ms" or "levels=3".  Return 0,
// or -1 with a message in err, which says what is wrong with which word.
int sched_param_set(const struct sched_policy *policy, int64_t *values,
                    const char *word, char *err, size_t errsize);

#endif
