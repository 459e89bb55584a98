// hz.c - the unit of the calls that count in ticks, and of nothing else: the
// one file that is compiled for its value of HZ.

#include "kernel/proc/proc.h"

const int kernel_hz = HZ;
const nsec kernel_tick = 1000000000UL / HZ;
