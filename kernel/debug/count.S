# count.S - a count a hart of the kernel's basic blocks: with DEBUG=1 the
# compiler calls this at the head of each (-fsanitize-coverage=trace-pc).

#include "kernel/trap/frame.h"

#define COUNT_SHIFT 6 // a cache line each

  .text
  .globl __sanitizer_cov_trace_pc
__sanitizer_cov_trace_pc:
  lw t0, HART_INDEX(tp)
  la t1, debug_counts
  slli t0, t0, COUNT_SHIFT
  add t1, t1, t0
  li t0, 1
  # Atomic, as this process may have left the hart by now.
  amoadd.d zero, t0, (t1)
  ret

  .bss
  .balign 1 << COUNT_SHIFT
  .globl debug_counts
debug_counts:
  .skip MAXHART << COUNT_SHIFT
