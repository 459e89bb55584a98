// timer.c - a heap of timers a hart, the earliest on top.
//
// A timer goes off with the lock of its heap held, so that timer_cancel, which
// takes that lock, returns only when nobody handles the timer any more. The
// lock comes after that of the object slept on, before a run queue's.

#include "kernel/proc/timer.h"

#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/proc.h"

struct heap {
  struct spinlock lock;
  struct timer **a; // (lock) a[i] is no later than a[2i+1], a[2i+2]
  int n;            // (lock)
} __attribute__((aligned(64)));

static struct heap heaps[MAXHART];
static int capacity;

void
timers_init(int most)
{
  capacity = most;
  for (int i = 0; i < nhart; i++) {
    spin_init(&heaps[i].lock, "timers");
    heaps[i].a = boot_alloc(most * sizeof(heaps[i].a[0]));
    harts[i].timer_first = UINT64_MAX;
  }
}

void
timer_prepare(struct timer *t)
{
  t->index = -1;
}

static void
put(struct heap *h, int i, struct timer *t)
{
  h->a[i] = t;
  t->index = i;
}

// Put t where it belongs, starting from the hole at i.
static void
settle(struct heap *h, int i, struct timer *t)
{
  int child;

  for (; i > 0 && t->at < h->a[(i - 1) / 2]->at; i = (i - 1) / 2)
    put(h, i, h->a[(i - 1) / 2]);
  while ((child = 2 * i + 1) < h->n) {
    if (child + 1 < h->n && h->a[child + 1]->at < h->a[child]->at)
      child++;
    if (t->at <= h->a[child]->at)
      break;
    put(h, i, h->a[child]);
    i = child;
  }
  put(h, i, t);
}

static void
note_first(struct heap *h)
{
  __atomic_store_n(&harts[h - heaps].timer_first,
                   h->n ? h->a[0]->at : UINT64_MAX, __ATOMIC_RELAXED);
}

static void
take(struct heap *h, struct timer *t)
{
  struct timer *last = h->a[--h->n];
  int hole = t->index;

  t->index = -1;
  if (last != t)
    settle(h, hole, last);
  note_first(h);
}

void
timer_set(struct timer *t, uint64_t at)
{
  struct heap *h;

  irq_hold();
  h = &heaps[this_hart()->index];
  acquire(&h->lock);
  CHECK(t->index < 0 && h->n < capacity);
  t->at = at;
  t->hart = this_hart()->index;
  settle(h, h->n++, t);
  note_first(h);
  release(&h->lock);
  irq_allow();
}

void
timer_cancel(struct timer *t)
{
  struct heap *h = &heaps[t->hart];

  acquire(&h->lock);
  if (t->index >= 0)
    take(h, t);
  release(&h->lock);
}

void
timers_run(uint64_t now)
{
  struct heap *h = &heaps[this_hart()->index];

  if (this_hart()->timer_first > now)
    return;
  acquire(&h->lock);
  while (h->n > 0 && h->a[0]->at <= now) {
    struct timer *t = h->a[0];

    take(h, t);
    proc_interrupt(container_of(t, struct proc, timer), true);
  }
  release(&h->lock);
}
