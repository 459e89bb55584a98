// op.c - operations: the room that one needs, and what it changes.
//
// An operation says at its begin how many blocks it may change. For each a
// page is reserved (it will not be clean for a while), and another that is at
// hand (the block may need a copy), and the transaction has room for it; so
// that inside an operation nothing of that can be missing. When there is not
// enough, the begin commits, waits for those who have it, or fails before
// anything was done.
//
// What the journal holds never exceeds what it has reserved:
//
//     members + pages at hand + blocks promised and not yet members <= pool
//
// A member more is a promise less; if it takes a page from those at hand, that
// page is now counted as the member's. Promises are counted until the end of
// their operation, so op_begin may ask for more than that, never for less.

#include "kernel/fs/journal.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

uint64_t
op_seq(void)
{
  return journal.seq;
}

// ---- the room that an operation needs --------------------------------------

static int
reserve(uint32_t n)
{
  if (journal.pool + n > journal.most_pool)
    return -1;
  release(&cache_lock);
  int r = mm_reserve(n);
  acquire(&cache_lock);
  if (r == 0)
    journal.pool += n;
  return r;
}

// Pages that must be reserved when n blocks more are promised.
static inline uint32_t
needed(uint32_t n)
{
  uint32_t promised = journal.promised + n;
  uint32_t hand = journal.nstash + journal.filling;
  return journal.members + promised + (hand > promised ? hand : promised);
}

// Something that others may wait for has changed.
static inline void
wake_entry(void)
{
  if (unlikely(!ring_empty(&journal.entry.sleepers)) && !journal.closing)
    wake_all(&journal.entry);
}

// One page more at hand, if it is still reserved.
static int
fill_stash(void)
{
  journal.filling++;
  if (needed(0) > journal.pool) {
    journal.filling--;
    return 0;
  }
  release(&cache_lock);
  void *page = page_alloc();
  acquire(&cache_lock);
  journal.filling--;
  wake_entry();
  if (page == 0)
    return -1;
  *(void **)page = journal.stash;
  journal.stash = page;
  journal.nstash++;
  return 0;
}

// Pages for n blocks more: reserve them, or have them freed by a commit, or
// wait for those who are inside an operation. Alone, with nothing to commit,
// one that is not larger than journal.largest always has them.
static int
make_pages(uint32_t n)
{
  if (reserve(needed(n) - journal.pool + JOURNAL_SLACK) == 0)
    return 0;
  release(&cache_lock);
  int r = journal_reclaim();
  acquire(&cache_lock);
  if (r < 0 || needed(n) <= journal.pool ||
      reserve(needed(n) - journal.pool) == 0)
    return r;
  if (needed(n) <= journal.pool || journal.closing)
    return 0;
  if (journal.handles + journal.filling > 0) {
    wait_on(&journal.entry, &cache_lock, WAIT_ALWAYS);
    return 0;
  }
  return journal.members > 0 ? 0 : -1; // (somebody came in between)
}

// An operation on n blocks cannot begin: do what is in the way, or wait for
// it. -1: it never will. cache_lock is held, and let go of meanwhile.
static int
make_room(uint32_t n)
{
  if (journal.failed || !journal.started)
    return -1;
  if (journal.closing) {
    wait_on(&journal.entry, &cache_lock, WAIT_ALWAYS);
    return 0;
  }
  if (journal.nmeta + journal.promised + n > journal.most) {
    if (n > journal.most)
      return -1;
    if (journal.nmeta == 0) {
      wait_on(&journal.entry, &cache_lock, WAIT_ALWAYS);
      return 0;
    }
    release(&cache_lock);
    int r = journal_sync();
    acquire(&cache_lock);
    return r;
  }
  return needed(n) > journal.pool ? make_pages(n) : fill_stash();
}

static inline bool
has_room(uint32_t n)
{
  uint32_t promised = journal.promised + n;
  return !journal.closing && !journal.failed &&
         journal.nmeta + promised <= journal.most &&
         needed(n) <= journal.pool && promised <= journal.nstash;
}

int
op_begin(uint32_t n)
{
  CHECK(n <= journal.largest || !journal.started);
  acquire(&cache_lock);
  while (unlikely(!has_room(n))) {
    if (make_room(n) < 0) {
      release(&cache_lock);
      return -1;
    }
  }
  journal.handles++;
  journal.promised += n;
  release(&cache_lock);
  return 0;
}

void
op_end(uint32_t n)
{
  acquire(&cache_lock);
  journal.handles--;
  journal.promised -= n;
  if (journal.closing && journal.handles == 0)
    wake_all(&journal.drained);
  wake_entry();
  release(&cache_lock);
}

// ---- joining the transaction -----------------------------------------------

// Give b a page of its own to be changed, away from who else has this one.
static void
separate(struct block *b)
{
  void *page = journal.stash, *old = b->page;
  CHECK(page != 0);
  journal.stash = *(void **)page;
  journal.nstash--;
  page_copy(page, old);
  b->page = page;
  if (b->snap == old)
    return;
  if (b->keep)
    b->snap = old;
  else
    page_free(old);
}

static void
join(struct block *b, enum block_join how)
{
  if (!b->frozen && !b->logged)
    block_unclean(b);
  if (b->snap != 0 || b->keep || page_refs(b->page) > 1)
    separate(b);
  __atomic_store_n(&b->join, how, __ATOMIC_RELEASE);
  journal.members++;
  if (journal_empty())
    wake_one(&journal.work);
  ring_append(how == JOIN_META ? &journal.meta : &journal.data, &b->where);
  journal.nmeta += how == JOIN_META;
}

void
block_change(struct block *b)
{
  if (__atomic_load_n(&b->join, __ATOMIC_ACQUIRE) == JOIN_META)
    return; // (and its page is the one to be changed)
  acquire(&cache_lock);
  if (b->join == JOIN_DATA) {
    ring_remove(&b->where);
    ring_append(&journal.meta, &b->where);
    b->join = JOIN_META;
    journal.nmeta++;
  } else if (b->join == JOIN_NONE) {
    join(b, JOIN_META);
  }
  release(&cache_lock);
}

// Data whose block is in the log, or about to be, must go there again: when
// the log is replayed it would be overwritten.
void
block_change_data(struct block *b)
{
  if (__atomic_load_n(&b->join, __ATOMIC_ACQUIRE) != JOIN_NONE)
    return;
  acquire(&cache_lock);
  bool log = b->logged || b->frozen == JOIN_META;
  if (b->join == JOIN_NONE)
    join(b, log ? JOIN_META : JOIN_DATA);
  release(&cache_lock);
}

void
block_leave_page(struct block *b)
{
  acquire(&cache_lock);
  if (page_refs(b->page) > 1)
    separate(b);
  release(&cache_lock);
}

static void
unjoin(struct block *b)
{
  ring_remove(&b->where);
  journal.nmeta -= b->join == JOIN_META;
  b->join = JOIN_NONE;
  journal.members--;
}

// b was freed. What the log still needs of it, stays.
static bool
forget(struct block *b)
{
  if (b->join != JOIN_NONE)
    unjoin(b);
  else if (!b->frozen && !b->logged)
    block_unclean(b);
  b->dead = true;
  if (!b->frozen && !b->logged)
    return block_settle(b);
  if (b->page != b->snap) {
    page_free(b->page);
    b->page = b->snap;
  }
  return false;
}

bool
block_forget(uint32_t no)
{
  acquire(&cache_lock);
  struct block *b = block_lookup(no);
  bool idle = b == 0 || block_refs(b) == 0;
  bool gone = b != 0 && idle && forget(b);
  release(&cache_lock);
  if (gone)
    block_destroy(b);
  return idle;
}
