// tick.c - the timer's interrupt: what is due on this hart is done, and the
// timer is set for what comes next. How late it came is counted.

#include "kernel/proc/alarm.h"
#include "kernel/proc/dispatch.h"
#include "kernel/trace/trace.h"

static nsec
sooner(nsec a, nsec b)
{
  return a < b ? a : b;
}

static nsec
next_event(struct hart *h, struct queue *q)
{
  nsec at = h->timer_first;

  if (h->proc != h->idle)
    at = sooner(at, sched_next_tick(q->rq, &h->proc->task));
  if (h->proc->alarm)
    at = sooner(at, alarm_due(h->proc, q->rq->charged));
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
  nsec now = clock_ns(), due = h->timer_at;
  struct queue *q;

  h->timers++;
  note_lateness(h, due, now);
  h->timer_at = NSEC_NEVER;
  timers_run(now);
  queue_balance(h, now);
  q = lock_own();
  if (trace_on())
    trace_timer(h, due, now);
  sched_tick(q->rq, clock_ns());
  queue_kick(q);
  if (h->proc->alarm)
    alarm_tick(h->proc);
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

// The tick that stops a process has counted how late it was itself; the host
// may have come in between again since. A kick by another hart has just been
// sent.
void
note_late_stop(struct hart *h)
{
  if (h->stop_switch == h->switches)
    note_lateness(h, h->stop_due, clock_ns());
  h->stop_due = NSEC_NEVER;
}
