// lock.c - spinlocks: a swap that is tried until it finds 0, with interrupts
// off for as long as any lock is held.
//
// When the last lock is let go and a better process was made ready meanwhile,
// the hart is handed over right there: the kernel is preemptible wherever no
// spinlock is held.

#include "kernel/lib/lock.h"

#include "kernel/lib/lock_inline.h"

void
irq_hold(void)
{
  irq_hold_inline();
}

void
irq_allow(void)
{
  irq_allow_inline();
}

__attribute__((noinline)) void
irq_allow_and_preempt(void)
{
  proc_preempt();
  intr_on();
}

void
spin_init(struct spinlock *l, const char *name)
{
  *l = (struct spinlock)SPINLOCK_INIT(name);
}

bool
holding(const struct spinlock *l)
{
  return __atomic_load_n(&l->locked, __ATOMIC_RELAXED) &&
         __atomic_load_n(&l->holder, __ATOMIC_RELAXED) == this_hart();
}

void
acquire(struct spinlock *l)
{
  acquire_inline(l);
}

bool
try_acquire(struct spinlock *l)
{
  irq_hold_inline();
  if (spin_try(l))
    return true;
  irq_allow_inline();
  return false;
}

void
release(struct spinlock *l)
{
  release_inline(l);
}
