// fake_lock.c - locks and sleeping of the fake kernel. One thread plays all
// harts, so a spinlock that is found taken is a mistake: nobody may switch
// while he holds one.

#include "kernel/lib/print.h"
#include "kernel/proc/wait.h"
#include "tests/host/fs/fake_private.h"

void
spin_init(struct spinlock *l, const char *name)
{
  *l = (struct spinlock)SPINLOCK_INIT(name);
}

void
acquire(struct spinlock *l)
{
  maybe_switch();
  CHECK(!l->locked);
  l->locked = 1;
  locks_held++;
}

bool
try_acquire(struct spinlock *l)
{
  if (l->locked)
    return false;
  l->locked = 1;
  locks_held++;
  return true;
}

void
release(struct spinlock *l)
{
  CHECK(l->locked);
  l->locked = 0;
  locks_held--;
  maybe_switch();
}

bool
holding(const struct spinlock *l)
{
  return l->locked;
}

void
waitq_init(struct waitq *q, const char *name)
{
  ring_init(&q->sleepers);
  q->name = name;
}

static void
sleep_on(struct waitq *q, struct spinlock *lock, uint64_t deadline)
{
  CHECK(running != 0 && locks_held == 1 && lock->locked);
  ring_append(&q->sleepers, &running->waiting);
  running->timed_out = false;
  running->deadline = deadline;
  lock->locked = 0;
  locks_held--;
  switch_away();
  acquire(lock);
}

int
wait_on(struct waitq *q, struct spinlock *lock, enum wait_how how)
{
  sleep_on(q, lock, 0);
  return 0;
}

int
wait_until(struct waitq *q, struct spinlock *lock, enum wait_how how,
           uint64_t deadline)
{
  sleep_on(q, lock, deadline);
  return running->timed_out;
}

bool
wake_one(struct waitq *q)
{
  if (ring_empty(&q->sleepers))
    return false;
  struct proc *p = (struct proc *)q->sleepers.next;
  ring_remove(&p->waiting);
  p->ready = true;
  return true;
}

void
wake_all(struct waitq *q)
{
  while (wake_one(q))
    ;
}

void
mutex_init(struct mutex *m, const char *name)
{
  spin_init(&m->lock, name);
  waitq_init(&m->waiters, name);
  m->word = 0;
}

void
mutex_lock(struct mutex *m)
{
  CHECK(locks_held == 0);
  acquire(&m->lock);
  CHECK(m->word != (uint64_t)running);
  while (m->word != 0)
    wait_on(&m->waiters, &m->lock, WAIT_ALWAYS);
  m->word = (uint64_t)running;
  release(&m->lock);
}

void
mutex_unlock(struct mutex *m)
{
  acquire(&m->lock);
  CHECK(m->word == (uint64_t)running);
  m->word = 0;
  wake_one(&m->waiters);
  release(&m->lock);
}
