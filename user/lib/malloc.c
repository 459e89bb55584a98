// malloc.c - the heap: chunks that lie side by side, each with its size before
// it, and free ones that also have their size at their end, so that a freed
// chunk finds free neighbours on both sides at once and becomes one with them.
//
// Free chunks hang in bins by size, a bin for each eighth of a power of two
// (each 16 bytes up to 256), with a bit for each bin that is not empty: a
// chunk that fits is found without a search.
//
//   (1) Sizes are multiples of 16, headers included, at least 32.
//   (2) No two free chunks are neighbours.
//   (3) A region, that is, memory sbrk gave in one piece, ends with a header
//       of size 0 that is in use; its first chunk has PREV_USED.
//
// A chunk's header is the 8 bytes before the memory that the caller gets, so
// chunks begin 8 bytes before a multiple of 16.

#include <stdbool.h>

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

#define USED 1          // flags in the low bits of a size
#define PREV_USED 2
#define FLAGS 15

#define HEADER 8
#define SMALLEST 32
#define GROW (32 * 1024)        // what is asked of the kernel at least

struct chunk {
  uint64 size;          // and flags
  struct chunk *next;   // of a free one, in its bin
  struct chunk *prev;
};

#define BINS 256

static struct chunk *bin[BINS];
static uint64 filled[BINS / 64];        // bit b: bin b is not empty
static char *region_end;                // behind the last region's end header

static uint64
size_of(const struct chunk *c)
{
  return c->size & ~(uint64)FLAGS;
}

static struct chunk *
after(struct chunk *c)
{
  return (struct chunk *)((char *)c + size_of(c));
}

static uint64 *
foot(struct chunk *c)
{
  return (uint64 *)after(c) - 1;
}

// The number of the highest bit of n, which is not 0.
static uint
log2(uint64 n)
{
  uint log = 0;

  for (uint half = 32; half > 0; half /= 2) {
    if (n >> half) {
      n >>= half;
      log += half;
    }
  }
  return log;
}

// The bin that a chunk of this size goes to. Sizes up to 256 have one each.
static uint
bin_of(uint64 size)
{
  uint log;

  if (size < 256)
    return size / 16;
  log = log2(size);
  return 16 + (log - 8) * 8 + (size >> (log - 3)) % 8;
}

// The first bin in which every chunk has at least this size.
static uint
bin_for(uint64 size)
{
  uint64 step;

  if (size < 256)
    return bin_of(size);
  step = (uint64)1 << (log2(size) - 3);
  return bin_of(size + step - 1);
}

static void
hang(struct chunk *c)
{
  uint b = bin_of(size_of(c));

  *foot(c) = size_of(c);
  c->prev = 0;
  c->next = bin[b];
  if (c->next)
    c->next->prev = c;
  bin[b] = c;
  filled[b / 64] |= (uint64)1 << b % 64;
}

static void
unhang(struct chunk *c)
{
  uint b = bin_of(size_of(c));

  if (c->next)
    c->next->prev = c->prev;
  if (c->prev)
    c->prev->next = c->next;
  else
    bin[b] = c->next;
  if (bin[b] == 0)
    filled[b / 64] &= ~((uint64)1 << b % 64);
}

// Make a chunk that is on no bin a free one, joined with its neighbours (2);
// the result.
static struct chunk *
release(struct chunk *c)
{
  struct chunk *next = after(c);
  uint64 size = size_of(c);

  if (!(next->size & USED)) {
    unhang(next);
    size += size_of(next);
  }
  if (!(c->size & PREV_USED)) {
    c = (struct chunk *)((char *)c - ((uint64 *)c)[-1]);
    unhang(c);
    size += size_of(c);
  }
  c->size = size | (c->size & PREV_USED);
  after(c)->size &= ~(uint64)PREV_USED;
  hang(c);
  return c;
}

// Use the first size bytes of c, which is on no bin; the rest is free.
static void
carve(struct chunk *c, uint64 size)
{
  uint64 rest = size_of(c) - size;
  struct chunk *r;

  if (rest < SMALLEST) {
    c->size |= USED;
    after(c)->size |= PREV_USED;
    return;
  }
  c->size = size | USED | (c->size & PREV_USED);
  r = after(c);
  r->size = rest | PREV_USED;
  release(r);
}

// ---- more memory -----------------------------------------------------------

// Memory that sbrk gave, from base on: it becomes a chunk of the last region
// if it follows that directly, else a region of its own (3). The free chunk
// that it is part of.
static struct chunk *
add_region(char *base, uint64 n)
{
  struct chunk *c;
  char *end = base + n;

  if (base == region_end) {
    c = (struct chunk *)(base - HEADER);
    c->size &= PREV_USED;
  } else {
    c = (struct chunk *)(((uint64)base + 15) / 16 * 16 + HEADER);
    c->size = PREV_USED;
  }
  region_end = (char *)((uint64)end / 16 * 16);
  c->size |= region_end - HEADER - (char *)c;
  after(c)->size = USED;
  return release(c);
}

// A free chunk of at least this size out of new memory, or 0.
static struct chunk *
grow(uint64 size)
{
  uint64 least = size + 64, n = least > GROW ? least : GROW;
  char *base;

  if (least > 0x7fffffff)
    return 0;
  base = sbrk(n);
  if (base == SBRK_ERROR && n > least)
    base = sbrk(n = least);
  if (base == SBRK_ERROR)
    return 0;
  return add_region(base, n);
}

// ---- what programs call ----------------------------------------------------

// A free chunk of at least this size, or 0: from a bin where all fit, or the
// first that fits in the bin that some may be too small in.
static struct chunk *
find(uint64 size)
{
  uint b = bin_for(size);
  uint64 bits = filled[b / 64] >> b % 64 << b % 64;
  struct chunk *c;

  for (uint i = b / 64; i < BINS / 64; i++) {
    if (i > b / 64)
      bits = filled[i];
    if (bits)
      return bin[i * 64 + log2(bits & -bits)];
  }
  for (c = bin[bin_of(size)]; c && size_of(c) < size;)
    c = c->next;
  return c;
}

void *
malloc(uint n)
{
  uint64 size = ((uint64)n + HEADER + 15) / 16 * 16;
  struct chunk *c;

  if (size < SMALLEST)
    size = SMALLEST;
  c = find(size);
  if (c == 0)
    c = grow(size);
  if (c == 0)
    return 0;
  unhang(c);
  carve(c, size);
  return (char *)c + HEADER;
}

void
free(void *p)
{
  if (p == 0)
    return;
  release((struct chunk *)((char *)p - HEADER));
}

EXTRA void *
calloc(uint n, uint size)
{
  uint64 bytes = (uint64)n * size;
  void *p = bytes >> 32 ? 0 : malloc(bytes);

  if (p)
    memset(p, 0, bytes);
  return p;
}

EXTRA void *
realloc(void *p, uint n)
{
  uint64 has = p ? size_of((void *)((char *)p - HEADER)) - HEADER : 0;
  void *q;

  if (has >= n && p)
    return p;
  q = malloc(n);
  if (q && p) {
    memcpy(q, p, has);
    free(p);
  }
  return q;
}
