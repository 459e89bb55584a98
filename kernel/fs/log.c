// log.c - the log on the disk, and its emptying.
//
// Transactions are appended until the largest one might not fit any more;
// then a checkpoint writes every block that is in the log to its place, as
// it was when it was committed last, and the log starts anew. So there is no
// wrap-around, and recovery reads from the front.

#include "kernel/fs/internal.h"
#include "kernel/lib/string.h"

#define MAX_DESC 8

// Under the commit mutex.
static struct fs_desc *desc[MAX_DESC];
static void *scratch; // page for a commit block or the head
static uint32_t ndesc;
static uint32_t most;                          // blocks in a transaction
static uint32_t room;                          // blocks of the log
static uint32_t used;                          // of these, from the front
static struct link logged = RING_INIT(logged); // by block.log

static uint32_t
descs(uint32_t n)
{
  return (n + FS_DESC_MAX - 1) / FS_DESC_MAX;
}

uint32_t
log_most(void)
{
  return most;
}

int
log_start(void)
{
  room = fs_super.njournal - 1;
  most = room / 2 - MAX_DESC - 1;
  if (most > MAX_DESC * FS_DESC_MAX)
    most = MAX_DESC * FS_DESC_MAX;
  used = 0;
  ndesc = descs(most);
  bool ok = mm_reserve(1 + ndesc) == 0;
  scratch = page_alloc_zero();
  ok = ok && scratch != 0;
  for (uint32_t i = 0; i < ndesc; i++) {
    desc[i] = page_alloc_zero();
    ok = ok && desc[i] != 0;
  }
  return ok ? 0 : -1;
}

static inline uint32_t
where(uint32_t offset)
{
  return fs_super.journal + 1 + used + offset;
}

static void
fill_descs(struct link *blocks, uint32_t n, uint64_t seq)
{
  uint32_t i = 0;
  for (uint32_t d = 0; d < descs(n); d++) {
    memset(desc[d], 0, FS_BLOCK);
    desc[d]->magic = FS_DESC_MAGIC;
    desc[d]->seq = seq;
    desc[d]->nblocks = n;
  }
  ring_each (l, blocks) {
    desc[i / FS_DESC_MAX]->home[i % FS_DESC_MAX] =
      container_of(l, struct block, log)->no;
    i++;
  }
}

// Write descriptors and blocks; returns their checksum.
static uint64_t
write_body(struct link *blocks, uint32_t n)
{
  uint32_t at = 0;
  uint64_t sum = 0;
  for (uint32_t d = 0; d < descs(n); d++) {
    sum = fs_hash(sum, desc[d], FS_BLOCK / 8);
    io_write(where(at++), desc[d]);
  }
  ring_each (l, blocks) {
    struct block *b = container_of(l, struct block, log);
    sum = fs_hash(sum, b->snap, FS_BLOCK / 8);
    io_write(where(at++), b->snap);
  }
  return sum;
}

int
log_write(struct link *blocks, uint32_t n, uint64_t seq)
{
  struct fs_commit *c = scratch;
  fill_descs(blocks, n, seq);
  uint64_t sum = write_body(blocks, n);
  if (io_finish() < 0 || io_flush() < 0)
    return -1;
  memset(scratch, 0, FS_BLOCK);
  c->magic = FS_COMMIT_MAGIC;
  c->seq = seq;
  c->nblocks = n;
  c->check = sum;
  if (io_write_now(where(descs(n) + n), c) < 0 || io_flush() < 0)
    return -1;
  used += descs(n) + n + 1;
  return 0;
}

void
log_keep(struct link *blocks)
{
  acquire(&cache_lock);
  while (!ring_empty(blocks)) {
    struct block *b = container_of(blocks->next, struct block, log);
    ring_remove(&b->log);
    b->frozen = JOIN_NONE;
    b->logged = true;
    ring_append(&logged, &b->log);
  }
  release(&cache_lock);
}

int
log_write_head(uint64_t seq, uint64_t orphans)
{
  memset(scratch, 0, FS_BLOCK);
  struct fs_head *h = scratch;
  h->magic = FS_HEAD_MAGIC;
  h->seq = seq;
  h->orphans = orphans;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
  if (io_write_now(fs_super.journal, h) < 0 || io_flush() < 0)
    return -1;
  return 0;
}

int
log_checkpoint(uint64_t seq, uint64_t orphans)
{
  if (used == 0)
    return 0;
  blocks_sort(&logged);
  ring_each (l, &logged) {
    struct block *b = container_of(l, struct block, log);
    io_write(b->no, b->snap);
  }
  if (io_finish() < 0 || io_flush() < 0)
    return -1;
  if (log_write_head(seq, orphans) < 0)
    return -1;
  used = 0;
  while (!ring_empty(&logged))
    block_written(container_of(logged.next, struct block, log));
  return 0;
}

int
log_make_room(uint64_t seq, uint64_t orphans)
{
  if (used + most + ndesc + 1 <= room)
    return 0;
  return log_checkpoint(seq, orphans);
}

// ---- sorting ---------------------------------------------------------------

static struct link *
merge(struct link *a, struct link *b)
{
  struct link head, *last = &head;
  while (a != 0 && b != 0) {
    struct link **least = container_of(a, struct block, log)->no <=
                              container_of(b, struct block, log)->no
                            ? &a
                            : &b;
    last->next = *least;
    last = *least;
    *least = (*least)->next;
  }
  last->next = a != 0 ? a : b;
  return head.next;
}

// Merge sort from the bottom up: run[i] is a sorted chain of 2^i blocks.
void
blocks_sort(struct link *list)
{
  struct link *run[32] = { 0 };
  list->prev->next = 0;
  for (struct link *l = list->next, *next; l != 0 && l != list; l = next) {
    int i = 0;
    next = l->next;
    l->next = 0;
    for (; run[i] != 0; i++) {
      l = merge(run[i], l);
      run[i] = 0;
    }
    run[i] = l;
  }
  struct link *all = 0;
  for (int i = 0; i < 32; i++)
    if (run[i] != 0)
      all = merge(run[i], all);
  ring_init(list);
  for (struct link *next; all != 0; all = next) {
    next = all->next;
    ring_append(list, all);
  }
}
