// listen.c - tracing on and off, for all harts and run queues.

#include "kernel/lib/lock_inline.h"
#include "kernel/proc/queue.h"

// Where each process is when tracing begins.
static void
note_places(void)
{
  acquire(&ptable_lock);
  ring_each (l, &all_procs) {
    struct proc *p = container_of(l, struct proc, all);

    p->traced_hart = p->task.hart;
  }
  release(&ptable_lock);
}

// An event is written under the lock of a queue, after a look at the flag:
// when each lock has been had once, nobody writes who saw the old one.
void
proc_listen(sched_note_fn *note)
{
  if (note)
    note_places();
  for (int i = 0; i < nhart; i++)
    __atomic_store_n(&harts[i].tracing, note != 0, __ATOMIC_RELAXED);
  irq_hold();
  for (int i = 0; i < nqueue; i++) {
    spin_take(&queues[i].lock);
    queues[i].rq->note = note;
    spin_drop(&queues[i].lock);
  }
  irq_allow();
}
