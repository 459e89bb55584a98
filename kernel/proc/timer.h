// timer.h - things to be done at a time: sleepers to wake.
//
// Each hart has a heap of timers, with the lock of that heap. A timer is put
// on the heap of the hart that sets it, and goes off there.

#ifndef KERNEL_PROC_TIMER_H
#define KERNEL_PROC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct timer {
  uint64_t at; // ns
  int hart;    // whose heap it is on
  int index;   // place in the heap, -1: not set
};

void timers_init(int most);          // at boot: as many may be set at once
void timer_prepare(struct timer *t); // before first use

// Set t, which is not set, to go off at time at: the process that holds it is
// then woken by proc_interrupt(p, true).
void timer_set(struct timer *t, uint64_t at);

// After this t is not set, and it is not going off on any hart either.
void timer_cancel(struct timer *t);

// When the first one goes off is in hart->timer_first, UINT64_MAX for never.

// Let go off what is due on this hart. Interrupts off, no lock held.
void timers_run(uint64_t now);

#endif
