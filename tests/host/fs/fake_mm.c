// fake_mm.c - memory of the fake kernel. Pages come from an arena of a given
// size and are filled with rubbish when they are taken; objects come from the
// host. The host's sanitizer watches both: who touches a page that is free,
// which is used again as late as can be, is found out. The n-th allocation
// can be made to fail.

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/host/fs/fake_private.h"

uint8_t user[USER_SIZE] __attribute__((aligned(4096)));

// ---- memory ----------------------------------------------------------------

struct cache {
  size_t size;
};

#define ARENA ((size_t)64 << 20) // more pages than any machine has

static uint8_t *arena; // shared by all children: one after the other uses it
static uint32_t *page_count;
static uint32_t *free_list, first_free, nfree; // oldest first, in a ring
static size_t reserved, objects;
static struct shrinker *shrinkers;
static long allocs;

long
machine_allocs(void)
{
  return allocs;
}

size_t
machine_pages_used(void)
{
  return machine.pages - nfree;
}

size_t
machine_objects(void)
{
  return objects;
}

void
machine_shrink(void)
{
  for (int i = 0; i < 100; i++)
    for (struct shrinker *s = shrinkers; s != 0; s = s->next)
      s->shrink(100);
}

static bool
fails(void)
{
  return ++allocs == machine.fail_at;
}

// Each child would pay for the first touch of each page, were they its own.
void
memory_before_fork(void)
{
  if (arena == 0)
    arena = mmap(0, ARENA, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(arena != MAP_FAILED);
}

void
memory_start(void)
{
  CHECK((size_t)machine.pages * 4096 < ARENA);
  page_count = calloc(machine.pages, sizeof(*page_count));
  free_list = calloc(machine.pages, sizeof(*free_list));
  for (uint32_t i = 0; i < machine.pages; i++)
    free_list[nfree++] = i;
  ASAN_POISON_MEMORY_REGION(arena, (size_t)machine.pages * 4096 + 4096);
}

static uint32_t
page_index(const void *page)
{
  size_t off = (const uint8_t *)page - arena;
  CHECK(off < (size_t)machine.pages * 4096 && off % 4096 == 0);
  return off / 4096;
}

void *
page_alloc(void)
{
  if (fails())
    return 0;
  for (struct shrinker *s = shrinkers; nfree == 0 && s != 0; s = s->next)
    s->shrink(8);
  if (nfree == 0)
    return 0;
  uint32_t i = free_list[first_free];
  first_free = (first_free + 1) % machine.pages;
  nfree--;
  page_count[i] = 1;
  ASAN_UNPOISON_MEMORY_REGION(arena + (size_t)i * 4096, 4096);
  memset(arena + (size_t)i * 4096, 0xa5, 4096);
  return arena + (size_t)i * 4096;
}

void *
page_alloc_zero(void)
{
  void *p = page_alloc();
  if (p != 0)
    memset(p, 0, 4096);
  return p;
}

void
page_ref(void *page)
{
  CHECK(page_count[page_index(page)]++ > 0);
}

bool
page_free(void *page)
{
  uint32_t i = page_index(page);
  CHECK(page_count[i] > 0);
  if (--page_count[i] > 0)
    return false;
  free_list[(first_free + nfree++) % machine.pages] = i;
  ASAN_POISON_MEMORY_REGION(page, 4096);
  return true;
}

uint32_t
page_refs(const void *page)
{
  return page_count[page_index(page)];
}

void *
boot_alloc(size_t bytes)
{
  return calloc(1, bytes);
}

size_t
pages_total(void)
{
  return machine.pages;
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
  if (fails() || reserved + n + objects / 4096 > machine.pages)
    return -1;
  reserved += n;
  return 0;
}

void
mm_unreserve(size_t n)
{
  CHECK(reserved >= n);
  reserved -= n;
}

struct cache *
cache_create(const char *name, size_t size)
{
  struct cache *c = calloc(1, sizeof(*c));
  CHECK(size <= 2048);
  c->size = size;
  return c;
}

void *
cache_alloc(struct cache *c)
{
  if (fails())
    return 0;
  objects += c->size;
  return calloc(1, c->size);
}

void
cache_free(struct cache *c, void *obj)
{
  objects -= c->size;
  free(obj);
}

void
page_zero(void *page)
{
  memset(page, 0, 4096);
}

void
page_copy(void *dst, const void *src)
{
  memcpy(dst, src, 4096);
}

// ---- user memory -----------------------------------------------------------

static bool
is_user(uint64_t uva, size_t n)
{
  uint64_t off = uva - (uint64_t)user;
  return off < USER_SIZE && n <= USER_SIZE - off;
}

// The kernel may be interrupted in the midst of a copy.
int
copy_in(void *dst, uint64_t uva, size_t n)
{
  maybe_switch();
  if (!is_user(uva, n))
    return -1;
  memcpy(dst, (void *)uva, n);
  return 0;
}

int
copy_out(uint64_t uva, const void *src, size_t n)
{
  maybe_switch();
  if (!is_user(uva, n))
    return -1;
  memcpy((void *)uva, src, n);
  return 0;
}

int
copy_in_str(char *dst, uint64_t uva, size_t max)
{
  for (size_t i = 0; i < max; i++) {
    if (copy_in(dst + i, uva + i, 1) < 0)
      return -1;
    if (dst[i] == 0)
      return i;
  }
  return -1;
}
