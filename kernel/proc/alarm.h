// alarm.h - a program's alarm: for the dispatcher, the trap's way back, and
// the end of a program. Private to proc/ and trap/.

#ifndef KERNEL_PROC_ALARM_H
#define KERNEL_PROC_ALARM_H

#include <stdint.h>

#include "sched/sched.h"

struct frame;
struct proc;

void alarm_init(void);

// Of a p that has one (p->alarm), with its queue locked: the time when it is
// due if p keeps the hart, which has been charged up to `charged`. NSEC_NEVER
// if it does not count.
nsec alarm_due(const struct proc *p, nsec charged);
// p's time has been charged: if its alarm is due, ask for p's attention.
void alarm_tick(struct proc *p);

// p, the caller, has an alarm and goes back to user mode, interrupts off: if
// the alarm has gone off, f is made the handler's, else the timer is set.
void alarm_leave(struct proc *p, struct frame *f);

// p, the caller, ends, or becomes another program.
void alarm_drop(struct proc *p);

// The system calls.
int64_t sys_sigalarm(const uint64_t *a);
int64_t sys_sigreturn(const uint64_t *a);

#endif
