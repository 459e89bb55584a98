// runq_shared.c - one run queue for all harts (OSTEP chapter 10: SQMS).
//
// Shares and priorities are exact across harts, and no hart can be idle
// beside a waiting task; the price is one lock for all.

#include "kernel/dev/clock.h"
#include "kernel/mm/mm.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/proc/queue.h"
#include "kernel/trace/trace.h"

const char runq_mode[] = "shared";

void
queues_init(uint64_t seed, nsec now)
{
  uint64_t all = (1UL << nhart) - 1;

  nqueue = 1;
  spin_init(&queues[0].lock, "run queue");
  queues[0].rq = boot_alloc(sched_runq_size(&kernel_policy));
  sched_runq_init(queues[0].rq, &kernel_policy, policy_param, 0, all, seed, now);
  for (int i = 0; i < nhart; i++)
    harts[i].queue = &queues[0];
}

// Apart, so that the straight way needs no registers for it.
static __attribute__((noinline)) void
put_traced(struct queue *q, struct task *t, enum ready_why why)
{
  sched_ready(q->rq, t, why, clock_now());
  trace_ready(t, why, q->rq);
  queue_kick(q);
  spin_drop(&q->lock);
}

void
queue_put(struct queue *q, struct task *t, enum ready_why why)
{
  if (trace_on()) {
    put_traced(q, t, why);
    return;
  }
  sched_ready(q->rq, t, why, clock_now());
  queue_kick(q);
  spin_drop(&q->lock);
}

void
queue_wake(struct queue *q, struct task *t)
{
  queue_put(q, t, READY_WAKE);
}

void
queue_offer(struct queue *q)
{
  // The core has kicked idle harts: they are all of this queue.
}

struct queue *
queue_for_new(const struct task *t)
{
  return &queues[0];
}

bool
queue_steal(struct hart *h)
{
  return false;
}

bool
queue_any_for(const struct hart *h)
{
  return sched_ready_for(queues[0].rq, h->index) > 0;
}

void
queue_balance(struct hart *h, nsec now)
{
}
