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

// The name of the process with that pid, if there is one still. The list may
// be in the middle of a change: no more steps than there can be processes.
static const char *
name_of(int pid)
{
  struct link *l = all_procs.next;

  for (int n = 0; l && l != &all_procs && n < proc_max; n++, l = l->next) {
    struct proc *p = container_of(l, struct proc, all);

    if (p->pid == pid)
      return p->name;
  }
  return "(gone)";
}

static void
dump_switches(const struct hart *h, int n)
{
  uint64_t from = h->switches > (uint64_t)n ? h->switches - n : 0;

  kprintf("last switches of hart %d:\n", h->index);
  for (uint64_t i = from; i < h->switches; i++) {
    uint64_t at = h->last[i % LAST_SWITCHES].at;
    int pid = h->last[i % LAST_SWITCHES].pid;

    kprintf("%12ld us  to ", at / 1000);
    if (pid)
      kprintf("pid %d %s", pid, name_of(pid));
    else
      kprintf("idle");
    if (i + 1 < h->switches)
      kprintf(" for %ld us\n",
              (h->last[(i + 1) % LAST_SWITCHES].at - at) / 1000);
    else
      kprintf("\n");
  }
}

void
proc_dump_switches(int n)
{
  for (int i = 0; i < nhart; i++)
    if (harts[i].started)
      dump_switches(&harts[i], n);
}
