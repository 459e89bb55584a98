// sync.c - a semaphore and a condition variable, in terms of wait queues.

#include "tests/labs/sleep/sync.h"

void
sema_init(struct sema *s, const char *name, int count)
{
  spin_init(&s->lock, name);
  waitq_init(&s->waiters, name);
  s->count = count;
}

void
sema_down(struct sema *s)
{
  acquire(&s->lock);
  while (s->count == 0)
    wait_on(&s->waiters, &s->lock, WAIT_ALWAYS);
  s->count--;
  release(&s->lock);
}

void
sema_up(struct sema *s)
{
  acquire(&s->lock);
  s->count++;
  wake_one(&s->waiters);
  release(&s->lock);
}

void
cond_init(struct cond *c, const char *name)
{
  spin_init(&c->lock, name);
  waitq_init(&c->waiters, name);
}

// The lock is held from before the mutex is free until we are on the queue: so
// who signals comes before we let the mutex go, or finds us.
void
cond_wait(struct cond *c, struct mutex *m)
{
  acquire(&c->lock);
  mutex_unlock(m);
  wait_on(&c->waiters, &c->lock, WAIT_ALWAYS);
  release(&c->lock);
  mutex_lock(m);
}

void
cond_signal(struct cond *c)
{
  acquire(&c->lock);
  wake_one(&c->waiters);
  release(&c->lock);
}

void
cond_broadcast(struct cond *c)
{
  acquire(&c->lock);
  wake_all(&c->waiters);
  release(&c->lock);
}
