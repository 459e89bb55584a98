// alloc.c - which blocks of the disk are free.
//
// The bitmap stays in memory. A block that was freed must not be written
// before the transaction that freed it is committed, as after a crash it
// would still belong to its old file. So a block may be taken only if it is
// free in the bitmap as it is now and as it was when the running transaction
// began (that is the snap, which the journal keeps for these blocks). If the
// log still has an older state of a block that is taken, the new one goes
// through the log, too (block_change_data), so that a replay ends with it.

#include "kernel/fs/journal.h"
#include "kernel/lib/print.h"

static struct spinlock lock = SPINLOCK_INIT("bitmap");

struct group {
  struct block *b; // block of the bitmap
  uint32_t nfree;  // (lock) bits that are 0
};

#define PER_PAGE (PGSIZE / sizeof(struct group))

static struct group *group_pages[64]; // enough for 2 TiB
static uint32_t ngroups;
static uint32_t hint;      // (lock) where the last block was found
static uint32_t nfree_all; // (lock) bits that are 0 in all groups;
static uint32_t nfresh;    // (lock) of them, freed in transaction
static uint64_t fresh_seq; // (lock) number fresh_seq: not to be had yet

static inline struct group *
group(uint32_t g)
{
  return &group_pages[g / PER_PAGE][g % PER_PAGE];
}

uint32_t
alloc_most_groups(void)
{
  return sizeof(group_pages) / sizeof(group_pages[0]) * PER_PAGE;
}

uint32_t
alloc_groups(void)
{
  return ngroups;
}

// Bits at and beyond the end of the disk are set in a sound image; here they
// count as used whatever they are.
static uint32_t
group_len(uint32_t g)
{
  uint32_t left = fs_super.nblocks - g * FS_BITS;
  return left < FS_BITS ? left : FS_BITS;
}

// How many bits of v are 1 (there is no library that would count them).
static uint32_t
ones_in(uint64_t v)
{
  v = v - (v >> 1 & 0x5555555555555555ull);
  v = (v & 0x3333333333333333ull) + (v >> 2 & 0x3333333333333333ull);
  v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
  return v * 0x0101010101010101ull >> 56;
}

static uint32_t
count_free(uint32_t g, struct block *b)
{
  uint64_t *w = b->page;
  uint32_t n = 0, len = group_len(g);
  for (uint32_t i = 0; i < len / 64; i++)
    n += ones_in(~w[i]);
  if (len % 64 != 0)
    n += ones_in(~w[len / 64] & ((1ull << len % 64) - 1));
  return n;
}

int
alloc_start(void)
{
  ngroups = fs_super.nbitmap;
  if (mm_reserve(2 * ngroups + (ngroups + PER_PAGE - 1) / PER_PAGE) < 0)
    return -1;
  for (uint32_t g = 0; g < ngroups; g++) {
    if (g % PER_PAGE == 0 &&
        (group_pages[g / PER_PAGE] = page_alloc_zero()) == 0)
      return -1;
    struct block *b = block_get(fs_super.bitmap + g);
    if (b == 0)
      return -1;
    b->keep = true;
    *group(g) = (struct group){ b, count_free(g, b) };
    nfree_all += group(g)->nfree;
  }
  hint = fs_super.data;
  return 0;
}

// A word of the bitmap, 1 for what may not be taken.
static inline uint64_t
word(struct block *b, uint32_t i)
{
  uint64_t *now = b->page, *then = b->snap;
  return then != 0 ? now[i] | then[i] : now[i];
}

// How many of the lowest bits of v are 1; it is not all ones.
static uint32_t
ones(uint64_t v)
{
  uint32_t n = 0;
  for (uint32_t step = 32; step > 0; step /= 2) {
    uint64_t low = (1ull << step) - 1;
    if ((v & low) == low) {
      v >>= step;
      n += step;
    }
  }
  return n;
}

// The first bit at or after `from` in group g that may be taken, or its end.
static uint32_t
search(uint32_t g, uint32_t from)
{
  struct block *b = group(g)->b;
  uint32_t len = group_len(g);
  while (from < len) {
    uint64_t taken = word(b, from / 64) >> from % 64;
    if (taken == ~0ull >> from % 64) {
      from = (from & ~63u) + 64;
      continue;
    }
    if (taken & 1) {
      from += ones(taken);
      continue;
    }
    uint32_t no = g * FS_BITS + from;
    if (block_ok(no))
      return from;
    from++;
  }
  return len;
}

static uint32_t
take(uint32_t g, uint32_t bit)
{
  struct block *b = group(g)->b;
  block_change(b);
  ((uint64_t *)b->page)[bit / 64] |= 1ull << bit % 64;
  group(g)->nfree--;
  nfree_all--;
  hint = g * FS_BITS + bit;
  return hint;
}

uint32_t
alloc_block(uint32_t goal)
{
  uint32_t no = 0;
  acquire(&lock);
  if (!block_ok(goal))
    goal = hint;
  uint32_t g = goal / FS_BITS, from = goal % FS_BITS;
  for (uint32_t i = 0; i <= ngroups && no == 0; i++) {
    if (group(g)->nfree > 0) {
      uint32_t bit = search(g, from);
      if (bit < group_len(g))
        no = take(g, bit);
    }
    from = 0;
    g = g + 1 < ngroups ? g + 1 : 0;
  }
  release(&lock);
  return no;
}

// A bit of this word of the bitmap has become 0: can the block be had only
// after the running transaction? The lock is held.
static inline void
count_fresh(struct block *b, uint32_t word_no, uint64_t m)
{
  if (fresh_seq != journal.seq) {
    fresh_seq = journal.seq;
    nfresh = 0;
  }
  nfresh += (((uint64_t *)b->snap)[word_no] & m) != 0;
}

void
free_block(uint32_t no)
{
  struct group *g = group(no / FS_BITS);
  struct block *b = g->b;
  uint32_t i = no % FS_BITS / 64;
  uint64_t m = 1ull << no % 64;
  acquire(&lock);
  // (forgotten before somebody else can have it)
  bool ok = ((uint64_t *)b->page)[i] & m && block_forget(no);
  if (ok) {
    block_change(b);
    ((uint64_t *)b->page)[i] &= ~m;
    g->nfree++;
    nfree_all++;
    count_fresh(b, i, m);
  }
  release(&lock);
  if (!ok)
    fs_damaged("a block belongs to two files:", no);
}

bool
alloc_used(uint32_t no)
{
  uint64_t *w = group(no / FS_BITS)->b->page;
  return w[no % FS_BITS / 64] >> no % 64 & 1;
}

bool
alloc_any(void)
{
  return nfree_all > 0;
}

bool
alloc_wait(uint32_t n)
{
  return nfree_all < nfresh + n && fresh_seq == journal.seq && nfresh > 0;
}
