// map.c - which blocks a file has.
//
// A file's blocks hang on the inode in trees (format.h). All walks go down
// by the path that the index gives, at most three blocks deep, and check
// every number before they follow it.

#include "kernel/fs/internal.h"
#include "kernel/lib/string.h"

// The way to a block: an entry of the inode's addr, then an entry in each of
// `depth` blocks.
struct way {
  uint32_t slot;
  uint32_t depth;
  uint32_t at[FS_NTREES];
};

static int
way_to(uint64_t index, struct way *w)
{
  if (index < FS_NDIRECT) {
    w->slot = index;
    w->depth = 0;
    return 0;
  }
  index -= FS_NDIRECT;
  uint64_t span = FS_FANOUT;
  for (uint32_t d = 1; d <= FS_NTREES; d++, span *= FS_FANOUT) {
    if (index >= span) {
      index -= span;
      continue;
    }
    w->slot = FS_NDIRECT + d - 1;
    w->depth = d;
    for (uint32_t i = d; i-- > 0; index /= FS_FANOUT)
      w->at[i] = index % FS_FANOUT;
    return 0;
  }
  return -1;
}

static uint32_t
find_in_tree(struct inode *ip, uint64_t index)
{
  struct way w;
  if (way_to(index, &w) < 0)
    return 0;
  uint32_t no = ip->d.addr[w.slot];
  for (uint32_t i = 0; i < w.depth && block_ok(no); i++) {
    struct block *b = block_get(no);
    if (b == 0)
      return 0;
    no = ((uint32_t *)b->page)[w.at[i]];
    block_put(b);
  }
  return block_ok(no) ? no : 0;
}

uint32_t
map_find(struct inode *ip, uint64_t index)
{
  if (index >= FS_NDIRECT)
    return find_in_tree(ip, index);
  uint32_t no = ip->d.addr[index];
  return block_ok(no) ? no : 0;
}

// ---- adding ----------------------------------------------------------------

// A new block of block numbers, all 0, counted, or 0.
static struct block *
new_node(struct inode *ip)
{
  uint32_t no = alloc_block(ip->last + 1);
  if (no == 0)
    return 0;
  struct block *b = block_new(no);
  if (b == 0) {
    free_block(no);
    return 0;
  }
  block_change(b);
  memset(b->page, 0, FS_BLOCK);
  ip->last = no;
  return b;
}

// Write a block number into an entry of block `in`, or of the inode if that
// is 0.
static void
set_entry(struct inode *ip, struct block *in, uint32_t entry, uint32_t no)
{
  if (in == 0) {
    ip->d.addr[entry] = no;
    inode_store(ip);
    return;
  }
  block_change(in);
  ((uint32_t *)in->page)[entry] = no;
}

// The node that an entry leads to, made if there is none.
static struct block *
descend(struct inode *ip, struct block *in, uint32_t entry)
{
  uint32_t no = in ? ((uint32_t *)in->page)[entry] : ip->d.addr[entry];
  if (no != 0)
    return block_ok(no) ? block_get(no) : 0;
  struct block *b = new_node(ip);
  if (b != 0)
    set_entry(ip, in, entry, b->no);
  return b;
}

// A failure may leave nodes without entries behind, which belong to the file
// and do no harm.
int
map_set(struct inode *ip, uint64_t index, uint32_t no)
{
  struct way w;
  struct block *in = 0;
  if (way_to(index, &w) < 0)
    return -1;
  uint32_t entry = w.slot;
  for (uint32_t i = 0; i < w.depth; i++) {
    struct block *next = descend(ip, in, entry);
    if (in != 0)
      block_put(in);
    if (next == 0)
      return alloc_any() ? -1 : NOSPACE;
    in = next;
    entry = w.at[i];
  }
  set_entry(ip, in, entry, no);
  if (in != 0)
    block_put(in);
  return 0;
}

// ---- removing --------------------------------------------------------------

// Free the tree of the given depth below block no. Returns 0, or -1 if some
// of it could not be read: then that is left, and the rest gone.
static int free_tree(uint32_t no, uint32_t depth);

static int
free_children(struct block *b, uint32_t depth)
{
  for (uint32_t i = 0; i < FS_FANOUT; i++) {
    uint32_t child = ((uint32_t *)b->page)[i];
    if (child == 0 || free_tree(child, depth - 1) == 0)
      continue;
    block_change(b);
    memset(b->page, 0, i * sizeof(uint32_t));
    return -1;
  }
  return 0;
}

// A damaged tree may lead to one block many times: only the first time it is
// in use, and only then it is followed.
static int
free_tree(uint32_t no, uint32_t depth)
{
  if (!block_ok(no) || !alloc_used(no)) {
    fs_damaged("a file had a block that it cannot have:", no);
    return 0;
  }
  if (depth > 0) {
    struct block *b = block_get(no);
    int r = b != 0 ? free_children(b, depth) : -1;
    if (b != 0)
      block_put(b);
    if (r < 0)
      return -1;
  }
  free_block(no);
  return 0;
}

// The bitmap's blocks, the inode, and on failure a node of each depth.
uint32_t
map_truncate_cost(void)
{
  return alloc_groups() + 1 + FS_NTREES;
}

int
map_truncate(struct inode *ip)
{
  int r = 0;
  if (ip->d.type == FS_DEVICE)
    return 0;
  for (uint32_t i = 0; i < FS_NDIRECT + FS_NTREES; i++) {
    uint32_t depth = i < FS_NDIRECT ? 0 : i - FS_NDIRECT + 1;
    if (ip->d.addr[i] == 0)
      continue;
    if (free_tree(ip->d.addr[i], depth) < 0)
      r = -1;
    else
      ip->d.addr[i] = 0;
  }
  if (r == 0)
    ip->d.size = 0;
  ip->base = ip->d.size;
  ip->base_seq = op_seq();
  ip->last = 0;
  ip->ahead_mark = ip->ahead_end = ip->ahead_len = 0;
  inode_store(ip);
  return r;
}
