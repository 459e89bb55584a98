// wake.c - the end of a sleep: by who has what the sleeper waits for, by kill,
// or by the time. The sleep itself is in dispatch.c, with the switch.

#include "kernel/proc/dispatch.h"
#include "kernel/trace/trace.h"

// Apart, so that the straight way needs no registers for it.
static __attribute__((noinline)) void
wake_traced(struct queue *q, struct proc *p)
{
  trace_waking(p);
  queue_wake(q, &p->task);
}

// p is off its wait queue, and nobody else may wake it: make it ready.
static ALWAYS_INLINE void
wake(struct queue *q, struct proc *p)
{
  p->wait_q = 0;
  p->wait_lock = 0;
  if (trace_on())
    wake_traced(q, p);
  else
    queue_wake(q, &p->task);
}

static void
wake_first(struct waitq *wq)
{
  struct proc *p = container_of(wq->sleepers.next, struct proc, waiting);

  ring_remove(&p->waiting);
  wake(lock_task(&p->task), p);
}

bool
wake_one(struct waitq *wq)
{
  if (ring_empty(&wq->sleepers))
    return false;
  wake_first(wq);
  return true;
}

void
wake_all(struct waitq *wq)
{
  while (!ring_empty(&wq->sleepers))
    wake_first(wq);
}

// With the lock of the sleeper's queue held, nobody can wake it, so it keeps
// alive what it sleeps on, and with that the lock that has to be tried. Trying
// avoids a deadlock with a waker, who takes the two in the other order.
static bool
try_interrupt(struct proc *p, bool timeout)
{
  struct queue *q = queue_lock_task(&p->task);
  struct spinlock *lock = p->wait_lock;
  bool mine = lock && holding(lock);

  if (lock == 0 || p->task.state != TASK_BLOCKED ||
      (!timeout && !p->wait_killable)) {
    if (p->task.state == TASK_RUNNING)
      hart_poke(p->task.hart);
    spin_drop(&q->lock);
    return true;
  }
  if (!mine && !try_acquire(lock)) {
    spin_drop(&q->lock);
    return false;
  }
  ring_remove(&p->waiting);
  p->timed_out = timeout;
  wake(q, p);
  if (!mine)
    release(lock);
  return true;
}

void
proc_interrupt(struct proc *p, bool timeout)
{
  uint64_t work;

  irq_hold();
  work = DEBUG ? debug_work() : 0;
  while (!try_interrupt(p, timeout))
    if (DEBUG)
      debug_work_back(work);
  irq_allow();
}
