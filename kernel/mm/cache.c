// cache.c - kernel objects of one size each.
//
// A cache carves pages into objects. The page's first bytes are its header;
// which objects are free is a list through the objects themselves. Pages with
// room are on a ring; a page whose objects are all free goes back, but for
// one that is kept.

#include "kernel/debug/check.h"
#include "kernel/lib/list.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/page.h"
#include "kernel/peach.h"

struct cache {
  struct cache *next; // the one made before
  struct spinlock lock;
  const char *name;
  size_t size;
  int per_page;
  struct link roomy; // (lock) slabs with a free object
  int nempty;        // (lock) slabs with nothing but free objects
  size_t nslab;      // (lock)
  size_t nused;      // (lock) objects that are given out
};

struct slab {
  struct link link; // on roomy, or on nothing if full
  struct cache *cache;
  void **free; // list of free objects, through their first word
  int used;
};

#define ALIGN 16

_Static_assert(CACHE_LARGEST + sizeof(struct slab) <= PGSIZE &&
                 CACHE_LARGEST % ALIGN == 0,
               "as mm.h says");

static struct cache *caches; // since boot: the one made last

static struct slab *
slab_of(void *obj)
{
  return (struct slab *)ROUND_DOWN((uint64_t)obj, PGSIZE);
}

struct cache *
cache_create(const char *name, size_t size)
{
  struct cache *c = boot_alloc(sizeof(*c));

  size = ROUND_UP(size, ALIGN);
  CHECK(size <= CACHE_LARGEST);
  spin_init(&c->lock, "objects");
  c->name = name;
  c->size = size;
  c->per_page = (PGSIZE - ROUND_UP(sizeof(struct slab), ALIGN)) / size;
  ring_init(&c->roomy);
  c->next = caches;
  caches = c;
  return c;
}

bool
cache_info(uint64_t index, struct cacheinfo *info)
{
  struct cache *c = caches;

  while (c && index-- > 0)
    c = c->next;
  if (c == 0)
    return false;
  *info = (struct cacheinfo){ .size = c->size };
  strcopy(info->name, c->name, sizeof(info->name));
  acquire(&c->lock);
  info->used = c->nused;
  info->pages = c->nslab;
  release(&c->lock);
  return true;
}

// A fresh slab, or 0 if there is no memory. No lock is held: page_alloc may
// have a shrinker free objects of this very cache.
static struct slab *
new_slab(struct cache *c)
{
  struct slab *s;
  char *obj;

  if (mm_reserve_kernel(1) < 0)
    return 0;
  s = page_alloc();
  if (s == 0) {
    mm_unreserve_kernel(1);
    return 0;
  }
  *s = (struct slab){ .cache = c };
  obj = (char *)s + PGSIZE;
  for (int i = 0; i < c->per_page; i++) {
    obj -= c->size;
    if (DEBUG)
      debug_poison(obj, c->size);
    *(void **)obj = s->free;
    s->free = (void **)obj;
  }
  return s;
}

// Have a slab with a free object. The lock is held, and let go of meanwhile.
static bool
grow(struct cache *c)
{
  struct slab *s;

  release(&c->lock);
  s = new_slab(c);
  acquire(&c->lock);
  if (s) {
    ring_push(&c->roomy, &s->link);
    c->nempty++;
    c->nslab++;
  }
  return !ring_empty(&c->roomy);
}

// What there is to know of a free object is its poison, behind the link; and
// the link, which leads to another of its slab.
static void
check_free_object(const struct cache *c, void **obj)
{
  if (*obj && slab_of(*obj) != slab_of(obj))
    panic("use after free: the first word of a free \"%s\" at %p is %p",
          c->name, (void *)obj, *obj);
  debug_intact(obj + 1, c->size - sizeof(*obj), POISON, c->name);
}

// obj is one of its slab, and not free yet. The lock is held.
static void
check_used_object(const struct cache *c, const struct slab *s, void *obj)
{
  CHECK(((uint64_t)s + PGSIZE - (uint64_t)obj) % c->size == 0);
  for (void **f = s->free; f; f = *f)
    if (f == obj)
      panic("double free of a \"%s\" at %p", c->name, obj);
}

void *
cache_alloc(struct cache *c)
{
  struct slab *s;
  void **obj;

  if (alloc_fails())
    return 0;
  acquire(&c->lock);
  if (ring_empty(&c->roomy) && !grow(c)) {
    release(&c->lock);
    return 0;
  }
  s = container_of(c->roomy.next, struct slab, link);
  obj = s->free;
  if (DEBUG)
    check_free_object(c, obj);
  s->free = *obj;
  if (s->used++ == 0)
    c->nempty--;
  c->nused++;
  if (s->free == 0)
    ring_remove(&s->link);
  release(&c->lock);
  return memset(obj, 0, c->size);
}

void
cache_free(struct cache *c, void *obj)
{
  struct slab *s = slab_of(obj);
  bool give_back;

  CHECK(s->cache == c);
  acquire(&c->lock);
  if (DEBUG) {
    check_used_object(c, s, obj);
    debug_poison(obj, c->size);
  }
  if (s->free == 0)
    ring_push(&c->roomy, &s->link);
  *(void **)obj = s->free;
  s->free = obj;
  c->nused--;
  if (--s->used == 0)
    c->nempty++;
  give_back = s->used == 0 && c->nempty > 1;
  if (give_back) {
    ring_remove(&s->link);
    c->nempty--;
    c->nslab--;
  }
  release(&c->lock);
  if (give_back) {
    page_free(s);
    mm_unreserve_kernel(1);
  }
}
