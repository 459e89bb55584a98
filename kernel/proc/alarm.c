// alarm.c - a program's alarm: sigalarm(ticks, handler) and sigreturn().
//
//          sigalarm            alarm_tick           alarm_leave
//     off ----------> COUNTING ----------> DUE ---------------> INSIDE
//      ^ sigalarm(0)     ^                                        |
//      +-----------------+---------------- sigreturn -------------+
//
// What counts is the time that the process has a hart, in the kernel or not:
// task.st.ran, which the scheduler keeps. (The policy's own alarm, of
// sched/core.h, is another thing.) The handler's time does not count: the next
// interval begins with sigreturn, so a handler is never entered twice, and
// what it interrupted goes on however long the handler takes.
//
// Other processes pay for none of it. One with an alarm that gets a hart again
// asks for attention, and has the timer set on its way back to user mode; it
// could not enter the handler earlier.
//
// When the handler is entered, all registers are put aside here, out of the
// program's reach, and only pc changes: the handler runs on the stack that
// was in use. Few processes have an alarm, so what it needs is an object of
// its own, which stays until the program ends.

#include "kernel/proc/alarm.h"

#include "kernel/mm/mm.h"
#include "kernel/proc/dispatch.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/proc.h"

// The process's own, with interrupts held; `at` also under the lock of its
// queue.
struct alarm {
  nsec interval;      // ns to run; 0: off
  nsec at;            // due when task.st.ran is this; 0: it does not count
  uint64_t handler;   // user address
  bool due;           // the handler is to be entered
  bool inside;        // it has been, and sigreturn is to come; then:
  struct frame frame; // the registers of what was interrupted
  struct fpu fpu;     // the same, if its unit was on
};

static struct cache *alarms;

void
alarm_init(void)
{
  alarms = cache_create("alarm", sizeof(struct alarm));
}

// ---- counting --------------------------------------------------------------

nsec
alarm_due(const struct proc *p, nsec charged)
{
  nsec ran = p->task.st.ran, at = p->alarm->at;

  if (at == 0)
    return NSEC_NEVER;
  return at > ran ? charged + (at - ran) : charged;
}

void
alarm_tick(struct proc *p)
{
  struct alarm *a = p->alarm;

  if (a->at == 0 || p->task.st.ran < a->at)
    return;
  a->at = 0;
  a->due = true;
  p->attention |= ATTEND;
}

// The interval begins now.
static void
start(struct proc *p)
{
  struct alarm *a = p->alarm;
  struct queue *q;
  nsec now;

  irq_hold();
  q = lock_own();
  now = clock_ns();
  a->at = p->task.st.ran + a->interval;
  if (now > q->rq->charged) // what it has run since is not in st.ran yet
    a->at += now - q->rq->charged;
  p->attention |= ATTEND; // for the timer
  spin_drop(&q->lock);
  irq_allow();
}

static void
set_timer_for(const struct proc *p)
{
  struct queue *q;

  irq_hold();
  q = lock_own();
  set_timer(this_hart(), alarm_due(p, q->rq->charged));
  spin_drop(&q->lock);
  irq_allow();
}

// Neither counts it, nor is it due.
static void
stop(struct alarm *a)
{
  irq_hold();
  a->at = 0;
  a->due = false;
  irq_allow();
}

// ---- into the handler, and back --------------------------------------------

static void
enter(struct proc *p, struct frame *f)
{
  struct alarm *a = p->alarm;

  a->due = false;
  a->inside = true;
  if (fpu_on(p)) {
    fpu_out(p);
    a->fpu = p->fpu;
  }
  a->frame = *f;
  f->pc = a->handler;
}

void
alarm_leave(struct proc *p, struct frame *f)
{
  if (p->alarm->due)
    enter(p, f);
  else if (p->alarm->at != 0)
    set_timer_for(p);
}

// All registers as they were when the handler was entered.
static void
resume(struct proc *p)
{
  struct alarm *a = p->alarm;

  irq_hold();
  a->inside = false;
  *user_frame(p) = a->frame;
  if (fpu_on(p)) {
    p->fpu = a->fpu;
    fpu_in(p);
  }
  irq_allow();
}

// ---- the calls -------------------------------------------------------------

int64_t
sys_sigalarm(const uint64_t *arg)
{
  struct proc *p = running();
  int ticks = arg[0];

  if (ticks < 0)
    return -1;
  if (p->alarm == 0 && ticks == 0)
    return 0;
  if (p->alarm == 0)
    p->alarm = cache_alloc(alarms);
  if (p->alarm == 0)
    return -1;
  p->after_sleep |= ATTEND;
  stop(p->alarm);
  p->alarm->interval = ticks * kernel_tick;
  p->alarm->handler = arg[1];
  if (ticks > 0 && !p->alarm->inside)
    start(p);
  return 0;
}

// The result is what a0 was, so that this, too, is as it was.
int64_t
sys_sigreturn(const uint64_t *arg)
{
  struct proc *p = running();

  if (p->alarm == 0 || !p->alarm->inside)
    return -1;
  resume(p);
  if (p->alarm->interval > 0)
    start(p);
  return user_frame(p)->a[0];
}

void
alarm_drop(struct proc *p)
{
  struct alarm *a = p->alarm;

  if (a == 0)
    return;
  irq_hold(); // the timer looks at it
  p->alarm = 0;
  p->after_sleep &= ~ATTEND;
  irq_allow();
  cache_free(alarms, a);
}
