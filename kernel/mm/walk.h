// walk.h - from a user address to the kernel's, in place when it is near the
// one before. Private to mm/.

#ifndef KERNEL_MM_WALK_H
#define KERNEL_MM_WALK_H

#include "kernel/mm/mm.h"
#include "kernel/mm/pte.h"
#include "kernel/mm/space.h"

// As space_page(), but 0 also if va is not near the address before, or its
// page is not ready for the access. No table maps addresses of the kernel's
// half, so none needs a test here.
static inline void *
walk_near(const struct space *s, uint64_t va, enum prot access)
{
  uint64_t need = PTE_V | PTE_U | (access == PROT_W ? PTE_W : PTE_R);
  uint64_t pte;

  if (s->leaf == 0 || s->leaf_chunk != va >> LEVEL_SHIFT(1))
    return 0;
  pte = s->leaf[pte_index(va, 0)];
  if ((pte & need) != need)
    return 0;
  return (char *)pte_page(pte) + va % PGSIZE;
}

// As space_page().
static inline void *
walk(struct space *s, uint64_t va, enum prot access)
{
  void *p = walk_near(s, va, access);

  return p ? p : space_page(s, va, access);
}

#endif
