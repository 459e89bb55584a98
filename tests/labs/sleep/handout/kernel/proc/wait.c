// wait.c - wait queues' beginnings, and the sleeping lock. The sleep and the
// wake-up themselves are in dispatch.c and wake.c.

#include "kernel/proc/wait.h"

#include "kernel/debug/check.h"
#include "kernel/lib/print.h"
#include "kernel/proc/proc.h"

void
waitq_init(struct waitq *q, const char *name)
{
  ring_init(&q->sleepers);
  q->name = name;
}

void
mutex_init(struct mutex *m, const char *name)
{
  spin_init(&m->lock, name);
  waitq_init(&m->waiters, name);
  m->word = 0;
}

// Lab sleep, part 3: a lock that sleeps. As it is, who finds the mutex taken
// asks again and again, and burns the hart on which its holder could run.
// m->word is yours to use: 0 when the mutex is free, so that mutex_init() need
// not change. debug_mutex_...() keep books in a kernel made with DEBUG=1.

static bool
try(struct mutex *m)
{
  uint64_t none = 0;

  return __atomic_compare_exchange_n(&m->word, &none, (uint64_t)running(),
                                     false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void
mutex_lock(struct mutex *m)
{
  if (DEBUG)
    debug_mutex_wanted(m);
  while (!try(m))
    proc_yield();
  if (DEBUG)
    debug_mutex_taken(m);
}

bool
mutex_trylock(struct mutex *m)
{
  bool got = try(m);

  if (DEBUG && got)
    debug_mutex_taken(m);
  return got;
}

void
mutex_unlock(struct mutex *m)
{
  if (DEBUG)
    debug_mutex_dropped(m);
  __atomic_store_n(&m->word, 0, __ATOMIC_RELEASE);
}

bool
mutex_held(const struct mutex *m)
{
  return __atomic_load_n(&m->word, __ATOMIC_RELAXED) == (uint64_t)running();
}
