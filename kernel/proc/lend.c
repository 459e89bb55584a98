// lend.c - loans: who waits for another lends it its tickets meanwhile, or
// whatever the policy's weight() is in.
//
// A loan begins with the call, and ends when the lender, which has slept since,
// is on its way back to its program. Then `attention` is set (see dispatch.c)
// and loan_end() called, so nobody else pays for it. That a slice ends before
// the lender sleeps, or after it, ends no loan.
// Each process lends to one at most, and what it lends counts what it is lent:
// a server that waits for another passes all on. So loans are a forest, each
// edge from who waits to whom it waits for.
//
// The forest is guarded by ptable_lock. What a process is lent is told to its
// own run queue, under that queue's lock and no other; so each step up a chain
// of loans takes and leaves one lock of a run queue.

#include "kernel/dev/clock.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/proc/calls.h"
#include "kernel/proc/private.h"
#include "kernel/proc/queue.h"

void
loan_prepare(struct proc *p)
{
  ring_init(&p->lending);
  ring_init(&p->lenders);
}

// Tell p's queue what p is lent. What p is worth with that.
static int64_t
tell(struct proc *p)
{
  struct queue *q = queue_lock_task(&p->task);
  int64_t worth;

  sched_lend(q->rq, &p->task, p->lent, clock_ns());
  worth = sched_weight(q->rq, &p->task);
  queue_kick(q);
  spin_drop(&q->lock);
  return worth;
}

static int64_t
worth_of(struct proc *p)
{
  struct queue *q = queue_lock_task(&p->task);
  int64_t worth = sched_weight(q->rq, &p->task);

  spin_drop(&q->lock);
  return worth;
}

// What p lends is `worth` from now on; and so on up the chain.
static void
lend(struct proc *p, int64_t worth)
{
  for (; p->lends_to; p = p->lends_to) {
    p->lends_to->lent += worth - p->lends;
    p->lends = worth;
    worth = tell(p->lends_to);
  }
}

// p lends no more. ptable_lock held.
static void
take_back(struct proc *p)
{
  if (p->lends_to == 0)
    return;
  lend(p, 0);
  ring_remove(&p->lending);
  p->lends_to = 0;
}

void
loan_forget(struct proc *p)
{
  take_back(p);
  while (!ring_empty(&p->lenders))
    take_back(container_of(p->lenders.next, struct proc, lending));
}

void
loan_change(struct proc *p)
{
  if (p->lends_to)
    lend(p, worth_of(p));
}

void
loan_end(void)
{
  acquire(&ptable_lock);
  take_back(running());
  running()->after_sleep &= ~ATTEND_LOAN;
  release(&ptable_lock);
}

// Does `from` lend to p, by itself or through others?
static bool
reaches(const struct proc *from, const struct proc *p)
{
  while (from && from != p)
    from = from->lends_to;
  return from == p;
}

// If `to` lends to p, it does not wait for p any more, or nobody will ever run:
// its loan ends, so that there is no circle.
static void
begin(struct proc *p, struct proc *to)
{
  take_back(p);
  if (reaches(to, p))
    take_back(to);
  p->lends_to = to;
  p->after_sleep |= ATTEND_LOAN; // maybe for nothing: `to` may end first
  p->lends = 0;
  ring_append(&to->lenders, &p->lending);
  lend(p, worth_of(p));
}

int64_t
sys_sched_lend(const uint64_t *a)
{
  struct proc *p = running(), *to;
  bool can;

  acquire(&ptable_lock);
  to = proc_find(a[0]);
  can = kernel_policy.lend && to && to != p && !to->zombie;
  if (can)
    begin(p, to);
  release(&ptable_lock);
  return can ? 0 : -1;
}
