// queue.h - run queues and their locks. Private to proc/.
//
// The dispatcher (dispatch.c) is the same for both modes. runq_shared.c or
// runq_perhart.c, one of which is built in (RUNQ=), says how many queues
// there are, where a task that becomes ready goes, and whence an idle or
// poorly loaded hart takes work.

#ifndef KERNEL_PROC_QUEUE_H
#define KERNEL_PROC_QUEUE_H

#include "kernel/lib/lock.h"
#include "kernel/proc/hart.h"
#include "kernel/proc/proc.h"
#include "sched/core.h"

// All that deals with a queue's lock runs with interrupts held (irq_hold), and
// takes and drops the lock in place.
struct queue {
  struct spinlock lock;
  struct runq *rq; // guarded by lock
} __attribute__((aligned(64)));

extern struct queue queues[MAXHART];
extern int nqueue;

// ---- dispatch.c ------------------------------------------------------------

// Act on what the core says of q, which is locked: kick other harts by IPI,
// this one by its flag.
void queue_kick_harts(struct queue *q);

static inline void
queue_kick(struct queue *q)
{
  if (__builtin_expect(q->rq->kick != 0, 0))
    queue_kick_harts(q);
}

// (any) bit h: hart h looks for work, or waits for it.
extern uint64_t idle_harts;

// runq_*.c: tasks wait on q, locked, beside harts that are idle.
void queue_offer(struct queue *q);

// q, locked, has been left by who picked from it: what still waits there may
// run on an idle hart. A hart that goes idle sets its bit, then looks at the
// queues; here the queue was written, then the bits are read. So one of the
// two sees the other.
static inline void
queue_offer_rest(struct queue *q)
{
  if (q->rq->nready == 0)
    return;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (__builtin_expect(__atomic_load_n(&idle_harts, __ATOMIC_RELAXED) != 0, 0))
    queue_offer(q);
}

static inline struct queue *
queue_of(const struct hart *h)
{
  return h->queue;
}

// Let hart i look around: it may take work from elsewhere.
void hart_poke(int i);
// The queue that t is on or ran from last, locked.
struct queue *queue_lock_task(const struct task *t);
// Move a queued task from q, locked, to queue `to`, ready. Lets go of q.
void queue_move(struct queue *q, struct task *t, struct queue *to);

// ---- runq_shared.c, runq_perhart.c -----------------------------------------

void queues_init(uint64_t seed, nsec now);
// Make t, which is on no queue, ready on q, locked. Lets go of it.
void queue_put(struct queue *q, struct task *t, enum ready_why why);
// Wake t, whose queue q is locked: make it ready there or elsewhere. Lets go
// of it.
void queue_wake(struct queue *q, struct task *t);
// Where a new task should start, or one go that may not stay.
struct queue *queue_for_new(const struct task *t);
// This hart has nothing to run: bring a task to its queue. Interrupts off.
bool queue_steal(struct hart *h);
// Is a task waiting anywhere that h might run? Without locks, so a guess.
bool queue_any_for(const struct hart *h);
// A timer interrupt of h, no lock held: even out the queues if it is time.
void queue_balance(struct hart *h, nsec now);

#endif
