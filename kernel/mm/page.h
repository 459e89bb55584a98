// page.h - the page allocator's set-up, and what it knows of a page. Private
// to mm/, but for page_add_range and page_init, which boot calls.

#ifndef KERNEL_MM_PAGE_H
#define KERNEL_MM_PAGE_H

#include <stdint.h>

#include "kernel/lib/debug.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"

// One for each page of RAM. While the page is free, next links it; while it
// is a page table, next links the tables of one address space and slot is
// the entry that points to it.
struct page {
  uint32_t refs; // who would miss it; the page tables together count once
  uint32_t maps; // entries that map a page that nobody may write
  struct page *next;
  uint64_t *slot;
} __attribute__((aligned(32)));

extern struct page *page_array; // of the page at ram_first
extern uint64_t ram_first;      // kernel address

static inline struct page *
page_of(const void *kva)
{
  return &page_array[((uint64_t)kva - ram_first) / PGSIZE];
}

static inline void *
page_address(const struct page *pg)
{
  return (void *)(ram_first + (uint64_t)(pg - page_array) * PGSIZE);
}

// Is it counted at all? A count below 0 looks like a large one.
static inline bool
page_is_used(const struct page *pg)
{
  uint32_t refs = __atomic_load_n(&pg->refs, __ATOMIC_RELAXED);

  return refs > 0 && refs < 1U << 31;
}

// page_ref() and page_free() in place, for fork and exit, who do this a lot.
static inline void
page_share(void *kva)
{
  if (DEBUG)
    CHECK(page_is_used(page_of(kva)));
  __atomic_fetch_add(&page_of(kva)->refs, 1, __ATOMIC_RELAXED);
}

static inline bool
page_unshare(void *kva)
{
  struct page *pg = page_of(kva);

  if (__atomic_load_n(&pg->refs, __ATOMIC_RELAXED) > 1) {
    if (__atomic_fetch_sub(&pg->refs, 1, __ATOMIC_RELEASE) != 1)
      return false;
    pg->refs = 1; // the others went meanwhile: ours is the last
  }
  return page_free(kva);
}

// A page that nobody may write is mapped once more, or less. The mappings have
// one count of refs and one page spoken for, all together: true if they come,
// or go, with this one.
static inline bool
page_map(void *kva)
{
  return __atomic_fetch_add(&page_of(kva)->maps, 1, __ATOMIC_RELAXED) == 0;
}

static inline bool
page_unmap(void *kva)
{
  return __atomic_fetch_sub(&page_of(kva)->maps, 1, __ATOMIC_ACQ_REL) == 1;
}

// Shall this allocation fail, because a test wants it? Every function that may
// return "no memory" asks once, before it does anything.
bool alloc_test(void);

static inline bool
alloc_fails(void)
{
  return DEBUG && alloc_test();
}

extern size_t file_pages; // (atomic) pages of files that programs map

// At boot: usable RAM, physical, page-aligned; then the end of it.
void page_add_range(uint64_t start, uint64_t end);
void page_init(uint64_t ram_start, uint64_t ram_end);

// From here on pages may be allocated and memory promised; boot_alloc is over.
// objects: pages that as many processes as there may be need of the kernel.
void page_boot_done(int harts, size_t objects);

#endif
