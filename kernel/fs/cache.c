// cache.c - disk blocks in memory.
//
// All blocks, of files as of metadata, are found by their number in one hash
// table. Those that are as on the disk are on the clean list, oldest first,
// and are given back when memory is short; a block that was used since the
// evictor last came by gets a second round. A block that the journal holds
// (joined, frozen or logged) is off that list and stays.
//
// Finding a block counts it, under the lock; letting go of it is one atomic
// subtraction. So the evictor, who holds the lock, may trust a count of 0.

#include "kernel/fs/internal.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

struct spinlock cache_lock = SPINLOCK_INIT("blocks");

static struct block **table; // (c) by number
static uint32_t mask;
static struct link clean = RING_INIT(clean); // (c)
static size_t nclean;                        // (c)
static struct waitq reading = WAITQ_INIT(reading, "disk");
static struct cache *blocks;

static struct block *
find(uint32_t no)
{
  struct block *b = table[no & mask];
  while (b != 0 && b->no != no)
    b = b->next;
  return b;
}

static void
unhash(struct block *b)
{
  struct block **p = &table[b->no & mask];
  while (*p != b)
    p = &(*p)->next;
  *p = b->next;
}

static void
make_clean(struct block *b)
{
  ring_append(&clean, &b->where);
  nclean++;
}

void
block_unclean(struct block *b)
{
  ring_remove(&b->where);
  nclean--;
}

static struct block *
create(uint32_t no)
{
  struct block *b = cache_alloc(blocks);
  if (b == 0)
    return 0;
  b->page = page_alloc();
  if (b->page == 0) {
    cache_free(blocks, b);
    return 0;
  }
  b->no = no;
  ring_init(&b->where);
  ring_init(&b->log);
  return b;
}

void
block_destroy(struct block *b)
{
  page_free(b->page);
  cache_free(blocks, b);
}

// Put in a block that was not there. The lock is held, and let go of
// meanwhile; another may have been faster.
static struct block *
insert(uint32_t no)
{
  release(&cache_lock);
  struct block *fresh = create(no);
  acquire(&cache_lock);
  struct block *b = find(no);
  if (b == 0 && fresh != 0) {
    fresh->next = table[no & mask];
    table[no & mask] = fresh;
    make_clean(fresh);
    return fresh;
  }
  if (fresh != 0)
    block_destroy(fresh);
  return b;
}

// The block, counted, in whichever state, or 0. The lock is held.
static inline struct block *
take(uint32_t no)
{
  struct block *b = find(no);
  if (unlikely(b == 0)) {
    b = insert(no);
    if (b == 0)
      return 0;
  }
  __atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
  b->used = true;
  return b;
}

struct block *
block_peek(uint32_t no)
{
  acquire(&cache_lock);
  struct block *b = find(no);
  if (b != 0 && b->state == BLOCK_VALID) {
    __atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
    b->used = true;
  } else {
    b = 0;
  }
  release(&cache_lock);
  return b;
}

void
block_read_ended(struct block **b, int n, bool ok)
{
  acquire(&cache_lock);
  for (int i = 0; i < n; i++)
    b[i]->state = ok ? BLOCK_VALID : BLOCK_EMPTY;
  wake_all(&reading);
  release(&cache_lock);
}

// Make b valid, which was found empty or being read. The lock is held, and
// let go of meanwhile. Returns 0, or -1.
static int
fill(struct block *b)
{
  bool tried = false;
  while (b->state != BLOCK_VALID) {
    if (b->state == BLOCK_READING) {
      wait_on(&reading, &cache_lock, WAIT_ALWAYS);
      continue;
    }
    if (tried)
      return -1;
    tried = true;
    b->state = BLOCK_READING;
    release(&cache_lock);
    if (io_read(&b, 1) < 0)
      block_read_ended(&b, 1, false);
    acquire(&cache_lock);
  }
  return 0;
}

struct block *
block_get(uint32_t no)
{
  acquire(&cache_lock);
  struct block *b = take(no);
  if (unlikely(b != 0 && b->state != BLOCK_VALID) && fill(b) < 0) {
    block_put(b);
    b = 0;
  }
  release(&cache_lock);
  return b;
}

struct block *
block_new(uint32_t no)
{
  acquire(&cache_lock);
  struct block *b = take(no);
  if (b != 0) {
    while (b->state == BLOCK_READING)
      wait_on(&reading, &cache_lock, WAIT_ALWAYS);
    b->state = BLOCK_VALID;
    b->dead = false;
  }
  release(&cache_lock);
  return b;
}

// Start the reads of the n blocks in run, all READING and counted.
static void
read_run(struct block **run, int n)
{
  if (n == 0)
    return;
  release(&cache_lock);
  if (io_read(run, n) < 0)
    block_read_ended(run, n, false);
  for (int i = 0; i < n; i++)
    block_put(run[i]);
  acquire(&cache_lock);
}

void
block_prefetch(uint32_t no, uint32_t n)
{
  struct block *run[BLOCK_SEGS];
  int len = 0;
  acquire(&cache_lock);
  for (uint32_t i = 0; i < n; i++) {
    struct block *b = take(no + i);
    if (b == 0)
      break;
    if (b->state == BLOCK_EMPTY) {
      b->state = BLOCK_READING;
      run[len++] = b;
    } else {
      block_put(b);
      read_run(run, len);
      len = 0;
    }
    if (len == BLOCK_SEGS) {
      read_run(run, len);
      len = 0;
    }
  }
  read_run(run, len);
  release(&cache_lock);
}

// b, of which nothing is held by the journal any more, is on no list. If it
// was freed, it goes: returns whether the caller is to destroy it.
bool
block_settle(struct block *b)
{
  bool gone = b->dead && block_refs(b) == 0 && b->state != BLOCK_READING;
  b->dead = false;
  if (gone)
    unhash(b);
  else
    make_clean(b);
  return gone;
}

struct block *
block_lookup(uint32_t no)
{
  return find(no);
}

// ---- giving memory back ----------------------------------------------------

#define AT_ONCE 128 // blocks that are looked at before others get the lock

// Look at the oldest blocks and take up to n out of the table, onto the list
// gone. The lock is held.
static size_t
evict(size_t n, struct link *gone)
{
  size_t got = 0, most = nclean < AT_ONCE ? nclean : AT_ONCE;
  for (size_t i = 0; got < n && i < most; i++) {
    struct block *b = container_of(clean.next, struct block, where);
    bool keep = b->used || block_refs(b) > 0 || b->state == BLOCK_READING ||
                page_refs(b->page) > 1;
    b->used = false;
    block_unclean(b);
    if (keep) {
      make_clean(b);
      continue;
    }
    unhash(b);
    ring_append(gone, &b->where);
    got++;
  }
  return got;
}

static size_t
shrink(size_t n)
{
  struct link gone;
  size_t got = 0;
  bool busy = false;
  ring_init(&gone);
  for (size_t left = 2 * nclean / AT_ONCE + 2; got < n && left > 0; left--) {
    busy = !try_acquire(&cache_lock);
    if (busy)
      break;
    got += evict(n - got, &gone);
    release(&cache_lock);
  }
  while (!ring_empty(&gone)) {
    struct block *b = container_of(gone.next, struct block, where);
    ring_remove(&b->where);
    block_destroy(b);
  }
  return busy && got == 0 ? SHRINK_BUSY : got;
}

static size_t
count(void)
{
  return nclean;
}

void
cache_init(void)
{
  static struct shrinker shrinker = { .shrink = shrink, .count = count };
  uint32_t buckets = 1024;
  while (buckets < pages_total() / 4)
    buckets *= 2;
  table = boot_alloc(buckets * sizeof(*table));
  mask = buckets - 1;
  blocks = cache_create("block", sizeof(struct block));
  shrinker_register(&shrinker);
}
