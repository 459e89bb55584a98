// space.c - making, copying and emptying address spaces.
//
// The work is proportional to what is there: regions say where entries may
// be, each table knows the entry that points to it, and an emptied table goes
// back as a page of zeroes, which the next space takes without zeroing it.

#include "kernel/mm/space.h"

#include "kernel/lib/csr.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/page.h"
#include "kernel/mm/pte.h"
#include "kernel/mm/space_private.h"
#include "kernel/peach.h"
#include "kernel/proc/hart.h"

#define MAXROOT 64                      // roots kept for the next spaces
#define CHUNK   (1UL << LEVEL_SHIFT(1)) // what one last-level table maps

static struct cache *spaces;
static struct spinlock root_lock = SPINLOCK_INIT("roots");
static struct page *roots; // (root_lock) upper halves filled, lower empty
static size_t nkept;       // (root_lock) of these
static size_t nroot;       // (root_lock) in use or kept

void
space_init(void)
{
  spaces = cache_create("space", sizeof(struct space));
}

static uint64_t *
root_alloc(void)
{
  struct page *pg;
  uint64_t *root;

  acquire(&root_lock);
  pg = roots;
  if (pg) {
    roots = pg->next;
    nkept--;
  }
  release(&root_lock);
  if (pg)
    return page_address(pg);
  if (mm_reserve_kernel(1) < 0)
    return 0;
  root = page_alloc_zero();
  if (root == 0) {
    mm_unreserve_kernel(1);
    return 0;
  }
  memcpy(root + PTES / 2, kernel_root + PTES / 2, PGSIZE / 2);
  acquire(&root_lock);
  nroot++;
  release(&root_lock);
  return root;
}

static void
root_free(uint64_t *root)
{
  struct page *pg = page_of(root);
  bool keep;

  acquire(&root_lock);
  keep = nkept < MAXROOT;
  if (keep) {
    pg->next = roots;
    roots = pg;
    nkept++;
  } else {
    nroot--;
  }
  release(&root_lock);
  if (!keep) {
    page_free(root);
    mm_unreserve_kernel(1);
  }
}

void
space_root_info(struct cacheinfo *info)
{
  acquire(&root_lock);
  *info = (struct cacheinfo){
    .name = "root",
    .size = PGSIZE,
    .used = nroot - nkept,
    .pages = nroot,
  };
  release(&root_lock);
}

struct space *
space_new(void)
{
  struct space *s = cache_alloc(spaces);

  if (s == 0)
    return 0;
  s->stale = s->stale_text = UINT64_MAX; // until a hart has fenced
  s->root = root_alloc();
  if (s->root == 0) {
    cache_free(spaces, s);
    return 0;
  }
  return s;
}

// A table for the entry e to point to.
static bool
table_add(struct space *s, uint64_t *e)
{
  struct page *pg;
  void *table;

  if (mm_reserve(1) < 0)
    return false;
  table = page_alloc_zero();
  if (table == 0) {
    mm_unreserve(1);
    return false;
  }
  pg = page_of(table);
  pg->slot = e;
  pg->next = s->tables;
  s->tables = pg;
  *e = pa_of(table) >> 12 << 10 | PTE_V;
  return true;
}

uint64_t *
space_entry(struct space *s, uint64_t va, bool make)
{
  uint64_t *table = s->root;

  if (s->leaf && s->leaf_chunk == va >> LEVEL_SHIFT(1))
    return &s->leaf[pte_index(va, 0)];
  for (int level = 2; level > 0; level--) {
    uint64_t *e = &table[pte_index(va, level)];

    if (*e == 0 && (!make || !table_add(s, e)))
      return 0;
    table = pte_page(*e);
  }
  s->leaf = table;
  s->leaf_chunk = va >> LEVEL_SHIFT(1);
  return &table[pte_index(va, 0)];
}

// Where the next last-level table's range begins after va.
static uint64_t
chunk_end(uint64_t va, uint64_t end)
{
  uint64_t next = ROUND_DOWN(va, CHUNK) + CHUNK;

  return next < end ? next : end;
}

// After va, the first address that may have a last-level table, up to end.
static uint64_t
skip(const struct space *s, uint64_t va, uint64_t end)
{
  uint64_t big = 1UL << LEVEL_SHIFT(2);

  if (s->root[pte_index(va, 2)] == 0) {
    uint64_t next = ROUND_DOWN(va, big) + big;

    return next < end ? next : end;
  }
  return chunk_end(va, end);
}

// One entry less for a page that nobody may write. True: it was the last.
static bool
unmap(uint64_t pte)
{
  void *page = pte_page(pte);

  if (!page_unmap(page))
    return false;
  if (pte & PTE_FILE)
    __atomic_fetch_sub(&file_pages, 1, __ATOMIC_RELAXED);
  page_free(page);
  return true;
}

// Drop what n entries stand for; returns how many pages are not spoken for any
// more. The TLB has been, or will be, fenced.
static size_t
drop_entries(struct space *s, uint64_t *e, size_t n)
{
  size_t present = 0, owned = 0, last = 0;

  for (uint64_t *end = e + n; e < end; e++) {
    uint64_t pte = *e;

    if (pte == 0)
      continue;
    *e = 0;
    present += pte & PTE_V;
    if (pte & PTE_OWNED) {
      owned++; // (1)
      if (pte & PTE_V)
        page_unshare(pte_page(pte));
    } else {
      last += unmap(pte); // (2)
    }
  }
  s->present -= present;
  s->owned -= owned;
  return owned + last;
}

void
space_drop_range(struct space *s, uint64_t start, uint64_t end)
{
  size_t unspoken = 0;

  for (uint64_t va = start; va < end;) {
    uint64_t *e = space_entry(s, va, false);
    uint64_t stop = e ? chunk_end(va, end) : skip(s, va, end);

    if (e)
      unspoken += drop_entries(s, e, (stop - va) / PGSIZE);
    va = stop;
  }
  mm_unreserve(unspoken);
}

void
space_empty(struct space *s)
{
  for (int i = 0; i < s->nregion; i++)
    space_drop_range(s, s->region[i].start, ROUND_UP(s->region[i].end, PGSIZE));
  s->nregion = 0;
  CHECK(s->owned == 0 && s->present == 0);
}

void
space_free(struct space *s)
{
  space_empty(s);
  for (struct page *pg = s->tables, *next; pg; pg = next) {
    next = pg->next;
    *pg->slot = 0; // each table is empty when its turn comes
    page_free_zero(page_address(pg));
    mm_unreserve(1);
  }
  root_free(s->root);
  cache_free(spaces, s);
}

int
space_add(struct space *s, uint64_t start, uint64_t end, int prot)
{
  uint64_t floor = 0;

  if (s->nregion > 0)
    floor = ROUND_UP(s->region[s->nregion - 1].end, PGSIZE);
  if (s->nregion == MAXREGION || start % PGSIZE != 0 || start < floor ||
      end < start || end > USER_END)
    return -1;
  if ((prot & PROT_W) && (prot & PROT_X))
    return -1;
  s->region[s->nregion++] = (struct region){ start, end, prot };
  return 0;
}

// Give the child what n of the parent's entries stand for. The pages that are
// owned were reserved before, by space_fork.
static void
share_entries(struct space *to, uint64_t *pe, uint64_t *ce, size_t n)
{
  size_t present = 0, owned = 0;

  for (uint64_t *end = pe + n; pe < end; pe++, ce++) {
    uint64_t pte = *pe;

    if (pte & PTE_W)
      *pe = pte = (pte & ~PTE_W) | PTE_COW;
    if (pte & PTE_V) {
      if (pte & PTE_OWNED)
        page_share(pte_page(pte));
      else
        page_map(pte_page(pte));
      present++;
    }
    owned += (pte & PTE_OWNED) != 0;
    *ce = pte;
  }
  to->present += present;
  to->owned += owned;
}

static bool
share_range(struct space *to, struct space *from, uint64_t start, uint64_t end)
{
  for (uint64_t va = start; va < end;) {
    uint64_t *pe = space_entry(from, va, false);
    uint64_t stop = pe ? chunk_end(va, end) : skip(from, va, end);
    uint64_t *ce = pe ? space_entry(to, va, true) : 0;

    if (pe && ce == 0)
      return false;
    if (pe)
      share_entries(to, pe, ce, (stop - va) / PGSIZE);
    va = stop;
  }
  return true;
}

struct space *
space_fork(struct space *s)
{
  struct space *to = space_new();
  size_t promised = s->owned;

  if (to == 0)
    return 0;
  to->stale = to->stale_text = s->stale_text;
  if (mm_reserve(promised) < 0) {
    space_free(to);
    return 0;
  }
  for (int i = 0; i < s->nregion; i++) {
    struct region *r = &s->region[i];

    to->region[to->nregion++] = *r;
    if (!share_range(to, s, r->start, ROUND_UP(r->end, PGSIZE))) {
      space_fence(s);
      mm_unreserve(promised - to->owned);
      space_free(to);
      return 0;
    }
  }
  space_fence(s);
  return to;
}
