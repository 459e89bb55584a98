// sync.h - lab sleep: a semaphore and a condition variable, which the student
// writes in kernel/proc/sync.c in terms of wait queues.

#ifndef LABS_SLEEP_SYNC_H
#define LABS_SLEEP_SYNC_H

#include "kernel/proc/wait.h"

struct sema {
  struct spinlock lock;
  struct waitq waiters; // (lock)
  int count;            // (lock) how many may go down without a sleep
};

void sema_init(struct sema *s, const char *name, int count);
void sema_down(struct sema *s); // wait until count > 0, and take one
void sema_up(struct sema *s);   // give one back

struct cond {
  struct spinlock lock;
  struct waitq waiters; // (lock)
};

void cond_init(struct cond *c, const char *name);
// Let m go and sleep, so that no signal after m is free is missed; then take m
// again. The caller holds m, and tests its condition again.
void cond_wait(struct cond *c, struct mutex *m);
void cond_signal(struct cond *c);    // wake one, if one sleeps
void cond_broadcast(struct cond *c); // wake all

#endif
