// runq_perhart.c - a run queue a hart (OSTEP chapter 10: MQMS).
//
// A task that wakes goes to a hart where it runs at once, if there is one:
// its last hart for the warm cache, else an idle one, else one where it
// pushes somebody out; else to where the fewest wait. A hart without work
// takes a task from elsewhere at once. At its timer interrupts, a hart
//   - every SCHED_BALANCE, takes a task from a queue that is heavier than its
//     own, if that makes shares more equal (sched/balance.c): if no even
//     division exists, it is each one's turn to be where there are fewer;
//   - sends tasks that wait here, and are more urgent than what another hart
//     runs, to that one: so they wait for one slice at most.
//
// No task waits beside an idle hart: see queue_offer_rest() in queue.h.

#include "kernel/dev/clock.h"
#include "kernel/mm/mm.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/proc/queue.h"
#include "kernel/trace/trace.h"

const char runq_mode[] = "perhart";

// What each queue weighed when that was last looked at, and what it needed; and
// when its hart last looked at the others. Hints, but for the last, which is
// the hart's own.
static struct {
  uint64_t weight;
  int64_t need;
  nsec balanced;
} __attribute__((aligned(64))) seen[MAXHART];

void
queues_init(uint64_t seed, nsec now)
{
  nqueue = nhart;
  for (int i = 0; i < nhart; i++) {
    spin_init(&queues[i].lock, "run queue");
    queues[i].rq = boot_alloc(sched_runq_size(&kernel_policy));
    sched_runq_init(queues[i].rq, &kernel_policy, policy_param, i, 1UL << i,
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
  if (trace_on())
    trace_ready(t, why, q->rq);
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

// ---- shares ----------------------------------------------------------------

static void
change_weight(int i, int64_t by)
{
  __atomic_fetch_add(&seen[i].weight, by, __ATOMIC_RELAXED);
}

// Weigh queue i, locked. What all of them weigh.
static uint64_t
weigh(int i, struct sched_load *load)
{
  uint64_t elsewhere = 0;

  for (int k = 0; k < nqueue; k++)
    if (k != i && !seems_idle(k))
      elsewhere += __atomic_load_n(&seen[k].weight, __ATOMIC_RELAXED);
  sched_weigh(queues[i].rq, elsewhere, nqueue, load, clock_ns());
  __atomic_store_n(&seen[i].weight, load->weight, __ATOMIC_RELAXED);
  __atomic_store_n(&seen[i].need, load->need, __ATOMIC_RELAXED);
  return elsewhere + load->weight;
}

// Of the queues that are heavier, and have a task for h, the one that needs it
// most; -1 if there is none.
static int
find_neediest(const struct hart *h, uint64_t weight)
{
  int64_t most = 0;
  int found = -1;

  for (int i = 0; i < nqueue; i++) {
    int64_t need = __atomic_load_n(&seen[i].need, __ATOMIC_RELAXED);

    if (!has_for(i, h) || (found >= 0 && need <= most) ||
        __atomic_load_n(&seen[i].weight, __ATOMIC_RELAXED) <= weight)
      continue;
    found = i;
    most = need;
  }
  return found;
}

static void
even_out(struct hart *h)
{
  struct sched_load mine, theirs;
  struct queue *q = queue_of(h);
  struct task *t;
  uint64_t all;
  int i;

  spin_take(&q->lock);
  weigh(h->index, &mine);
  queue_kick(q);
  spin_drop(&q->lock);
  i = find_neediest(h, mine.weight);
  if (i < 0)
    return;
  q = &queues[i];
  spin_take(&q->lock);
  all = weigh(i, &theirs);
  t = sched_even(q->rq, h->index, &theirs, &mine, all, nqueue, clock_ns());
  if (t == 0) {
    queue_kick(q);
    spin_drop(&q->lock);
    return;
  }
  change_weight(i, -sched_weight(q->rq, t));
  change_weight(h->index, sched_weight(q->rq, t));
  queue_move(q, t, queue_of(h));
  h->steals++;
}

// ---- urgency ---------------------------------------------------------------

// The queue whose hart runs the least urgent task, of those that may have one
// of h's; -1 if there is none. *urgency: of that task.
static int
find_least_urgent(const struct hart *h, int64_t *urgency)
{
  int found = -1;

  *urgency = INT64_MIN;
  for (int i = 0; i < nqueue; i++) {
    struct queue *q = &queues[i];
    int64_t u;

    if (i == h->index || !harts[i].started || !has_for(h->index, &harts[i]))
      continue;
    spin_take(&q->lock);
    u = sched_least_urgent(q->rq, clock_ns());
    queue_kick(q);
    spin_drop(&q->lock);
    if (u > *urgency) {
      *urgency = u;
      found = i;
    }
  }
  return found;
}

// Send one task that waits here to where a less urgent one runs. False if
// there is none. (If that has changed meanwhile, it waits there instead.)
static bool
send_urgent(struct hart *h)
{
  struct queue *q = queue_of(h);
  int64_t urgency;
  struct task *t;
  int i = find_least_urgent(h, &urgency);

  if (i < 0)
    return false;
  spin_take(&q->lock);
  t = sched_spare_urgent(q->rq, i, urgency, clock_ns());
  if (t == 0) {
    queue_kick(q);
    spin_drop(&q->lock);
    return false;
  }
  queue_move(q, t, &queues[i]);
  return true;
}

void
queue_balance(struct hart *h, nsec now)
{
  if (nqueue == 1)
    return;
  if (now - seen[h->index].balanced >= SCHED_BALANCE) {
    seen[h->index].balanced = now;
    even_out(h);
  }
  for (int n = 1; n < nqueue && kernel_policy.urgency; n++)
    if (!send_urgent(h))
      break;
}
