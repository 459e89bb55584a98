// pte.h - Sv39 page tables: 512 entries a page, three levels. Private to mm/.
//
// Bits: privileged architecture, section 4.4. Software has two bits of a
// valid entry, and all of an invalid one but V.

#ifndef KERNEL_MM_PTE_H
#define KERNEL_MM_PTE_H

#include <stdint.h>

#include "kernel/mm/layout.h"

#define PTE_V     (1UL << 0)
#define PTE_R     (1UL << 1)
#define PTE_W     (1UL << 2)
#define PTE_X     (1UL << 3)
#define PTE_U     (1UL << 4)
#define PTE_G     (1UL << 5)
#define PTE_A     (1UL << 6)
#define PTE_D     (1UL << 7)
#define PTE_COW   (1UL << 8) // writable, once it has a frame of its own
#define PTE_OWNED (1UL << 9) // counted as spoken for by this space
#define PTE_FILE  PTE_COW    // without PTE_OWNED: a page of a file's

// An invalid entry: a page that was promised and not touched yet.
#define PTE_PROMISED (PTE_OWNED | PTE_R)

#define PTES               512
#define LEVEL_SHIFT(level) (12 + 9 * (level))

static inline uint64_t
pte_make(const void *page, uint64_t flags)
{
  return pa_of(page) >> 12 << 10 | flags | PTE_V | PTE_A | PTE_D;
}

static inline void *
pte_page(uint64_t pte)
{
  return kva_of(pte >> 10 << 12 & 0x00fffffffffff000);
}

static inline int
pte_index(uint64_t va, int level)
{
  return va >> LEVEL_SHIFT(level) & (PTES - 1);
}

#endif
