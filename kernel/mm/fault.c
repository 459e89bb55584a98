// fault.c - pages that come when touched: the heap and zeroed data (lazy),
// and copies of what a fork shares (copy-on-write); and the heap's end.

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
  bool promised = *e & PTE_OWNED;
  void *page;

  if (!promised && mm_reserve(1) < 0)
    return -1;
  page = page_alloc_zero();
  if (page == 0) {
    if (!promised)
      mm_unreserve(1);
    return -1;
  }
  if (!promised)
    s->owned++;
  s->present++;
  *e = pte_make(page, rights(prot) | PTE_OWNED);
  return 0;
}

static void
fence_one(struct space *s, uint64_t va)
{
  irq_hold();
  fence_page(va, s->asid);
  space_mark(s); // (3)
  irq_allow();
}

// A frame of its own for a page that a fork made shared.
static int
own(struct space *s, uint64_t va, uint64_t *e)
{
  void *old = pte_page(*e), *page;

  if (page_refs(old) == 1) {
    *e = (*e & ~PTE_COW) | PTE_W;
    return 0;
  }
  page = page_alloc();
  if (page == 0)
    return -1;
  page_copy(page, old);
  *e = pte_make(page, (*e & (PTE_R | PTE_X | PTE_U | PTE_OWNED)) | PTE_W);
  page_free(old);
  fence_one(s, va);
  return 0;
}

int
space_fault(struct space *s, uint64_t va, enum prot access, const char **why)
{
  const struct region *r = region_of(s, va);
  uint64_t *e;

  *why = "nothing is mapped there";
  if (r == 0)
    return -1;
  *why = access == PROT_W   ? "it may not be written"
         : access == PROT_X ? "it may not be executed"
                            : "it may not be read";
  if ((r->prot & access) == 0)
    return -1;
  *why = "no memory is left";
  e = space_entry(s, va, true);
  if (e == 0)
    return -1;
  if ((*e & PTE_V) == 0)
    return bring(s, r->prot, e);
  if (access == PROT_W && (*e & PTE_W) == 0)
    return own(s, va, e);
  fence_one(s, va); // this hart saw an old entry
  return 0;
}

void *
space_page(struct space *s, uint64_t va, enum prot access)
{
  uint64_t need = PTE_V | PTE_U | (access == PROT_W ? PTE_W : PTE_R);
  const char *why;
  uint64_t *e;

  if (va >= USER_END)
    return 0;
  e = space_entry(s, va, false);
  if (e == 0 || (*e & need) != need) {
    if (space_fault(s, va, access, &why) < 0)
      return 0;
    e = space_entry(s, va, false);
  }
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

int
space_promise(struct space *s, uint64_t start, uint64_t end)
{
  size_t n = (end - start) / PGSIZE;
  uint64_t *e = 0;

  if (mm_reserve(n) < 0)
    return -1;
  for (uint64_t va = start; va < end; va += PGSIZE, n--) {
    if (e == 0 || pte_index(va, 0) == 0)
      e = space_entry(s, va, true);
    else
      e++;
    if (e == 0) {
      mm_unreserve(n);
      space_drop_range(s, start, va);
      return -1;
    }
    *e = PTE_PROMISED;
    s->owned++;
  }
  return 0;
}

static int
grow(struct space *s, struct region *heap, uint64_t end, bool lazy)
{
  uint64_t first = ROUND_UP(heap->end, PGSIZE);
  uint64_t *e;

  if (lazy)
    return 0;
  // The page that the heap ends in may have been lazy so far.
  if (heap->end % PGSIZE != 0) {
    e = space_entry(s, heap->end, true);
    if (e == 0)
      return -1;
    if (*e == 0 && space_promise(s, first - PGSIZE, first) < 0)
      return -1;
  }
  return end > first ? space_promise(s, first, ROUND_UP(end, PGSIZE)) : 0;
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
    if (end < heap->start)
      return -1;
    space_drop_range(s, ROUND_UP(end, PGSIZE), ROUND_UP(old, PGSIZE));
    space_fence(s);
  }
  heap->end = end;
  return old;
}
