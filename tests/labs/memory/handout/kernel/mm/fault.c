// fault.c - page faults, and the heap's end.
//
// Lab memory. As it is, all memory is there from the start: exec and sbrk bring
// every page at once, so that no page fault is needed, and each one ends its
// program. Parts 1 and 2 make it come when it is touched; part 4 is the copy
// that a write to a shared page gets.

#include "kernel/lib/csr.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/page.h"
#include "kernel/mm/pte.h"
#include "kernel/mm/space.h"
#include "kernel/mm/space_private.h"
#include "kernel/proc/hart.h"

static const struct region *
region_of(const struct space *s, uint64_t va)
{
  for (int i = s->nregion - 1; i >= 0; i--)
    if (va >= s->region[i].start && va < s->region[i].end)
      return &s->region[i];
  return 0;
}

static uint64_t
rights(int prot)
{
  uint64_t flags = PTE_U;

  if (prot & PROT_R)
    flags |= PTE_R;
  if (prot & PROT_W)
    flags |= PTE_R | PTE_W;
  if (prot & PROT_X)
    flags |= PTE_X;
  return flags;
}

// A page of zeroes where there was none.
static int
bring(struct space *s, int prot, uint64_t *e)
{
  void *page;

  // Part 2: and if *e says that the page was promised?
  if (mm_reserve(1) < 0)
    return -1;
  page = page_alloc_zero();
  if (page == 0) {
    mm_unreserve(1);
    return -1;
  }
  s->owned++;
  s->present++;
  *e = pte_make(page, rights(prot) | PTE_OWNED);
  return 0;
}

// Part 1: the first touch of a page of zeroes. Part 4: a write to a shared one.
// What else may have led here, and what must the TLB not keep? (space.h, (3))
int
space_fault(struct space *s, uint64_t va, enum prot access, const char **why)
{
  *why = "nothing is mapped there";
  return -1;
}

void *
space_page(struct space *s, uint64_t va, enum prot access)
{
  uint64_t need = PTE_V | PTE_U | (access == PROT_W ? PTE_W : PTE_R);
  uint64_t *e;

  if (va >= USER_END)
    return 0;
  e = space_entry(s, va, false);
  // Part 1, part 4: the kernel, too, may be the first to touch a page.
  if (e == 0 || (*e & need) != need)
    return 0;
  return (char *)pte_page(*e) + va % PGSIZE;
}

void *
space_fill(struct space *s, uint64_t va)
{
  const struct region *r = region_of(s, va);
  uint64_t *e = r ? space_entry(s, va, true) : 0;

  if (e == 0)
    return 0;
  if ((*e & PTE_V) == 0) {
    if (bring(s, r->prot, e) < 0)
      return 0;
    if ((r->prot & PROT_W) == 0) {
      *e &= ~PTE_OWNED; // (2): its frame may be shared by many
      s->owned--;
      page_map(pte_page(*e));
    }
  }
  return pte_page(*e);
}

int
space_map(struct space *s, uint64_t va, void *page)
{
  const struct region *r = region_of(s, va);
  uint64_t *e = r ? space_entry(s, va, true) : 0;

  // Spoken for before it is mapped: so whoever finds it mapped may rely on it.
  if (e == 0 || mm_reserve(1) < 0) {
    page_free(page);
    return -1;
  }
  CHECK(*e == 0 && (r->prot & PROT_W) == 0);
  if (page_map(page)) {
    __atomic_fetch_add(&file_pages, 1, __ATOMIC_RELAXED);
  } else {
    mm_unreserve(1); // (2)
    page_free(page);
  }
  *e = pte_make(page, rights(r->prot) | PTE_FILE);
  s->present++;
  return 0;
}

// Part 2: promise them; bring() keeps the promise.
int
space_promise(struct space *s, uint64_t start, uint64_t end)
{
  const struct region *r = region_of(s, start);
  int prot = r ? r->prot : PROT_R | PROT_W; // the heap is about to grow

  for (uint64_t va = start; va < end; va += PGSIZE) {
    uint64_t *e = space_entry(s, va, true);

    if (e == 0 || bring(s, prot, e) < 0) {
      space_drop_range(s, start, va);
      return -1;
    }
  }
  return 0;
}

// Part 1: lazy memory is not promised. The page that the heap ends in may have
// been lazy so far.
static int
grow(struct space *s, struct region *heap, uint64_t end, bool lazy)
{
  uint64_t first = ROUND_UP(heap->end, PGSIZE);

  return space_promise(s, first, ROUND_UP(end, PGSIZE));
}

int64_t
space_sbrk(struct space *s, int64_t delta, bool lazy)
{
  struct region *heap = &s->region[s->nregion - 1];
  uint64_t old = heap->end, end = old + delta;

  if (delta > 0) {
    if (end < old || end > USER_END || grow(s, heap, end, lazy) < 0)
      return -1;
  } else if (end > old) {
    return old; // below 0: xv6's programs expect that nothing happens
  } else if (delta < 0) {
    return -1; // Part 5: give pages back.
  }
  heap->end = end;
  return old;
}
