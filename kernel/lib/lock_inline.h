// lock_inline.h - the locks of lock.h without the function call, for the few
// paths where that counts: the switch and the wake-up.

#ifndef KERNEL_LIB_LOCK_INLINE_H
#define KERNEL_LIB_LOCK_INLINE_H

#include "kernel/debug/check.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/proc/hart.h"

static inline void
irq_hold_inline(void)
{
  uint64_t was = intr_off();
  struct hart *h = this_hart();

  if (h->irq_depth++ == 0)
    h->irq_were_on = was != 0;
}

// lock.c: hand the hart over, which was asked for, and let interrupts in.
void irq_allow_and_preempt(void);

// Let interrupts in again, as irq_allow() does when the count is back at 0;
// and hand the hart over if it was asked for meanwhile.
static inline void
irq_allow_inline(void)
{
  struct hart *h = this_hart();

  if (--h->irq_depth != 0 || !h->irq_were_on)
    return;
  if (__builtin_expect(h->resched, 0))
    irq_allow_and_preempt();
  else
    intr_on();
}

// Take or drop a lock with interrupts held (irq_hold) before and after.
static inline void
spin_take(struct spinlock *l)
{
  uint64_t work = DEBUG ? debug_work() : 0, since = 0;

  if (DEBUG)
    debug_spin_wanted(l);
  while (
    __builtin_expect(__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE), 0)) {
    CHECK(l->holder != this_hart());
    while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED))
      if (DEBUG)
        debug_spin_waiting(l, &since);
  }
  l->holder = this_hart();
  if (DEBUG) {
    debug_work_back(work);
    debug_spin_taken(l);
  }
}

static inline bool
spin_try(struct spinlock *l)
{
  if (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
    return false;
  l->holder = this_hart();
  if (DEBUG)
    debug_spin_taken(l);
  return true;
}

static inline void
spin_drop(struct spinlock *l)
{
  if (DEBUG)
    debug_spin_dropped(l);
  l->holder = 0;
  __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static inline void
acquire_inline(struct spinlock *l)
{
  irq_hold_inline();
  spin_take(l);
}

static inline void
release_inline(struct spinlock *l)
{
  CHECK(l->holder == this_hart());
  spin_drop(l);
  irq_allow_inline();
}

#endif
