// page.c - the page allocator.
//
// Memory that was never used is taken from the front of the ranges found at
// boot; what comes back is kept in lists: a short one on each hart, which
// needs no lock, and one for all. Pages known to be all zeroes (page tables
// that were emptied) are kept apart, so that they need not be zeroed again.
//
// What is spoken for (mm_reserve) never exceeds what there is. Everything
// else that is in use can be had back from the shrinkers, so that a page that
// was promised is always found.
//
// A part of the limit is set aside for kernel objects (stacks, slabs): they
// come out of that part first. So what programs can get does not depend on how
// many processes and files there were before.

#include "kernel/mm/page.h"

#include "kernel/debug/check.h"
#include "kernel/dev/clock.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/proc/proc.h"

#define MAXRANGE 16
#define BATCH    16          // pages moved between a hart's list and the other
#define KEEP     (2 * BATCH) // most pages on a hart's list
#define PATIENCE SEC(2)      // with locks that other harts hold

struct range {
  uint64_t next, end; // kernel addresses; next: first unused
};

struct stack { // of free pages
  struct page *top;
  int n;
};

// A hart's own lists; only it touches them, with interrupts off.
struct hart_pages {
  struct stack dirty;
  struct stack zero;
} __attribute__((aligned(64)));

struct page *page_array;
uint64_t ram_first;

static struct range ranges[MAXRANGE]; // (lock)
static int nrange;
static struct stack shared; // (lock)
static struct spinlock lock = SPINLOCK_INIT("pages");
static struct hart_pages own[MAXHART];
static size_t total;  // pages there are, after boot
static size_t limit;  // of what may be spoken for
static size_t spoken; // (atomic)
static size_t aside;  // of the limit, for kernel objects
static size_t kernel; // (lock) pages that kernel objects have
static size_t in_use; // (lock) pages out of shared and ranges
static struct shrinker *shrinkers;
size_t file_pages;

static void
push(struct stack *s, struct page *pg)
{
  pg->next = s->top;
  s->top = pg;
  s->n++;
}

static struct page *
pop(struct stack *s)
{
  struct page *pg = s->top;

  if (pg) {
    s->top = pg->next;
    s->n--;
  }
  return pg;
}

void
page_add_range(uint64_t start, uint64_t end)
{
  if (start >= end)
    return;
  CHECK(nrange < MAXRANGE);
  ranges[nrange++] = (struct range){ start + DIRECT_MAP, end + DIRECT_MAP };
}

void *
boot_alloc(size_t bytes)
{
  CHECK(total == 0); // not after boot
  bytes = ROUND_UP(bytes, PGSIZE);
  for (int i = 0; i < nrange; i++) {
    struct range *r = &ranges[i];

    if (r->end - r->next >= bytes) {
      void *p = (void *)r->next;

      r->next += bytes;
      return memset(p, 0, bytes);
    }
  }
  panic("out of memory at boot: no %ld bytes in one piece; use a larger MEM",
        bytes);
}

void
page_init(uint64_t ram_start, uint64_t ram_end)
{
  size_t pages = (ram_end - ram_start) / PGSIZE;

  ram_first = ram_start + DIRECT_MAP;
  page_array = boot_alloc(pages * sizeof(struct page));
}

static size_t
pages_unused(void)
{
  size_t n = 0;

  for (int i = 0; i < nrange; i++)
    n += (ranges[i].end - ranges[i].next) / PGSIZE;
  return n;
}

void
page_boot_done(int nharts, size_t objects)
{
  size_t most;

  total = pages_unused();
  // Kernel objects grow with files, too, which grow with memory.
  objects += total / 32;
  most = total / 5;
  aside = objects < most ? objects : most;
  // What lies on other harts' own lists cannot be had in need.
  limit = total - aside - (size_t)nharts * 2 * KEEP;
}

// A page that nobody used yet, or 0. lock held.
static struct page *
unused_page(void)
{
  for (int i = 0; i < nrange; i++) {
    struct range *r = &ranges[i];

    if (r->next < r->end) {
      struct page *pg = page_of((void *)r->next);

      if (DEBUG)
        debug_poison((void *)r->next, PGSIZE);
      r->next += PGSIZE;
      return pg;
    }
  }
  return 0;
}

// Fill this hart's list. Interrupts off.
static void
refill(struct hart_pages *h)
{
  acquire(&lock);
  while (h->dirty.n < BATCH) {
    struct page *pg = pop(&shared);

    if (pg == 0)
      pg = unused_page();
    if (pg == 0)
      break;
    push(&h->dirty, pg);
    in_use++;
  }
  release(&lock);
}

static void
spill(struct hart_pages *h)
{
  acquire(&lock);
  for (int i = 0; i < BATCH; i++) {
    push(&shared, pop(&h->dirty));
    in_use--;
  }
  release(&lock);
}

// Have about n pages freed. True: one could not, for the moment.
static bool
shrink(size_t n)
{
  size_t got = 0;
  bool busy = false;

  for (struct shrinker *s = shrinkers; s && got < n; s = s->next) {
    size_t more = s->shrink(n - got);

    if (more == SHRINK_BUSY)
      busy = true;
    else
      got += more;
  }
  return busy;
}

// The first page that is known to be zero, or 0.
static struct page *
take_zero(struct hart_pages *h)
{
  struct page *pg = pop(&h->zero);

  if (DEBUG && pg)
    debug_intact(page_address(pg), PGSIZE, 0, "page of zeroes");
  return pg;
}

static struct page *
take(struct hart_pages *h)
{
  struct page *pg = pop(&h->dirty);

  if (pg == 0) {
    refill(h);
    pg = pop(&h->dirty);
  }
  if (pg == 0)
    return take_zero(h);
  if (DEBUG)
    debug_intact(page_address(pg), PGSIZE, POISON, "page");
  return pg;
}

// A free page, when the quick way found none.
static struct page *
take_hard(void)
{
  nsec until = clock_ns() + PATIENCE;
  struct page *pg = 0;

  // A shrinker may find its lock held on another hart; for long, if that is
  // a host's thread which does not run just now.
  for (int tries = 0; tries < 1000 && pg == 0; tries++) {
    if (shrink(BATCH) && clock_ns() < until)
      tries--;
    irq_hold();
    pg = take(&own[this_hart()->index]);
    irq_allow();
  }
  return pg;
}

static inline void *
get_page(void)
{
  struct page *pg;

  irq_hold();
  pg = take(&own[this_hart()->index]);
  irq_allow();
  if (__builtin_expect(pg == 0, 0) && (pg = take_hard()) == 0)
    return 0;
  pg->refs = 1;
  return page_address(pg);
}

void *
page_alloc(void)
{
  return alloc_fails() ? 0 : get_page();
}

void *
page_alloc_zero(void)
{
  struct page *pg;
  void *page;

  if (alloc_fails())
    return 0;
  irq_hold();
  pg = take_zero(&own[this_hart()->index]);
  irq_allow();
  if (pg) {
    pg->refs = 1;
    return page_address(pg);
  }
  page = get_page();
  if (page)
    page_zero(page);
  return page;
}

void
page_ref(void *page)
{
  if (DEBUG)
    CHECK(page_is_used(page_of(page)));
  __atomic_fetch_add(&page_of(page)->refs, 1, __ATOMIC_RELAXED);
}

uint32_t
page_refs(const void *page)
{
  return __atomic_load_n(&page_of(page)->refs, __ATOMIC_ACQUIRE);
}

bool
page_free(void *page)
{
  struct page *pg = page_of(page);
  struct hart_pages *h;

  if (DEBUG)
    CHECK(page_is_used(pg));
  // Who holds the only count need not tell others of its going.
  if (__atomic_load_n(&pg->refs, __ATOMIC_ACQUIRE) != 1 &&
      __atomic_fetch_sub(&pg->refs, 1, __ATOMIC_ACQ_REL) != 1)
    return false;
  pg->refs = 0;
  if (DEBUG) {
    CHECK(pg->maps == 0);
    debug_poison(page, PGSIZE);
  }
  irq_hold();
  h = &own[this_hart()->index];
  push(&h->dirty, pg);
  if (h->dirty.n > KEEP)
    spill(h);
  irq_allow();
  return true;
}

void
page_free_zero(void *page)
{
  struct page *pg = page_of(page);
  struct hart_pages *h;
  bool kept = false;

  CHECK(pg->refs == 1);
  irq_hold();
  h = &own[this_hart()->index];
  if (h->zero.n < KEEP) {
    pg->refs = 0;
    push(&h->zero, pg);
    kept = true;
  }
  irq_allow();
  if (!kept)
    page_free(page);
}

size_t
pages_total(void)
{
  return total != 0 ? total : pages_unused();
}

size_t
pages_free(void)
{
  size_t n = total - __atomic_load_n(&in_use, __ATOMIC_RELAXED);

  for (int i = 0; i < nhart; i++)
    n += own[i].dirty.n + own[i].zero.n;
  return n;
}

void
shrinker_register(struct shrinker *s)
{
  s->next = shrinkers;
  shrinkers = s;
}

int
mm_reserve(size_t n)
{
  size_t was = __atomic_load_n(&spoken, __ATOMIC_RELAXED);

  if (alloc_fails())
    return -1;
  // What is refused must not be counted even for a moment, or others that
  // ask meanwhile are refused too.
  do
    if (n > limit || was > limit - n)
      return -1;
  while (!__atomic_compare_exchange_n(&spoken, &was, was + n, true,
                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return 0;
}

void
mm_unreserve(size_t n)
{
  size_t was = __atomic_fetch_sub(&spoken, n, __ATOMIC_RELAXED);

  CHECK(was >= n);
}

// Of n pages of kernel objects, how many are not in the part set aside?
static size_t
beyond(size_t n)
{
  return n > aside ? n - aside : 0;
}

int
mm_reserve_kernel(size_t n)
{
  int r;

  acquire(&lock);
  r = mm_reserve(beyond(kernel + n) - beyond(kernel));
  if (r == 0)
    kernel += n;
  release(&lock);
  return r;
}

void
mm_unreserve_kernel(size_t n)
{
  acquire(&lock);
  CHECK(kernel >= n);
  mm_unreserve(beyond(kernel) - beyond(kernel - n));
  kernel -= n;
  release(&lock);
}

size_t
pages_free_or_clean(void)
{
  size_t clean = 0, mapped = __atomic_load_n(&file_pages, __ATOMIC_RELAXED);

  for (struct shrinker *s = shrinkers; s; s = s->next)
    clean += s->count();
  return pages_free() + (clean > mapped ? clean - mapped : 0);
}
