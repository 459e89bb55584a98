// runq_perhart.c - a run queue a hart (OSTEP chapter 10: MQMS).
//
// A task that wakes goes to a hart where it runs at once, if there is one:
// its last hart for the warm cache, else an idle one, else one where it
// pushes somebody out; else to where the fewest wait. A hart without work
// takes a task from elsewhere at once; and every BALANCE a hart takes one
// from a queue that is longer than its own, even if by one task only, so that
// with a task too many for equal halves it is each one's turn to be alone.
//
// No task waits beside an idle hart: see queue_offer_rest() in queue.h.

#include "kernel/dev/clock.h"
#include "kernel/mm/mm.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/proc/queue.h"

#define BALANCE MSEC(50)

const char runq_mode[] = "perhart";

static nsec balanced[MAXHART]; // when each hart last looked

void
queues_init(uint64_t seed, nsec now)
{
  nqueue = nhart;
  for (int i = 0; i < nhart; i++) {
    spin_init(&queues[i].lock, "run queue");
    queues[i].rq = boot_alloc(sched_runq_size(&SCHED_POLICY));
    sched_runq_init(queues[i].rq, &SCHED_POLICY, policy_param, i, 1UL << i,
                    seed + i, now);
    harts[i].queue = &queues[i];
  }
}

// ---- what others see without the lock: hints, tested again under it --------

static bool
seems_idle(int i)
{
  return __atomic_load_n(&queues[i].rq->idle, __ATOMIC_RELAXED) != 0;
}

// Tasks that compete on queue i.
static int
load(int i)
{
  const struct runq *rq = queues[i].rq;

  return __atomic_load_n(&rq->nready, __ATOMIC_RELAXED) +
         (__atomic_load_n(&rq->busy, __ATOMIC_RELAXED) != 0);
}

static bool
allowed(const struct task *t, int i)
{
  return harts[i].started && (t->harts >> i & 1);
}

// ---- placement -------------------------------------------------------------

// Tasks wait on q, locked: wake up idle harts that may take them.
void
queue_offer(struct queue *q)
{
  int n = q->rq->nready;

  for (int i = 0; i < nqueue && n > 0; i++)
    if (&queues[i] != q && seems_idle(i) && sched_ready_for(q->rq, i) > 0) {
      hart_poke(i);
      n--;
    }
}

void
queue_put(struct queue *q, struct task *t, enum ready_why why)
{
  bool waits;

  sched_ready(q->rq, t, why, clock_now());
  waits = q->rq->kick == 0;
  queue_kick(q);
  if (waits)
    queue_offer_rest(q);
  spin_drop(&q->lock);
}

// A queue where t, which is MOVING, would run at once, locked; or 0.
static struct queue *
find_welcome(const struct task *t, bool idle_only)
{
  for (int i = 0; i < nqueue; i++) {
    struct queue *q = &queues[i];

    if (!allowed(t, i) || (idle_only && !seems_idle(i)) || !spin_try(&q->lock))
      continue;
    if (sched_welcome(q->rq, t, clock_ns()))
      return q;
    queue_kick(q); // the look may have ended a slice
    spin_drop(&q->lock);
  }
  return 0;
}

// The allowed queue with the least load; `home` among equals.
static int
least_loaded(const struct task *t, int home)
{
  int best = allowed(t, home) ? home : -1;

  for (int i = 0; i < nqueue; i++)
    if (allowed(t, i) && (best < 0 || load(i) < load(best)))
      best = i;
  return best;
}

void
queue_wake(struct queue *q, struct task *t)
{
  struct queue *to;
  int home = q - queues;

  if (nqueue == 1 ||
      (allowed(t, home) && sched_welcome(q->rq, t, clock_ns()))) {
    queue_put(q, t, READY_WAKE);
    return;
  }
  __atomic_store_n(&t->queue, QUEUE_MOVING, __ATOMIC_RELAXED);
  queue_kick(q);
  spin_drop(&q->lock);
  to = find_welcome(t, true);
  if (to == 0)
    to = find_welcome(t, false);
  if (to == 0) {
    to = &queues[least_loaded(t, home)];
    spin_take(&to->lock);
  }
  queue_put(to, t, READY_WAKE);
}

struct queue *
queue_for_new(const struct task *t)
{
  int home = this_hart()->index;

  for (int i = 0; i < nqueue; i++)
    if (allowed(t, i) && seems_idle(i))
      return &queues[i];
  return &queues[least_loaded(t, home)];
}

// ---- taking work -----------------------------------------------------------

// Move a task from queue i to h's own; false if there is none that may.
static bool
pull(struct hart *h, int i)
{
  struct queue *q = &queues[i];
  struct task *t;

  spin_take(&q->lock);
  t = sched_spare(q->rq, h->index, clock_ns());
  if (t == 0) {
    queue_kick(q);
    spin_drop(&q->lock);
    return false;
  }
  queue_move(q, t, queue_of(h));
  h->steals++;
  return true;
}

static bool
has_for(int i, const struct hart *h)
{
  const struct runq *rq = queues[i].rq;

  return __atomic_load_n(&rq->nfree, __ATOMIC_RELAXED) +
           __atomic_load_n(&rq->npinned[h->index], __ATOMIC_RELAXED) >
         0;
}

bool
queue_steal(struct hart *h)
{
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  for (int n = 1; n < nqueue; n++) {
    int i = (h->index + n) % nqueue;

    if (has_for(i, h) && pull(h, i))
      return true;
  }
  return false;
}

bool
queue_any_for(const struct hart *h)
{
  for (int i = 0; i < nqueue; i++)
    if (has_for(i, h))
      return true;
  return false;
}

void
queue_balance(struct hart *h, nsec now)
{
  int most = h->index;

  if (nqueue == 1 || now - balanced[h->index] < BALANCE)
    return;
  balanced[h->index] = now;
  for (int i = 0; i < nqueue; i++)
    if (has_for(i, h) && load(i) > load(most))
      most = i;
  if (most != h->index)
    pull(h, most);
}
