// idle.c - a hart without a process: it looks for work elsewhere, and waits for
// an interrupt if there is none.

#include "kernel/dev/clock.h"
#include "kernel/lib/csr.h"
#include "kernel/proc/dispatch.h"
#include "kernel/proc/private.h"

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

// What is seen waiting came this moment, and is taken in the next round; if it
// is still there after many, something is wrong, and counted.
void
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
