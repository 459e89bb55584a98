// trace.h - the scheduler's events, kept on each hart while tracing is on.
//
// Each place asks trace_on(), a load and a branch, and then calls the event's
// function, with the lock of a run queue held: who has taken and dropped the
// locks of all queues after tracing went off knows that no event is being
// written any more.

#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/lib/debug.h"
#include "kernel/trap/frame.h"
#include "sched/sched.h"

struct hart;
struct proc;

// Is this hart to keep events?
static inline bool
trace_on(void)
{
  uint64_t on;

  asm volatile("lbu %0, %1(tp)" : "=r"(on) : "i"(HART_TRACING));
  return __builtin_expect(on, 0);
}

// The process ends: a trace that it was taking goes.
void trace_leave(int pid);

void trace_init(void); // at boot; with DEBUG=1 tracing is on from then on

// ---- events ----------------------------------------------------------------
//
// rq, where it is asked for: the queue whose lock is held, up to date.

void trace_switch(struct hart *h, struct proc *prev, struct proc *next,
                  const struct runq *rq);
void trace_stop(struct proc *p, enum ready_why why, const struct runq *rq);
void trace_waking(const struct proc *p);
// t was made ready on rq.
void trace_ready(struct task *t, enum ready_why why, const struct runq *rq);
void trace_fork(const struct proc *parent, struct proc *child,
                const struct runq *rq);
void trace_exec(const struct proc *p);
void trace_exit(const struct proc *p, const struct runq *rq);
void trace_timer(const struct hart *h, nsec due, nsec now);
void trace_attr(const struct task *t, const char *name, int64_t value,
                const struct runq *rq);
void trace_affinity(const struct task *t, uint64_t mask, const struct runq *rq);

// ----------------------------------------------------------------------------

// The last n events of each hart, to the console; at the end of everything.
// False: no hart kept any.
bool trace_show(int n);

// The system calls.
int64_t sys_trace_ctl(const uint64_t *a);
int64_t sys_trace_read(const uint64_t *a);

#endif
