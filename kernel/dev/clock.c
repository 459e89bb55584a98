// clock.c - time from the time CSR; timer interrupts by Sstc's stimecmp where
// the hart has it, by an SBI call where not.
//
// Nanoseconds are ticks times a fixed-point factor, with 32 bits after the
// point; the factor is exact for the frequencies that divide 10^9.

#include "kernel/dev/clock.h"

#include "kernel/dev/sbi.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/print.h"
#include "kernel/proc/hart.h"

uint64_t clock_factor;
static uint64_t tick_per_ns; // with 34 bits after the point

void
clock_init(uint64_t frequency)
{
  if (frequency == 0 || frequency > 1000000000UL)
    panic("the device tree's timebase-frequency, %ld Hz, is not usable",
          frequency);
  clock_factor = (1000000000UL << 32) / frequency;
  tick_per_ns = (frequency << 34) / 1000000000UL;
}

uint64_t
clock_ns(void)
{
  return clock_now();
}

// Ticks from now until time `at`, rounded up: an interrupt before its time
// would only have to be repeated.
static uint64_t
ticks_until(uint64_t at)
{
  uint64_t now = clock_ns();

  if (at <= now)
    return 0;
  return (uint64_t)((__uint128_t)(at - now) * tick_per_ns >> 34) + 1;
}

void
clock_set_timer(uint64_t at)
{
  uint64_t ticks = UINT64_MAX;

  if (at < INT64_MAX)
    ticks = read_time() + ticks_until(at);
  if (this_hart()->sstc)
    asm volatile("csrw 0x14d, %0" : : "r"(ticks));
  else
    sbi_set_timer(ticks);
}
