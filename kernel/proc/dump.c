// dump.c - who runs where and who waits, to the console.

#include "kernel/lib/print.h"
#include "kernel/proc/private.h"
#include "kernel/proc/queue.h"

#define MOST 40 // tasks of a queue that are named

void
dump_harts(void)
{
  for (int i = 0; i < nhart; i++) {
    struct hart *h = &harts[i];

    if (h->proc && h->proc != h->idle)
      kprintf("hart %d runs pid %d %s\n", i, h->proc->pid, h->proc->name);
    else
      kprintf("hart %d is idle\n", i);
  }
}

// Who waits on rq, as the policy names them. It may be in the middle of a
// change, or damaged.
static void
dump_queue(const struct runq *rq)
{
  const struct sched_policy *policy = rq->policy;
  const struct task *t = policy->next ? policy->next(rq, 0) : 0;

  kprintf("run queue %d (%s): %d ready", rq->id, policy->name, rq->nready);
  for (int n = 0; t && n < rq->nready && n < MOST; n++) {
    kprintf("%s %d", n ? "" : ":", t->id);
    t = policy->next(rq, t);
  }
  kprintf("%s\n", t ? " ..." : "");
}

void
proc_dump_queues(void)
{
  dump_harts();
  for (int i = 0; i < nqueue; i++)
    dump_queue(queues[i].rq);
}
