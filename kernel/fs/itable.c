// itable.c - the inode table on the disk: load, store, allocate.
//
// A valid inode holds its block of the table (home), so that storing it needs
// no memory and no disk. 32 inodes share that block, each written under its
// own inode's lock only: whoever changes the block joins it to the
// transaction first, and from then to the end of the operation its page stays
// the same.

#include "kernel/fs/internal.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

static inline uint32_t
home_of(uint32_t inum)
{
  return fs_super.inodes + inum / FS_PER_BLOCK;
}

static inline struct fs_inode *
slot_of(struct block *b, uint32_t inum)
{
  return (struct fs_inode *)b->page + inum % FS_PER_BLOCK;
}

static bool
plausible(const struct fs_inode *d)
{
  if (d->nlink > FS_MAXLINK || d->size > FS_MAXSIZE)
    return false;
  if (d->type == FS_DIR)
    return d->size <= FS_MAXDIR && d->size % sizeof(struct fs_dirent) == 0;
  return d->type == FS_FILE || d->type == FS_DEVICE;
}

// Have the inode's block at hand.
static int
attach(struct inode *ip)
{
  if (ip->home == 0)
    ip->home = block_get(home_of(ip->inum));
  return ip->home != 0 ? 0 : -1;
}

static int
load(struct inode *ip)
{
  if (attach(ip) < 0)
    return -1;
  acquire(&cache_lock); // (else the page might be exchanged)
  ip->d = *slot_of(ip->home, ip->inum);
  release(&cache_lock);
  if (ip->d.type == FS_FREE)
    return -1;
  if (!plausible(&ip->d))
    return fs_damaged("bad inode", ip->inum);
  ip->base = ip->d.size;
  ip->base_seq = 0;
  ip->last = 0;
  ip->ahead_mark = ip->ahead_end = ip->ahead_len = 0;
  ip->valid = true;
  return 0;
}

int
inode_lock(struct inode *ip)
{
  mutex_lock(&ip->lock);
  if (ip->valid || load(ip) == 0)
    return 0;
  mutex_unlock(&ip->lock);
  return -1;
}

void
inode_unlock(struct inode *ip)
{
  mutex_unlock(&ip->lock);
}

void
inode_store(struct inode *ip)
{
  block_change(ip->home);
  *slot_of(ip->home, ip->inum) = ip->d;
}

// ---- new ones --------------------------------------------------------------

// Blocks of the table known to have none free.
static uint8_t full[FS_MAXINODES / FS_PER_BLOCK];
static uint32_t first; // (fs_names) the block to look at first

// Said after the slot is free, so that it is not missed: inode_alloc marks a
// block as full before it looks.
void
inode_table_freed(uint32_t inum)
{
  __atomic_store_n(&full[inum / FS_PER_BLOCK], 0, __ATOMIC_SEQ_CST);
}

// The first free one of the inodes in block i of the table, b, or 0.
static uint32_t
first_free(struct block *b, uint32_t i)
{
  uint32_t found = 0;
  acquire(&cache_lock); // (else the page might be exchanged)
  for (uint32_t k = 0; k < FS_PER_BLOCK && found == 0; k++) {
    uint32_t inum = i * FS_PER_BLOCK + k;
    if (inum > FS_ROOT && inum < fs_super.ninodes &&
        slot_of(b, inum)->type == FS_FREE)
      found = inum;
  }
  release(&cache_lock);
  return found;
}

static uint32_t
search(uint32_t i)
{
  __atomic_store_n(&full[i], 1, __ATOMIC_SEQ_CST);
  struct block *b = block_get(fs_super.inodes + i);
  if (b == 0)
    return 0;
  uint32_t found = first_free(b, i);
  block_put(b);
  if (found != 0)
    full[i] = 0;
  return found;
}

// Make the free inode ip, locked, one of the given type.
static int
setup(struct inode *ip, enum fs_type type)
{
  mutex_lock(&ip->lock);
  CHECK(!ip->valid);
  if (attach(ip) < 0) {
    mutex_unlock(&ip->lock);
    return -1;
  }
  memset(&ip->d, 0, sizeof(ip->d));
  ip->d.type = type;
  ip->base = 0;
  ip->base_seq = op_seq();
  ip->last = 0;
  ip->ahead_mark = ip->ahead_end = ip->ahead_len = 0;
  ip->valid = true;
  inode_store(ip);
  journal_orphans(1);
  return 0;
}

struct inode *
inode_alloc(enum fs_type type)
{
  uint32_t n = fs_super.ninodeblocks;
  for (uint32_t tries = 0; tries < n; tries++, first = (first + 1) % n) {
    uint32_t inum = full[first] ? 0 : search(first);
    if (inum == 0)
      continue;
    struct inode *ip = inode_get(inum);
    if (ip != 0 && setup(ip, type) == 0)
      return ip;
    if (ip != 0)
      inode_drop(ip);
    return 0;
  }
  return 0;
}

// Remove this inode if it was open and had no name when the machine went
// down. What cannot be looked at counts as one, so that the next mount looks
// again.
static void
remove_orphan(uint32_t inum, const struct fs_inode *d)
{
  if (d->type == FS_FREE || d->nlink != 0 || inum >= fs_super.ninodes)
    return;
  journal_orphans(1);
  struct inode *ip = inode_get(inum);
  if (ip == 0)
    return;
  if (inode_lock(ip) == 0)
    inode_unlock(ip);
  inode_put(ip);
}

void
inode_scan_orphans(void)
{
  for (uint32_t i = 0; i < fs_super.ninodeblocks; i++) {
    struct block *b = block_get(fs_super.inodes + i);
    if (b == 0) {
      journal_orphans(1);
      continue;
    }
    for (uint32_t k = 0; k < FS_PER_BLOCK; k++) {
      uint32_t inum = i * FS_PER_BLOCK + k;
      remove_orphan(inum, slot_of(b, inum));
    }
    block_put(b);
  }
}
