// space_private.h - what the files that handle address spaces share.

#ifndef KERNEL_MM_SPACE_PRIVATE_H
#define KERNEL_MM_SPACE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/mm/space.h"
#include "kernel/proc/hart.h"

// The last-level entry of va; 0 if it has no table (make: and none could be
// had).
uint64_t *space_entry(struct space *s, uint64_t va, bool make);

// Empty all entries from start to end, page-aligned. Fencing is the caller's.
void space_drop_range(struct space *s, uint64_t start, uint64_t end);

// This hart has fenced its TLB; the others have to, before they run s.
static inline void
space_mark(struct space *s)
{
  s->stale_tlb = ~(1UL << this_hart()->index);
  s->stale |= s->stale_tlb;
}

#endif
