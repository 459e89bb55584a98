// events.c - the events: what each leaves in the ring.
//
// Times are the run queue's own, up to which it has just charged its tasks, so
// that the spans between switches add up to what ps tells of a process. Where
// the queue has not been brought up to date, it is the clock's. So the times of
// a hart's records never go back.

#include "kernel/lib/string.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/ring.h"

static int
pid_of(const struct proc *p)
{
  return p == this_hart()->idle ? 0 : p->pid;
}

// p is about to run on h, or is placed there.
static void
note_hart(struct proc *p, int hart, const struct runq *rq)
{
  struct trace_record *rec;

  if (p->traced_hart >= 0 && p->traced_hart != hart) {
    rec = ring_take(TRACE_MOVE, p->pid, rq);
    rec->other = 0;
    rec->a = p->traced_hart;
    rec->b = hart;
  }
  p->traced_hart = hart;
}

static enum trace_state
state_of(const struct proc *p)
{
  if (p->task.state == TASK_READY)
    return p->traced_yield ? TRACE_READY : TRACE_PUSHED;
  if (p->zombie)
    return TRACE_ENDS;
  return p->wait_killable ? TRACE_SLEEPS : TRACE_WAITS;
}

void
trace_switch(struct hart *h, struct proc *prev, struct proc *next,
             const struct runq *rq)
{
  enum trace_state state = TRACE_READY;
  struct trace_record *rec;

  if (prev != h->idle) {
    state = state_of(prev);
    if (state == TRACE_SLEEPS || state == TRACE_WAITS) {
      rec = ring_take(TRACE_BLOCK, prev->pid, rq);
      rec->other = 0;
      rec->a = (long)prev->wait_q->name; // trace_read() makes it text
    }
  }
  if (next != h->idle)
    note_hart(next, h->index, rq);
  rec = ring_take(TRACE_SWITCH, prev == h->idle ? 0 : prev->pid, rq);
  rec->other = next == h->idle ? 0 : next->pid;
  rec->a = state;
  rec->b = prev->task.st.ran;
}

void
trace_stop(struct proc *p, enum ready_why why, const struct runq *rq)
{
  enum trace_type type = TRACE_YIELD;

  p->traced_yield = why == READY_YIELD;
  if (why != READY_YIELD)
    type = p->task.slice > 0 ? TRACE_PREEMPT : TRACE_SLICE;
  ring_take(type, p->pid, rq)->other = 0;
}

void
trace_waking(const struct proc *p)
{
  ring_take(TRACE_WAKING, p->pid, 0)->other = pid_of(running());
}

// The hart that t is meant for, if it is known by now.
static int
hart_for(const struct task *t, const struct runq *rq)
{
  if ((rq->harts & (rq->harts - 1)) == 0)
    return rq->id; // a queue a hart, numbered alike
  return t->due;
}

void
trace_ready(struct task *t, enum ready_why why, const struct runq *rq)
{
  int hart = hart_for(t, rq);

  if (hart >= 0)
    note_hart(proc_of(t), hart, rq);
  if (why == READY_WAKE || why == READY_NEW)
    ring_take(why == READY_WAKE ? TRACE_WAKEUP : TRACE_NEW, t->id, rq)->other =
      hart;
}

void
trace_fork(const struct proc *parent, struct proc *child, const struct runq *rq)
{
  struct trace_record *rec =
    ring_take(TRACE_FORK, parent ? parent->pid : 0, rq);

  child->traced_hart = -1;
  rec->other = child->pid;
  __builtin_memcpy(rec->name, child->name, sizeof(rec->name));
}

void
trace_exec(const struct proc *p)
{
  struct trace_record *rec = ring_take(TRACE_EXEC, p->pid, 0);

  rec->other = 0;
  __builtin_memcpy(rec->name, p->name, sizeof(rec->name));
}

void
trace_exit(const struct proc *p, const struct runq *rq)
{
  struct trace_record *rec = ring_take(TRACE_EXIT, p->pid, rq);

  rec->other = 0;
  rec->a = p->status;
}

void
trace_timer(const struct hart *h, nsec due, nsec now)
{
  struct trace_record *rec = ring_take(TRACE_TIMER, pid_of(h->proc), 0);

  rec->other = 0;
  rec->a = now > due ? now - due : 0;
}

void
trace_attr(const struct task *t, const char *name, int64_t value,
           const struct runq *rq)
{
  struct trace_record *rec = ring_take(TRACE_ATTR, t->id, rq);
  const struct sched_attr *attr = kernel_policy.attrs;

  for (rec->a = 0; strcmp(attr[rec->a].name, name) != 0; rec->a++)
    ;
  rec->other = pid_of(running());
  rec->b = value;
}

void
trace_affinity(const struct task *t, uint64_t mask, const struct runq *rq)
{
  struct trace_record *rec = ring_take(TRACE_AFFINITY, t->id, rq);

  rec->other = pid_of(running());
  rec->a = mask;
}

_Static_assert((int)TRACE_LEVEL + SCHED_NOTES == (int)TRACE_LAG + 1,
               "each note has a type of record");

void
trace_note(const struct runq *rq, const struct task *t, enum sched_note what,
           int64_t a, int64_t b)
{
  struct trace_record *rec = ring_take(TRACE_LEVEL + what, t ? t->id : -1, rq);

  rec->other = 0;
  rec->a = a;
  rec->b = b;
}
