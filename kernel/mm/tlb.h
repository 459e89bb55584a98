// tlb.h - changing address spaces, on the path of a switch.

#ifndef KERNEL_MM_TLB_H
#define KERNEL_MM_TLB_H

#include "kernel/lib/csr.h"
#include "kernel/mm/space.h"
#include "kernel/proc/hart.h"

extern uint64_t asid_generation;

// As space_use(); in place when there is nothing to do but write satp.
static inline void
space_switch(struct hart *h, struct space *s)
{
  if (s == 0 || s->asid_gen != asid_generation || h->asid_gen != s->asid_gen ||
      s->stale >> h->index & 1) {
    space_use(s);
  } else if (h->satp != s->satp) {
    csr_write(satp, s->satp);
    h->satp = s->satp;
  }
}

#endif
