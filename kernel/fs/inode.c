// inode.c - inodes in memory.
//
// An inode is found by number in a hash table. While somebody counts it, it
// stays; then it waits on the idle list, oldest first, to be used again or
// given up when there are many or memory is short.
//
// One whose last user leaves and that has no name is removed from the disk
// right then. If that cannot be done, as memory is short, it stays counted, on
// the list `doomed`, and the journal's thread tries again until it is gone.

#include "kernel/fs/journal.h"
#include "kernel/lib/string.h"

static struct spinlock lock = SPINLOCK_INIT("inodes");
static struct inode **table; // (lock)
static uint32_t mask;
static struct link idle = RING_INIT(idle);     // (lock) by inode.idle
static struct link doomed = RING_INIT(doomed); // (lock) the same
static uint32_t nidle;                         // (lock)
static struct cache *inodes;
static uint32_t most_idle; // inodes kept without users

static struct inode *
find(uint32_t inum)
{
  struct inode *ip = table[inum & mask];
  while (ip != 0 && ip->inum != inum)
    ip = ip->next;
  return ip;
}

static void
unhash(struct inode *ip)
{
  struct inode **p = &table[ip->inum & mask];
  while (*p != ip)
    p = &(*p)->next;
  *p = ip->next;
}

static struct inode *
create(uint32_t inum)
{
  struct inode *ip = cache_alloc(inodes);
  if (ip == 0)
    return 0;
  ip->inum = inum;
  mutex_init(&ip->lock, "file");
  ring_init(&ip->idle);
  ring_init(&ip->names);
  ring_init(&ip->slots);
  return ip;
}

static void
destroy(struct inode *ip)
{
  dir_forget(ip);
  if (ip->home != 0)
    block_put(ip->home);
  cache_free(inodes, ip);
}

// Put in an inode that was not there. The lock is held, and let go of
// meanwhile; another may have been faster.
static struct inode *
insert(uint32_t inum)
{
  release(&lock);
  struct inode *fresh = create(inum);
  acquire(&lock);
  struct inode *ip = find(inum);
  if (ip == 0 && fresh != 0) {
    fresh->next = table[inum & mask];
    table[inum & mask] = fresh;
    return fresh;
  }
  if (fresh != 0)
    cache_free(inodes, fresh);
  return ip;
}

struct inode *
inode_get(uint32_t inum)
{
  if (inum == 0 || inum >= fs_super.ninodes)
    return 0;
  acquire(&lock);
  struct inode *ip = find(inum);
  if (unlikely(ip == 0))
    ip = insert(inum);
  if (ip != 0) {
    if (ring_on(&ip->idle)) {
      ring_remove(&ip->idle);
      nidle--;
    }
    __atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
  }
  release(&lock);
  return ip;
}

struct inode *
inode_dup(struct inode *ip)
{
  __atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
  return ip;
}

// ---- the last user leaves --------------------------------------------------

// Remove an inode without a name from the disk. -1: not now. What was freed
// already is not freed again the next time.
static int
remove(struct inode *ip)
{
  uint32_t cost = map_truncate_cost() + 1;
  int r = -1;
  if (op_begin(cost) < 0)
    return -1;
  if (inode_lock(ip) == 0) {
    r = map_truncate(ip);
    if (r == 0) {
      memset(&ip->d, 0, sizeof(ip->d));
      inode_store(ip);
      inode_table_freed(ip->inum);
      journal_orphans(-1);
      dir_forget(ip);
      ip->valid = false;
    }
    inode_unlock(ip);
  }
  op_end(cost);
  return r;
}

// Give up the oldest idle inodes, down to `most` of them.
// The lock is held, and released.
static uint32_t
trim(uint32_t most)
{
  struct link gone;
  uint32_t n = 0;
  ring_init(&gone);
  while (nidle > most) {
    struct inode *ip = container_of(idle.next, struct inode, idle);
    ring_remove(&ip->idle);
    nidle--;
    unhash(ip);
    ring_append(&gone, &ip->idle);
    n++;
  }
  release(&lock);
  while (!ring_empty(&gone)) {
    struct inode *ip = container_of(gone.next, struct inode, idle);
    ring_remove(&ip->idle);
    destroy(ip);
  }
  return n;
}

// The last reference goes. The lock is held, and released.
static void
leave(struct inode *ip)
{
  __atomic_store_n(&ip->refs, 0, __ATOMIC_RELEASE);
  ring_append(&idle, &ip->idle);
  nidle++;
  trim(most_idle);
}

// One reference less, if it is not the last one.
static bool
one_less(struct inode *ip)
{
  uint32_t n = __atomic_load_n(&ip->refs, __ATOMIC_RELAXED);
  while (n > 1)
    if (__atomic_compare_exchange_n(&ip->refs, &n, n - 1, true,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      return true;
  return false;
}

static inline bool
nameless(struct inode *ip)
{
  return ip->valid && ip->d.nlink == 0 && !journal_failed();
}

// With the lock held and one reference, ours, nobody else can come to the
// inode: it has no name, and the table gives it out only under the lock. Once
// it is removed another may make a new file of it before we are back, and
// leave that to us in turn.
static void
put_last(struct inode *ip)
{
  acquire(&lock);
  while (!one_less(ip)) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE); // (what the others did to it)
    if (!nameless(ip)) {
      leave(ip);
      return;
    }
    release(&lock);
    int r = remove(ip);
    acquire(&lock);
    if (r < 0) {
      ring_append(&doomed, &ip->idle);
      journal_doomed(1);
      break;
    }
  }
  release(&lock);
}

void
inode_drop(struct inode *ip)
{
  acquire(&lock);
  if (one_less(ip))
    release(&lock);
  else
    leave(ip);
}

void
inode_put(struct inode *ip)
{
  if (!one_less(ip))
    put_last(ip);
}

// One that is on doomed, counted for the list, or 0.
static struct inode *
first_doomed(void)
{
  struct inode *ip = 0;
  acquire(&lock);
  if (!ring_empty(&doomed)) {
    ip = container_of(doomed.next, struct inode, idle);
    ring_remove(&ip->idle);
    journal_doomed(-1);
  }
  release(&lock);
  return ip;
}

void
inode_remove_doomed(uint32_t n)
{
  struct inode *ip;
  for (; n > 0 && (ip = first_doomed()) != 0; n--)
    put_last(ip);
}

static size_t
shrink(size_t n)
{
  if (!try_acquire(&lock))
    return SHRINK_BUSY;
  (void)n;
  return trim(nidle / 2) / 16; // (about so many to a page)
}

static size_t
count(void)
{
  return nidle / 16;
}

// ---- at boot ---------------------------------------------------------------

void
inode_init(void)
{
  static struct shrinker shrinker = { .shrink = shrink, .count = count };
  uint32_t buckets = 256;
  while (buckets < pages_total() / 32 && buckets < 65536)
    buckets *= 2;
  table = boot_alloc(buckets * sizeof(*table));
  mask = buckets - 1;
  most_idle = pages_total() / 16;
  inodes = cache_create("inode", sizeof(struct inode));
  shrinker_register(&shrinker);
}
