// mm.h - memory: pages, kernel objects, address spaces, copies to and from
// user memory.
//
// All of RAM is mapped once in the kernel's half of every address space (the
// direct map), so a physical page has a kernel address, and pages are handed
// around by it.

#ifndef KERNEL_MM_MM_H
#define KERNEL_MM_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PGSIZE
#define PGSIZE 4096
#endif

// ---- pages -----------------------------------------------------------------

// A page, counted once, or 0 if there is none. Contents: anything / zeroes.
// Never sleeps; may call the shrinkers below.
void *page_alloc(void);
void *page_alloc_zero(void);
void page_ref(void *page);       // count it once more
bool page_free(void *page);      // count it once less; true: it is free
void page_free_zero(void *page); // of a page counted once, all zeroes
uint32_t page_refs(const void *page);

// Contiguous, zeroed memory that is never given back; at boot only. Panics if
// there is not enough.
void *boot_alloc(size_t bytes);

size_t pages_total(void);         // that the allocator started with; at
                                  // boot, so far
size_t pages_free(void);          // clean cached ones not counted
size_t pages_free_or_clean(void); // with them

// A cache registers how to give pages back when memory is short: shrink(n)
// frees up to about n pages and returns how many; called with no lock of mm
// held, maybe with others' spinlocks held: it may only try_acquire its locks
// (SHRINK_BUSY: it did not get one) and must not sleep. count() says how many it could give back, cheaply.
#define SHRINK_BUSY SIZE_MAX
struct shrinker {
  size_t (*shrink)(size_t n);
  size_t (*count)(void);
  struct shrinker *next;
};
void shrinker_register(struct shrinker *s);

// ---- promises of memory ----------------------------------------------------

// Count n pages as spoken for (memory that sbrk gave, kernel objects, dirty
// file pages), or return -1 if not so many are left. What is spoken for, all
// together, never exceeds the memory there is, so using it never fails.
int mm_reserve(size_t n);
void mm_unreserve(size_t n);

// The same for kernel objects that stay when who needed them is gone. They
// have a part of memory of their own, and get more if it is not enough. No
// spinlock of mm is held but that of kernel stacks.
int mm_reserve_kernel(size_t n);
void mm_unreserve_kernel(size_t n);

// ---- kernel objects --------------------------------------------------------

// A cache of objects of one size, a page less its header at most. One lock
// each.
#define CACHE_LARGEST (PGSIZE - 48)
struct cache;
struct cache *cache_create(const char *name, size_t size); // at boot
void *cache_alloc(struct cache *c); // zeroed; 0 if there is no memory
void cache_free(struct cache *c, void *obj);
struct cacheinfo;
bool cache_info(uint64_t index, struct cacheinfo *info); // false: no such

// ---- user memory -----------------------------------------------------------

// Copy between the kernel and the calling process's memory at user address
// uva, by a software walk that also resolves lazy and copy-on-write pages.
// Return 0, or -1 if any byte of the range may not be so accessed (part may
// have been copied). No spinlock is needed; one may be held: they never sleep.
int copy_in(void *dst, uint64_t uva, size_t n);
int copy_out(uint64_t uva, const void *src, size_t n);

// Copy a string with its 0. Returns its length, or -1: bad address, or longer
// than max - 1.
int copy_in_str(char *dst, uint64_t uva, size_t max);

#endif
