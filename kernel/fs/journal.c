// journal.c - operations, and the transactions that they gather in.
//
// An operation changes blocks in memory; what it changed joins the running
// transaction. A commit closes that transaction (it waits until no operation
// is open, and holds new ones off for that moment), freezes its blocks and
// opens the next one. From there on nobody waits for it: an operation that
// changes a frozen block makes itself a copy. In this order then:
//
//   1. data goes to its place, metadata to the log; flush;
//   2. the commit block; flush: now the transaction has happened;
//   3. its blocks are `logged`, until a checkpoint writes them to their
//      places (log.c).
//
//             block_change           freeze           end of commit
//     clean --------------> joined --------> frozen ---------------> logged
//       ^                                      | (data)                |
//       +--------------------------------------+-----------------------+
//                                                       log_checkpoint
//
// A block may be joined again while it is frozen or logged.

#include "kernel/fs/journal.h"

#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/proc/current.h"

#define COMMIT_AFTER 500000000ull   // ns from a change to its commit
#define RETRY_MOST   30000000000ull // ns until a removal is tried again

struct journal journal = {
  .entry = WAITQ_INIT(journal.entry, "journal"),
  .drained = WAITQ_INIT(journal.drained, "commit"),
  .work = WAITQ_INIT(journal.work, "idle"),
  .meta = RING_INIT(journal.meta),
  .data = RING_INIT(journal.data),
};

bool
journal_failed(void)
{
  return journal.failed;
}

size_t
journal_pages(void)
{
  acquire(&cache_lock);
  size_t n = journal.members + journal.nstash;
  release(&cache_lock);
  return n;
}

void
journal_orphans(int change)
{
  __atomic_add_fetch(&journal.orphans, change, __ATOMIC_RELAXED);
}

void
journal_doomed(int change)
{
  acquire(&cache_lock);
  journal.doomed += change;
  if (change > 0)
    wake_one(&journal.work);
  release(&cache_lock);
}

// ---- commit ----------------------------------------------------------------

// The blocks of a transaction that is being committed.
struct batch {
  uint64_t seq;
  uint64_t orphans;
  struct link meta, data; // by block.log
  uint32_t nmeta;
};

// What b is now is what gets written. Nobody is inside an operation.
static void
freeze(struct block *b, struct link *list)
{
  if (b->snap != 0 && b->snap != b->page)
    page_free(b->snap);
  if (b->logged) { // (an older state, which nobody needs now)
    ring_remove(&b->log);
    b->logged = false;
    journal.members--;
  }
  b->snap = b->page;
  b->frozen = b->join;
  b->join = JOIN_NONE;
  ring_remove(&b->where);
  ring_append(list, &b->log);
}

static void
freeze_all(struct link *from, struct link *to)
{
  ring_init(to);
  while (!ring_empty(from))
    freeze(container_of(from->next, struct block, where), to);
}

// Close the running transaction and open the next one. False: it is empty.
static bool
next_transaction(struct batch *t)
{
  acquire(&cache_lock);
  journal.closing = true;
  while (journal.handles > 0)
    wait_on(&journal.drained, &cache_lock, WAIT_ALWAYS);
  bool any = !journal_empty();
  if (any) {
    t->nmeta = journal.nmeta;
    t->orphans = journal.orphans;
    t->seq = journal.seq++;
    journal.nmeta = 0;
    freeze_all(&journal.meta, &t->meta);
    freeze_all(&journal.data, &t->data);
  }
  journal.closing = false;
  wake_all(&journal.entry);
  release(&cache_lock);
  return any;
}

// b's snap is on the disk. The lock is held; returns what is to be freed.
static void *
drop_snap(struct block *b)
{
  void *old = b->snap;
  if (b->keep && b->join)
    return 0;
  b->snap = 0;
  return old == b->page ? 0 : old;
}

void
block_written(struct block *b)
{
  acquire(&cache_lock);
  ring_remove(&b->log);
  b->frozen = JOIN_NONE;
  b->logged = false;
  journal.members--;
  void *old = drop_snap(b);
  bool gone = b->join == JOIN_NONE && block_settle(b);
  release(&cache_lock);
  if (old != 0)
    page_free(old);
  if (gone)
    block_destroy(b);
}

static int
write_data(struct link *data)
{
  blocks_sort(data);
  ring_each (l, data) {
    struct block *b = container_of(l, struct block, log);
    if (!b->dead)
      io_write(b->no, b->snap);
  }
  return io_finish();
}

static int
failed(void)
{
  acquire(&cache_lock);
  if (!journal.failed)
    kprintf("fs: the disk failed; changes since the last commit are lost\n");
  journal.failed = true;
  wake_all(&journal.entry);
  release(&cache_lock);
  return -1;
}

// Take what is at hand beyond n pages; linked by their first words.
static void *
take_stash(uint32_t n)
{
  void *list = 0;
  while (journal.nstash > n) {
    void *page = journal.stash;
    journal.stash = *(void **)page;
    journal.nstash--;
    *(void **)page = list;
    list = page;
  }
  return list;
}

// Pages that are reserved beyond need, and beyond slack, go back; so do those
// at hand.
static void
give_back(uint32_t slack)
{
  acquire(&cache_lock);
  void *list = take_stash(journal.promised + slack);
  release(&cache_lock);
  while (list != 0) {
    void *page = list;
    list = *(void **)page;
    page_free(page);
  }
  acquire(&cache_lock);
  uint32_t hand = journal.nstash + journal.filling;
  if (hand < journal.promised)
    hand = journal.promised;
  uint32_t need = journal.members + journal.promised + hand + slack;
  if (need < journal.base)
    need = journal.base;
  uint32_t n = journal.pool > need + slack ? journal.pool - need : 0;
  journal.pool -= n;
  release(&cache_lock);
  if (n > 0)
    mm_unreserve(n);
}

// The commit mutex is held.
static int
commit(void)
{
  struct batch t;
  if (journal.failed)
    return -1;
  if (!next_transaction(&t))
    return 0;
  if (write_data(&t.data) < 0 || log_write(&t.meta, t.nmeta, t.seq) < 0)
    return failed();
  while (!ring_empty(&t.data))
    block_written(container_of(t.data.next, struct block, log));
  log_keep(&t.meta);
  journal.done = t.seq;
  journal.orphans_done = t.orphans;
  if (log_make_room(t.seq + 1, t.orphans) < 0)
    return failed();
  give_back(JOURNAL_SLACK);
  return 0;
}

int
journal_sync(void)
{
  if (!journal.started)
    return 0;
  acquire(&cache_lock);
  uint64_t want = journal_empty() ? journal.seq - 1 : journal.seq;
  release(&cache_lock);
  mutex_lock(&journal.commit);
  int r = journal.done >= want ? 0 : commit();
  mutex_unlock(&journal.commit);
  return r;
}

int
journal_reclaim(void)
{
  mutex_lock(&journal.commit);
  int r = commit();
  if (r == 0 && log_checkpoint(journal.done + 1, journal.orphans_done) < 0)
    r = failed();
  give_back(0);
  mutex_unlock(&journal.commit);
  return r;
}

bool
fs_release_memory(void)
{
  uint32_t held = __atomic_load_n(&journal.pool, __ATOMIC_RELAXED);

  return journal.started && held > journal.base && journal_reclaim() == 0;
}

// Try to remove what could not be removed. After a failure, which may be one of
// the disk that stays, twice as long passes to the next time.
static void
remove_doomed(void)
{
  static uint64_t next, pause;
  uint32_t n = __atomic_load_n(&journal.doomed, __ATOMIC_RELAXED);
  uint64_t now = clock_ns();
  if (n == 0)
    pause = next = 0;
  if (n == 0 || now < next)
    return;
  inode_remove_doomed(n);
  pause = pause < RETRY_MOST / 2 ? 2 * pause + COMMIT_AFTER : RETRY_MOST;
  next = now + pause;
}

// The thread that commits what nobody asked to be committed.
void
journal_thread(void)
{
  static struct waitq nap = WAITQ_INIT(nap, "commit timer");
  for (;;) {
    acquire(&cache_lock);
    while (journal.failed || (journal_empty() && journal.doomed == 0))
      wait_on(&journal.work, &cache_lock, WAIT_ALWAYS);
    uint64_t until = clock_ns() + COMMIT_AFTER;
    while (wait_until(&nap, &cache_lock, WAIT_ALWAYS, until) == 0)
      ;
    release(&cache_lock);
    remove_doomed();
    journal_sync();
  }
}

int
journal_start(uint64_t seq, bool orphans)
{
  mutex_init(&journal.commit, "commit");
  journal.largest = map_truncate_cost() + 1;
  if (journal.largest < JOURNAL_LARGEST)
    journal.largest = JOURNAL_LARGEST;
  journal.base = 2 * journal.largest;
  if (log_start() < 0 || mm_reserve(journal.base) < 0)
    return -1;
  journal.pool = journal.base;
  journal.most = log_most();
  journal.orphans_done = orphans;
  journal.seq = seq;
  journal.done = seq - 1;
  journal.most_pool = pages_total() / 8 + 2 * fs_super.njournal;
  journal.started = true;
  return 0;
}
