// dispatch.c - who has the hart: the switch, and the calls that lead to it.
//
// A hart goes straight from one process to the next. Who gives the hart up
// locks its run queue, tells the scheduler core, and switches; the lock is
// let go by who runs next, on the other stack. So whoever takes that lock
// later knows that the switch is over and the old stack is quiet.

#include "kernel/dev/clock.h"
#include "kernel/dev/sbi.h"
#include "kernel/debug/check.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/lib/print.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/space.h"
#include "kernel/mm/tlb.h"
#include "kernel/proc/dispatch.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/trace.h"

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
  if (trace_on())
    trace_switch(h, prev, next, queue_of(h)->rq);
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
  h->last[h->switches % LAST_SWITCHES].at = now;
  h->last[h->switches++ % LAST_SWITCHES].pid = next->pid;
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

// p has slept and runs again. If it lends, then until it leaves the kernel: see
// lend.c. If it has an alarm, the timer is set for that then: see alarm.c.
static ALWAYS_INLINE void
back(struct proc *p)
{
  if (__builtin_expect(p->after_sleep != 0, 0))
    p->attention |= p->after_sleep;
}

static void
give_up(struct queue *q, enum ready_why why)
{
  struct proc *p = running();
  nsec now = clock_now();

  sched_stop(q->rq, &p->task, why, now);
  if (trace_on())
    trace_stop(p, why, q->rq);
  if (sched_misplaced(q->rq, &p->task))
    this_hart()->displaced = &p->task; // once its stack is quiet
  switch_to_next(q, now);
  arrive();
  if (__builtin_expect(p->alarm != 0, 0))
    p->attention |= ATTEND;
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

// ---- sleep -----------------------------------------------------------------

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
  back(p);
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

// ---- beginning and end -----------------------------------------------------

void
proc_task_init(struct proc *p, struct proc *parent)
{
  struct queue *q = lock_own();

  sched_task_init(q->rq, &p->task, parent ? &parent->task : 0, p->pid,
                  parent ? parent->task.harts : SCHED_ANYHART, clock_ns());
  if (trace_on())
    trace_fork(parent, p, q->rq);
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
  if (trace_on())
    trace_exit(running(), q->rq);
  spin_drop(&ptable_lock);
  switch_to_next(q, now);
  panic("a dead process runs");
}

void
proc_note_exec(void)
{
  struct queue *q;

  if (!trace_on())
    return;
  irq_hold();
  q = lock_own();
  if (trace_on())
    trace_exec(running());
  spin_drop(&q->lock);
  irq_allow();
}

void
proc_wait_off_hart(struct proc *p)
{
  spin_drop(&queue_lock_task(&p->task)->lock);
}

// ---- idle ------------------------------------------------------------------

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
