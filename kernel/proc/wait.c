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

// ---- the sleeping lock -----------------------------------------------------
//
// Who finds the mutex taken marks its word, under its spinlock, and sleeps
// there; who then lets it go sees the mark, takes the spinlock and wakes the
// first. A third one may take the mutex before that one has run; it marks the
// word again then. Whoever takes it with others still asleep leaves the mark.

static inline uint64_t
owner(uint64_t word)
{
  return word & ~(uint64_t)MUTEX_WAITED;
}

static inline bool
swap(struct mutex *m, uint64_t *from, uint64_t to)
{
  return __atomic_compare_exchange_n(&m->word, from, to, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// Take it, or mark it. The spinlock is held.
static bool
take_or_mark(struct mutex *m, uint64_t me)
{
  uint64_t word = __atomic_load_n(&m->word, __ATOMIC_RELAXED);
  uint64_t to;

  do {
    if (owner(word) != 0)
      to = word | MUTEX_WAITED;
    else
      to = me | (ring_empty(&m->waiters.sleepers) ? 0 : MUTEX_WAITED);
  } while (!swap(m, &word, to));
  return owner(word) == 0;
}

static __attribute__((noinline)) void
lock_slowly(struct mutex *m, uint64_t me)
{
  acquire(&m->lock);
  CHECK(owner(m->word) != me);
  while (!take_or_mark(m, me))
    wait_on(&m->waiters, &m->lock, WAIT_ALWAYS);
  release(&m->lock);
}

static __attribute__((noinline)) void
unlock_slowly(struct mutex *m, uint64_t me)
{
  acquire(&m->lock);
  CHECK(owner(m->word) == me);
  __atomic_store_n(&m->word, 0, __ATOMIC_RELEASE);
  wake_one(&m->waiters);
  release(&m->lock);
}

void
mutex_lock(struct mutex *m)
{
  uint64_t me = (uint64_t)running(), none = 0;

  if (DEBUG)
    debug_mutex_wanted(m);
  if (!swap(m, &none, me))
    lock_slowly(m, me);
  if (DEBUG)
    debug_mutex_taken(m);
}

bool
mutex_trylock(struct mutex *m)
{
  uint64_t none = 0;
  bool got = swap(m, &none, (uint64_t)running());

  if (DEBUG && got)
    debug_mutex_taken(m);
  return got;
}

void
mutex_unlock(struct mutex *m)
{
  uint64_t me = (uint64_t)running(), word = me;

  if (DEBUG)
    debug_mutex_dropped(m);
  if (!swap(m, &word, 0))
    unlock_slowly(m, me);
}

bool
mutex_held(const struct mutex *m)
{
  return owner(__atomic_load_n(&m->word, __ATOMIC_RELAXED)) ==
         (uint64_t)running();
}
