// lock.h - spinlocks.
//
// A hart that holds a spinlock has interrupts off, so it is not preempted and
// must not sleep. Order, outermost first: the lock of an object (a pipe, an
// inode, a wait queue), a process's lock, a run queue's lock; never two run
// queues. Locks may be released in any order.

#ifndef KERNEL_LIB_LOCK_H
#define KERNEL_LIB_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct hart;

struct spinlock {
  uint32_t locked;
  uint32_t class; // DEBUG=1: its place in the order, or 0 (kernel/debug)
  const char *name;
  struct hart *holder; // valid while locked
};

#define SPINLOCK_INIT(n)                                                       \
  {                                                                            \
    0, 0, n, 0                                                                 \
  }

void spin_init(struct spinlock *l, const char *name);
void acquire(struct spinlock *l);
bool try_acquire(struct spinlock *l); // false at once if somebody holds it
void release(struct spinlock *l);
bool holding(const struct spinlock *l); // by this hart

// Keep this hart from being interrupted, without a lock; pairs nest.
void irq_hold(void);
void irq_allow(void);

#endif
