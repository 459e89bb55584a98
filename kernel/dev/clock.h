// clock.h - time, in nanoseconds since the machine came up (its time CSR was
// 0), and the timer of each hart.

#ifndef KERNEL_DEV_CLOCK_H
#define KERNEL_DEV_CLOCK_H

#include <stdint.h>

#include "kernel/lib/csr.h"

void clock_init(uint64_t frequency); // of the time CSR, in Hz

extern uint64_t clock_factor; // ns a tick, 32 bits after the point

uint64_t clock_ns(void);

// The same, in place.
static inline uint64_t
clock_now(void)
{
  return (__uint128_t)read_time() * clock_factor >> 32;
}

// Set this hart's timer to interrupt at time `at`; UINT64_MAX: never.
// Interrupts off.
void clock_set_timer(uint64_t at);

#endif
