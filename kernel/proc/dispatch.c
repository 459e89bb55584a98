// dispatch.c - who has the hart: the switch, and the calls that lead to it.
//
// A hart goes straight from one process to the next. Who gives the hart up
// locks its run queue, tells the scheduler core, and switches; the lock is
// let go by who runs next, on the other stack. So whoever takes that lock
// later knows that the switch is over and the old stack is quiet.

#include "kernel/dev/clock.h"
#include "kernel/dev/sbi.h"
#include "kernel/debug/check.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/lib/print.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/space.h"
#include "kernel/mm/tlb.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"
#include "kernel/proc/queue.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

struct queue queues[MAXHART];
int nqueue;
uint64_t idle_harts;

void
sched_broken(const struct runq *rq, const struct task *t, const char *hook,
             int promise, const char *what)
{
  panic("policy %s broke promise (%d) of sched.h in %s(), task %d: %s",
        rq->policy->name, promise, hook, t ? t->id : 0, what);
}

// ---- locks -----------------------------------------------------------------

// The queue of this hart, locked. Interrupts are held, as with all that deals
// with a locked queue.
static inline struct queue *
lock_own(void)
{
  struct queue *q = queue_of(this_hart());

  spin_take(&q->lock);
  return q;
}

static ALWAYS_INLINE struct queue *
lock_task(const struct task *t)
{
  uint64_t work = DEBUG ? debug_work() : 0;

  for (;;) {
    int id = __atomic_load_n(&t->queue, __ATOMIC_RELAXED);

    if (DEBUG)
      debug_work_back(work);
    if (__builtin_expect(id == QUEUE_MOVING, 0))
      continue;
    spin_take(&queues[id].lock);
    if (__builtin_expect(__atomic_load_n(&t->queue, __ATOMIC_RELAXED) == id, 1))
      return &queues[id];
    spin_drop(&queues[id].lock);
  }
}

struct queue *
queue_lock_task(const struct task *t)
{
  return lock_task(t);
}

// ---- other harts -----------------------------------------------------------

void
hart_poke(int i)
{
  if (i == this_hart()->index)
    return;
  sbi_send_ipi(harts[i].id);
}

// Another hart, whose queue is locked, must stop; that it does so late is
// counted as for a tick: see note_late_stop().
static void
kick_other(struct hart *h)
{
  if (h == this_hart())
    return;
  h->stop_due = clock_ns();
  h->stop_switch = h->switches;
  sbi_send_ipi(h->id);
}

void
queue_kick_harts(struct queue *q)
{
  uint64_t who = sched_kicks(q->rq);

  for (int i = 0; who != 0; i++, who >>= 1)
    if (who & 1) {
      __atomic_store_n(&harts[i].resched, 1, __ATOMIC_RELEASE);
      kick_other(&harts[i]);
    }
}

void
proc_kick(void)
{
  this_hart()->ipis++;
  __atomic_store_n(&this_hart()->resched, 1, __ATOMIC_RELAXED);
}

void
queue_move(struct queue *q, struct task *t, struct queue *to)
{
  sched_take(q->rq, t, clock_ns());
  queue_kick(q);
  spin_drop(&q->lock);
  spin_take(&to->lock);
  queue_put(to, t, READY_MOVED);
}

// ---- the timer -------------------------------------------------------------

static inline void
set_timer(struct hart *h, nsec at)
{
  if (at >= h->timer_at)
    return; // it comes earlier, and will be set again then
  h->timer_at = at;
  clock_set_timer(at);
}

static nsec
next_event(struct hart *h, struct queue *q)
{
  nsec at = h->timer_first;

  if (h->proc != h->idle) {
    nsec end = sched_next_tick(q->rq, &h->proc->task);

    return end < at ? end : at;
  }
  return at;
}

// What should have been done at `due` is done now: a host that runs other
// things may have kept this hart waiting.
static void
note_lateness(struct hart *h, nsec due, nsec now)
{
  nsec late = now > due ? now - due : 0;

  h->late_sum += late;
  if (late > h->late_max)
    h->late_max = late;
}

void
proc_timer_tick(void)
{
  struct hart *h = this_hart();
  nsec now = clock_ns();
  struct queue *q;

  h->timers++;
  note_lateness(h, h->timer_at, now);
  h->timer_at = NSEC_NEVER;
  timers_run(now);
  queue_balance(h, now);
  q = lock_own();
  sched_tick(q->rq, clock_ns());
  queue_kick(q);
  // Whoever is told to stop gives up in a moment, and the next one's slice end
  // is set then.
  if (sched_told(q->rq, h->index)) {
    h->timer_at = h->timer_first;
    h->stop_due = now;
    h->stop_switch = h->switches;
  } else {
    h->timer_at = next_event(h, q);
  }
  clock_set_timer(h->timer_at);
  spin_drop(&q->lock);
}

// ---- the switch ------------------------------------------------------------

// Count the time that h was idle, or busy.
static void
account(struct hart *h, nsec now)
{
  nsec spent = now > h->changed ? now - h->changed : 0;

  if (h->proc == h->idle)
    h->idle_ns += spent;
  else
    h->busy_ns += spent;
  h->changed = now;
}

static ALWAYS_INLINE void
change_to(struct hart *h, struct proc *next, nsec now)
{
  struct proc *prev = h->proc;
  bool were_on = h->irq_were_on;

  CHECK(h->irq_depth == 1); // no lock is held but the queue's
  if (prev == h->idle || next == h->idle)
    account(h, now);
  if (fpu_on(prev))
    fpu_out(prev);
  space_switch(h, next->space);
  if (next->kstack_gen > h->kstack_gen)
    kstack_seen(next->kstack_gen);
  h->proc = next;
  h->ksp = next->kstack;
  h->files = next->files;
  h->switches++;
  if (fpu_on(next))
    fpu_in(next);
  switch_context(&prev->context, &next->context);
  this_hart()->irq_were_on = were_on; // maybe on another hart
}

static void
check_queue(const struct queue *q)
{
  const char *wrong = sched_check(q->rq);

  if (wrong)
    panic("run queue %d of policy %s: %s", q->rq->id, q->rq->policy->name,
          wrong);
}

// The process that ran was stopped or blocked; q is locked. Returns when it
// runs again, with the lock of the queue of its hart held.
static ALWAYS_INLINE void
switch_to_next(struct queue *q, nsec now)
{
  struct hart *h = this_hart();
  struct task *t;

  h->resched = 0;
  t = sched_pick(q->rq, h->index, now);
  if (DEBUG)
    check_queue(q);
  queue_kick(q);
  queue_offer_rest(q);
  set_timer(h, h->timer_first);
  if (t)
    set_timer(h, sched_next_tick(q->rq, t));
  if (t ? proc_of(t) != h->proc : h->proc != h->idle)
    change_to(h, t ? proc_of(t) : h->idle, now);
}

// The end of a switch, on the new stack. Lets go of the queue; interrupts are
// still held.
static ALWAYS_INLINE void
arrive(void)
{
  struct hart *h = this_hart();
  struct queue *q = queue_of(h);
  struct task *t = h->displaced;

  if (__builtin_expect(t != 0, 0)) {
    h->displaced = 0;
    queue_move(q, t, queue_for_new(t));
  } else {
    spin_drop(&q->lock);
  }
}

// Where a new process arrives: with interrupts off.
void
dispatch_arrive(void)
{
  this_hart()->irq_were_on = false;
  arrive();
  irq_allow();
}

static void
give_up(struct queue *q, enum ready_why why)
{
  struct proc *p = running();
  nsec now = clock_now();

  sched_stop(q->rq, &p->task, why, now);
  if (sched_misplaced(q->rq, &p->task))
    this_hart()->displaced = &p->task; // once its stack is quiet
  switch_to_next(q, now);
  arrive();
}

void
proc_yield(void)
{
  if (DEBUG)
    debug_may_sleep(0);
  irq_hold_inline();
  give_up(lock_own(), READY_YIELD);
  irq_allow_inline();
}

// The tick that stops a process has counted how late it was itself; the host
// may have come in between again since. A kick by another hart has just been
// sent.
static void
note_late_stop(struct hart *h)
{
  if (h->stop_switch == h->switches)
    note_lateness(h, h->stop_due, clock_ns());
  h->stop_due = NSEC_NEVER;
}

void
proc_preempt(void)
{
  struct hart *h = this_hart();
  struct queue *q;

  irq_hold_inline();
  q = lock_own();
  h->resched = 0;
  if (h->proc != h->idle && sched_told(q->rq, h->index)) {
    note_late_stop(h);
    give_up(q, READY_PREEMPT);
  } else {
    spin_drop(&q->lock);
  }
  irq_allow_inline();
}

// ---- sleep and wake-up -----------------------------------------------------

// Sleep on wq: from one lock to the other, with interrupts held all the time.
// Returns as wait_on(), but with lock let go.
static ALWAYS_INLINE int
sleep_on(struct waitq *wq, struct spinlock *lock, bool killable)
{
  struct proc *p = running();
  struct queue *q;
  nsec now;

  if (DEBUG)
    debug_may_sleep(1);
  q = lock_own();
  now = clock_now();

  // kill() sets the flag before it takes this lock, so it is seen here, or
  // kill() finds the process asleep.
  if (killable && __atomic_load_n(&p->killed, __ATOMIC_RELAXED)) {
    spin_drop(&q->lock);
    spin_drop(lock); // as after a sleep
    return -1;
  }
  p->wait_q = wq;
  p->wait_lock = lock;
  p->wait_killable = killable;
  ring_append(&wq->sleepers, &p->waiting);
  sched_block(q->rq, &p->task, now);
  spin_drop(lock);
  switch_to_next(q, now);
  arrive();
  return killable && p->killed ? -1 : 0;
}

int
wait_on(struct waitq *wq, struct spinlock *lock, enum wait_how how)
{
  int r = sleep_on(wq, lock, how == WAIT_KILLABLE);

  spin_take(lock);
  return r;
}

int
wait_until(struct waitq *wq, struct spinlock *lock, enum wait_how how,
           nsec deadline)
{
  struct proc *p = running();
  int r;

  p->timed_out = false;
  timer_set(&p->timer, deadline); // goes off here, so not before we sleep
  r = sleep_on(wq, lock, how == WAIT_KILLABLE);
  timer_cancel(&p->timer);
  spin_take(lock);
  return r < 0 ? r : p->timed_out;
}

// p is off its wait queue, and nobody else may wake it: make it ready.
static ALWAYS_INLINE void
wake(struct queue *q, struct proc *p)
{
  p->wait_q = 0;
  p->wait_lock = 0;
  queue_wake(q, &p->task);
}

static void
wake_first(struct waitq *wq)
{
  struct proc *p = container_of(wq->sleepers.next, struct proc, waiting);

  ring_remove(&p->waiting);
  wake(lock_task(&p->task), p);
}

bool
wake_one(struct waitq *wq)
{
  if (ring_empty(&wq->sleepers))
    return false;
  wake_first(wq);
  return true;
}

void
wake_all(struct waitq *wq)
{
  while (!ring_empty(&wq->sleepers))
    wake_first(wq);
}

// With the lock of the sleeper's queue held, nobody can wake it, so it keeps
// alive what it sleeps on, and with that the lock that has to be tried. Trying
// avoids a deadlock with a waker, who takes the two in the other order.
static bool
try_interrupt(struct proc *p, bool timeout)
{
  struct queue *q = queue_lock_task(&p->task);
  struct spinlock *lock = p->wait_lock;
  bool mine = lock && holding(lock);

  if (lock == 0 || p->task.state != TASK_BLOCKED ||
      (!timeout && !p->wait_killable)) {
    if (p->task.state == TASK_RUNNING)
      hart_poke(p->task.hart);
    spin_drop(&q->lock);
    return true;
  }
  if (!mine && !try_acquire(lock)) {
    spin_drop(&q->lock);
    return false;
  }
  ring_remove(&p->waiting);
  p->timed_out = timeout;
  wake(q, p);
  if (!mine)
    release(lock);
  return true;
}

void
proc_interrupt(struct proc *p, bool timeout)
{
  uint64_t work;

  irq_hold();
  work = DEBUG ? debug_work() : 0;
  while (!try_interrupt(p, timeout))
    if (DEBUG)
      debug_work_back(work);
  irq_allow();
}

// ---- beginning and end -----------------------------------------------------

void
proc_task_init(struct proc *p, struct proc *parent)
{
  struct queue *q = lock_own();

  sched_task_init(q->rq, &p->task, parent ? &parent->task : 0, p->pid,
                  parent ? parent->task.harts : SCHED_ANYHART, clock_ns());
  queue_kick(q);
  spin_drop(&q->lock);
}

void
proc_make_ready(struct proc *p)
{
  struct queue *q = queue_for_new(&p->task);

  spin_take(&q->lock);
  queue_put(q, &p->task, READY_NEW);
}

void
proc_leave_forever(void)
{
  struct queue *q;
  nsec now;

  if (DEBUG) {
    debug_may_sleep(1);
    debug_no_mutex();
  }
  q = lock_own();
  now = clock_ns();
  running()->end = now;
  sched_block(q->rq, &running()->task, now);
  spin_drop(&ptable_lock);
  switch_to_next(q, now);
  panic("a dead process runs");
}

void
proc_wait_off_hart(struct proc *p)
{
  spin_drop(&queue_lock_task(&p->task)->lock);
}

// ---- idle ------------------------------------------------------------------

// Nothing to run: wait for an interrupt. Interrupts off.
static void
nap(struct hart *h)
{
  // Under an instruction clock a hart must never wait without a timer.
  if (det_mode)
    set_timer(h, clock_ns() + SEC(1));
  asm volatile("wfi" : : : "memory");
  intr_on();
  intr_off();
}

// This hart has nothing to run. Return when there may be something. What is
// seen waiting came this moment, and is taken in the next round; if it is
// still there after many, something is wrong, and counted.
static void
look_for_work(struct hart *h)
{
  bool seen;

  if (queue_steal(h) || h->resched) {
    h->restless = 0;
    return;
  }
  seen = queue_any_for(h);
  if (seen && h->restless++ < 100)
    return;
  h->idle_faults += seen;
  h->restless = 0;
  nap(h);
}

void
dispatch_loop(void)
{
  struct hart *h = this_hart();

  for (;;) {
    irq_hold();
    switch_to_next(lock_own(), clock_ns());
    arrive();
    irq_allow();
    __atomic_fetch_or(&idle_harts, 1UL << h->index, __ATOMIC_SEQ_CST);
    look_for_work(h);
    __atomic_fetch_and(&idle_harts, ~(1UL << h->index), __ATOMIC_SEQ_CST);
  }
}

void
dispatch_init(void)
{
  queues_init(boot_seed, clock_ns());
}
