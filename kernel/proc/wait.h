// wait.h - wait queues, and the sleeping lock made of one.
//
// A wait queue belongs to an object and is guarded by that object's spinlock.
// A sleeper holds the lock from its test of the condition until it is on the
// queue and holds its run queue's lock; a waker holds the lock too. So no
// wake-up falls between test and sleep (see docs/switch.md).
//
//     acquire(&pipe->lock);
//     while (pipe is empty)
//       if (wait_on(&pipe->readers, &pipe->lock, WAIT_KILLABLE) < 0)
//         ... released by a kill: undo, return -1 ...
//
// The sleeper must hold a counted reference to the object it sleeps on.

#ifndef KERNEL_PROC_WAIT_H
#define KERNEL_PROC_WAIT_H

#include "kernel/lib/list.h"
#include "kernel/lib/lock.h"

struct proc;

struct waitq {
  struct link sleepers; // struct proc, through p->waiting; first come first
  const char *name;     // what ps shows
};

#define WAITQ_INIT(q, n)                                                       \
  {                                                                            \
    RING_INIT((q).sleepers), n                                                 \
  }

enum wait_how {
  WAIT_ALWAYS,   // only a wake-up ends it (short waits: a disk block)
  WAIT_KILLABLE, // a kill ends it too
};

void waitq_init(struct waitq *q, const char *name);

// Sleep on q; lock is held, is released while asleep, and held again on
// return. Returns 0, or -1 if how is WAIT_KILLABLE and this process has been
// killed (also when it was before the call). Test the condition again.
int wait_on(struct waitq *q, struct spinlock *lock, enum wait_how how);

// The same, but it ends at time deadline (ns since boot) at the latest.
// Returns 0, -1 as above, or 1 if the time came first.
int wait_until(struct waitq *q, struct spinlock *lock, enum wait_how how,
               uint64_t deadline);

// Wake the first sleeper, or all. The queue's lock is held. wake_one returns
// whether there was one.
bool wake_one(struct waitq *q);
void wake_all(struct waitq *q);

// A lock whose waiters sleep, for long work with an object (disk reads). Held
// by a process, which may sleep and be preempted. Not recursive. While nobody
// waits, taking it and letting it go is one compare-and-swap each.
struct mutex {
  uint64_t word; // who has it (struct proc *), and MUTEX_WAITED
  struct spinlock lock;
  struct waitq waiters; // (lock)
};

#define MUTEX_WAITED 1 // in word: somebody may be on waiters

void mutex_init(struct mutex *m, const char *name);
void mutex_lock(struct mutex *m);
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m); // by this process

#endif
