// dispatch.h - what the files of the dispatcher share. Private to proc/.
//
// dispatch.c switches, wake.c ends sleeps, tick.c is the timer's interrupt,
// idle.c looks for work.

#ifndef KERNEL_PROC_DISPATCH_H
#define KERNEL_PROC_DISPATCH_H

#include "kernel/dev/clock.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/proc/queue.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

// The queue of this hart, locked. Interrupts are held, as with all that deals
// with a locked queue.
static inline struct queue *
lock_own(void)
{
  struct queue *q = queue_of(this_hart());

  spin_take(&q->lock);
  return q;
}

static ALWAYS_INLINE struct queue *
lock_task(const struct task *t)
{
  uint64_t work = DEBUG ? debug_work() : 0;

  for (;;) {
    int id = __atomic_load_n(&t->queue, __ATOMIC_RELAXED);

    if (DEBUG)
      debug_work_back(work);
    if (__builtin_expect(id == QUEUE_MOVING, 0))
      continue;
    spin_take(&queues[id].lock);
    if (__builtin_expect(__atomic_load_n(&t->queue, __ATOMIC_RELAXED) == id, 1))
      return &queues[id];
    spin_drop(&queues[id].lock);
  }
}

static inline void
set_timer(struct hart *h, nsec at)
{
  if (at >= h->timer_at)
    return; // it comes earlier, and will be set again then
  h->timer_at = at;
  clock_set_timer(at);
}

// tick.c: h stops its process, as it was told; count by how much that is late.
void note_late_stop(struct hart *h);

// idle.c: this hart has nothing to run. Return when there may be something.
// Interrupts off.
void look_for_work(struct hart *h);

#endif
