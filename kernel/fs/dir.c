// dir.c - names in a directory.
//
// On the disk a directory is an array of entries in no order. The first
// look-up reads it all into a hash table of names, one for the whole system;
// from then on a look-up, an addition and a removal cost the same however
// large the directory is. The index of a directory is complete or not there
// at all; it goes when its inode leaves memory. Without memory for it the
// array is searched.

#include "kernel/fs/internal.h"
#include "kernel/lib/string.h"

struct name {
  struct name *next; // (table) in its hash chain
  struct link link;  // among the directory's names, or its free slots
  uint32_t dir;
  uint32_t slot;
  uint32_t inum;
  struct key key;
};

#define PER_DIR_BLOCK (FS_BLOCK / sizeof(struct fs_dirent))

static struct spinlock lock = SPINLOCK_INIT("names"); // guards the table
static struct name **table;
static uint32_t mask;
static struct cache *names;

static inline uint32_t
hash(uint32_t dir, const struct key *k)
{
  uint64_t h = (k->w[0] ^ k->w[1] * 0x9e3779b97f4a7c15ull ^ dir);
  h *= 0xff51afd7ed558ccdull;
  return h >> 32;
}

static inline bool
same(const struct key *a, const struct key *b)
{
  return a->w[0] == b->w[0] && a->w[1] == b->w[1];
}

bool
key_is(const struct key *k, const char *name)
{
  return strncmp(k->c, name, FS_NAME) == 0;
}

// ---- the index -------------------------------------------------------------

static void
enter(struct inode *dp, struct name *n)
{
  struct name **p = &table[hash(dp->inum, &n->key) & mask];
  acquire(&lock);
  n->next = *p;
  *p = n;
  release(&lock);
  ring_append(&dp->names, &n->link);
  dp->nnames++;
}

static void
leave(struct inode *dp, struct name *n)
{
  struct name **p = &table[hash(dp->inum, &n->key) & mask];
  acquire(&lock);
  while (*p != n)
    p = &(*p)->next;
  *p = n->next;
  release(&lock);
  ring_remove(&n->link);
  dp->nnames--;
}

static struct name *
lookup(struct inode *dp, const struct key *k)
{
  acquire(&lock);
  struct name *n = table[hash(dp->inum, k) & mask];
  while (n != 0 && (n->dir != dp->inum || !same(&n->key, k)))
    n = n->next;
  release(&lock);
  return n;
}

static void
drop_all(struct inode *dp, struct link *ring, bool entered)
{
  while (!ring_empty(ring)) {
    struct name *n = container_of(ring->next, struct name, link);
    if (entered)
      leave(dp, n);
    else
      ring_remove(&n->link);
    cache_free(names, n);
  }
}

void
dir_forget(struct inode *dp)
{
  drop_all(dp, &dp->names, true);
  drop_all(dp, &dp->slots, false);
  dp->indexed = false;
}

// Note what is in this slot of the directory.
static int
index_slot(struct inode *dp, uint32_t slot, const struct fs_dirent *e)
{
  struct name *n = cache_alloc(names);
  if (n == 0)
    return -1;
  n->dir = dp->inum;
  n->slot = slot;
  n->inum = e->inum;
  if (e->inum == 0) {
    ring_append(&dp->slots, &n->link);
    return 0;
  }
  for (int i = 0; i < FS_NAME && e->name[i] != 0; i++)
    n->key.c[i] = e->name[i];
  enter(dp, n);
  return 0;
}

static inline uint32_t
slots_of(const struct inode *dp)
{
  return dp->d.size / sizeof(struct fs_dirent);
}

// The block with this slot, counted, or 0.
static struct block *
slot_block(struct inode *dp, uint32_t slot)
{
  uint32_t no = map_find(dp, slot / PER_DIR_BLOCK);
  if (no == 0) {
    fs_damaged("a directory lacks a block:", dp->inum);
    return 0;
  }
  return block_get(no);
}

static inline struct fs_dirent *
entry_in(struct block *b, uint32_t slot)
{
  return (struct fs_dirent *)b->page + slot % PER_DIR_BLOCK;
}

// Note all that is in the directory's index-th block. A block that a damaged
// directory lacks holds no names.
static int
index_block(struct inode *dp, uint32_t index)
{
  uint32_t no = map_find(dp, index), slot = index * PER_DIR_BLOCK;
  if (no == 0) {
    fs_damaged("a directory lacks a block:", dp->inum);
    return 0;
  }
  struct block *b = block_get(no);
  int r = b != 0 ? 0 : -1;
  for (; r == 0 && slot < slots_of(dp); slot++) {
    r = index_slot(dp, slot, entry_in(b, slot));
    if ((slot + 1) % PER_DIR_BLOCK == 0)
      break;
  }
  if (b != 0)
    block_put(b);
  return r;
}

// Read all names. -1: no memory, or unreadable.
static int
build_index(struct inode *dp)
{
  int r = 0;
  for (uint32_t i = 0; i * PER_DIR_BLOCK < slots_of(dp) && r == 0; i++)
    r = index_block(dp, i);
  if (r < 0)
    dir_forget(dp);
  else
    dp->indexed = true;
  return r;
}

// ---- without an index ------------------------------------------------------

static bool
entry_is(const struct fs_dirent *e, const struct key *k)
{
  if (k == 0)
    return e->inum == 0;
  return e->inum != 0 && strncmp(e->name, k->c, FS_NAME) == 0;
}

// The first slot with this name, or with none if k is 0, and its block.
// Returns its inode number, or 0; spot->b is 0 if there is no such slot.
static uint32_t
scan(struct inode *dp, const struct key *k, struct spot *spot)
{
  struct block *b = 0;
  *spot = (struct spot){ 0, 0 };
  for (uint32_t slot = 0; slot < slots_of(dp); slot++) {
    if (slot % PER_DIR_BLOCK == 0) {
      if (b != 0)
        block_put(b);
      b = slot_block(dp, slot);
    }
    if (b != 0 && entry_is(entry_in(b, slot), k)) {
      *spot = (struct spot){ b, slot };
      return entry_in(b, slot)->inum;
    }
  }
  if (b != 0)
    block_put(b);
  return 0;
}

// ---- looking up ------------------------------------------------------------

static inline bool
indexed(struct inode *dp)
{
  return dp->indexed || build_index(dp) == 0;
}

uint32_t
dir_find(struct inode *dp, const struct key *k)
{
  if (indexed(dp)) {
    struct name *n = lookup(dp, k);
    return n != 0 ? n->inum : 0;
  }
  struct spot spot;
  uint32_t inum = scan(dp, k, &spot);
  spot_put(&spot);
  return inum;
}

uint32_t
dir_spot(struct inode *dp, const struct key *k, struct spot *spot)
{
  *spot = (struct spot){ 0, 0 };
  if (!indexed(dp))
    return scan(dp, k, spot);
  struct name *n = lookup(dp, k);
  if (n == 0)
    return 0;
  spot->slot = n->slot;
  spot->b = slot_block(dp, n->slot);
  return spot->b != 0 ? n->inum : 0;
}

void
spot_put(struct spot *spot)
{
  if (spot->b != 0)
    block_put(spot->b);
  spot->b = 0;
}

static bool
is_dots(const char *name)
{
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

bool
dir_empty(struct inode *dp)
{
  for (uint32_t slot = 0; slot < slots_of(dp); slot++) {
    struct block *b = slot_block(dp, slot);
    if (b == 0)
      return false;
    struct fs_dirent *e = entry_in(b, slot);
    bool other = e->inum != 0 && !is_dots(e->name);
    block_put(b);
    if (other)
      return false;
  }
  return true;
}

// ---- changing --------------------------------------------------------------

// Write an entry; b holds its slot.
static void
write_entry(struct block *b, uint32_t slot, const struct key *k, uint32_t inum)
{
  block_change(b);
  struct fs_dirent *e = entry_in(b, slot);
  memset(e, 0, sizeof(*e));
  e->inum = inum;
  if (inum != 0)
    memcpy(e->name, k->c, FS_NAME);
}

void
dir_change(struct inode *dp, const struct key *k, struct spot *spot,
           uint32_t inum)
{
  write_entry(spot->b, spot->slot, k, inum);
  struct name *n = dp->indexed ? lookup(dp, k) : 0;
  if (n == 0)
    return;
  n->inum = inum;
  if (inum == 0) {
    leave(dp, n);
    ring_push(&dp->slots, &n->link);
  }
}

// One more slot at the end, perhaps in a new block. Returns that, counted.
static struct block *
grow(struct inode *dp, int *why)
{
  uint32_t slot = slots_of(dp);
  *why = -1;
  if (dp->d.size + sizeof(struct fs_dirent) > FS_MAXDIR)
    return 0;
  if (slot % PER_DIR_BLOCK != 0)
    return slot_block(dp, slot);
  uint32_t no = alloc_block(dp->last + 1);
  *why = NOSPACE;
  if (no == 0)
    return 0;
  struct block *b = block_new(no);
  *why = -1;
  if (b != 0) {
    block_change(b);
    memset(b->page, 0, FS_BLOCK);
    *why = map_set(dp, slot / PER_DIR_BLOCK, no);
  }
  if (*why == 0) {
    dp->last = no;
    return b;
  }
  if (b != 0)
    block_put(b);
  free_block(no);
  return 0;
}

// A slot without a name, as a spot; made if there is none. Returns 0, -1 or
// NOSPACE.
static int
free_slot(struct inode *dp, struct spot *spot)
{
  int why;
  if (!ring_empty(&dp->slots)) {
    struct name *n = container_of(dp->slots.next, struct name, link);
    *spot = (struct spot){ slot_block(dp, n->slot), n->slot };
    if (spot->b == 0)
      return -1;
    ring_remove(&n->link);
    cache_free(names, n);
    return 0;
  }
  *spot = (struct spot){ 0, 0 };
  if (!dp->indexed)
    scan(dp, 0, spot);
  if (spot->b != 0)
    return 0;
  *spot = (struct spot){ grow(dp, &why), slots_of(dp) };
  if (spot->b == 0)
    return why;
  dp->d.size += sizeof(struct fs_dirent);
  inode_store(dp);
  return 0;
}

int
dir_add(struct inode *dp, const struct key *k, uint32_t inum)
{
  struct spot spot;
  indexed(dp);
  int r = free_slot(dp, &spot);
  if (r < 0)
    return r;
  write_entry(spot.b, spot.slot, k, inum);
  if (dp->indexed && index_slot(dp, spot.slot, entry_in(spot.b, spot.slot)) < 0)
    dir_forget(dp);
  spot_put(&spot);
  return 0;
}

void
dir_init(void)
{
  uint32_t buckets = 256;
  while (buckets < pages_total() / 8 && buckets < 65536)
    buckets *= 2;
  table = boot_alloc(buckets * sizeof(*table));
  mask = buckets - 1;
  names = cache_create("name", sizeof(struct name));
}
