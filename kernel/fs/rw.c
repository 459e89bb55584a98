// rw.c - reading and writing what a file contains, block by block.
//
// Writing checks first and then acts: how many of the user's bytes can be
// read (a process has one thread, so they stay), that there is a block for
// them. Bytes before one that cannot be read are written, and the call fails.
// Bytes that a committed transaction has are changed through the log, so
// that a crash leaves all of the write or nothing; bytes beyond, which are
// most, go straight to their place before the commit (journal.c).

#include "kernel/fs/internal.h"
#include "kernel/lib/string.h"

#define AHEAD_FIRST 8 // blocks
#define AHEAD_MOST  64

static inline uint64_t
min(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

static inline uint64_t
blocks_of(const struct inode *ip)
{
  return (ip->d.size + FS_BLOCK - 1) / FS_BLOCK;
}

// ---- read-ahead ------------------------------------------------------------

// Start to read blocks from..to of the file.
static void
prefetch(struct inode *ip, uint64_t from, uint64_t to)
{
  uint32_t first = 0, n = 0;
  for (uint64_t i = from; i < to; i++) {
    uint32_t no = map_find(ip, i);
    if (n > 0 && no == first + n) {
      n++;
      continue;
    }
    if (n > 0)
      block_prefetch(first, n);
    first = no;
    n = no != 0;
  }
  if (n > 0)
    block_prefetch(first, n);
}

// Block index is wanted. It is not in memory (missing), or it is the one in
// the midst of what was read ahead: go on there, with a longer stretch each
// time, so that the device always has something to do.
static void
read_ahead(struct inode *ip, uint64_t index, bool missing)
{
  uint64_t end = blocks_of(ip);
  bool goes_on = !missing || index == ip->ahead_end;
  uint64_t from = missing ? index : ip->ahead_end;
  ip->ahead_len = goes_on ? min(2 * ip->ahead_len, AHEAD_MOST) : 0;
  if (ip->ahead_len < AHEAD_FIRST)
    ip->ahead_len = AHEAD_FIRST;
  ip->ahead_end = min(from + ip->ahead_len, end);
  ip->ahead_mark = ip->ahead_end < end ? from + ip->ahead_len / 2 : ~0ull;
  prefetch(ip, from, ip->ahead_end);
}

// ---- reading ---------------------------------------------------------------

static struct block *
read_block(struct inode *ip, uint64_t index)
{
  uint32_t no = map_find(ip, index);
  if (no == 0) {
    fs_damaged("a file lacks a block:", ip->inum);
    return 0;
  }
  struct block *b = block_peek(no);
  if (b == 0 || (index == ip->ahead_mark && index != 0))
    read_ahead(ip, index, b == 0);
  return b != 0 ? b : block_get(no);
}

int64_t
inode_read(struct inode *ip, enum side s, uint64_t addr, uint64_t off,
           uint64_t n)
{
  if (off >= ip->d.size)
    return 0;
  n = min(n, ip->d.size - off);
  uint64_t done = 0;
  while (done < n) {
    struct block *b = read_block(ip, off / FS_BLOCK);
    if (b == 0)
      break;
    uint64_t at = off % FS_BLOCK, len = min(n - done, FS_BLOCK - at);
    int r = 0;
    if (s == USER)
      r = copy_out(addr, (char *)b->page + at, len);
    else
      memcpy((void *)addr, (char *)b->page + at, len);
    block_put(b);
    if (r < 0)
      break;
    addr += len;
    off += len;
    done += len;
  }
  return done > 0 || n == 0 ? (int64_t)done : -1;
}

void *
inode_page(struct inode *ip, uint64_t off)
{
  if (off > ip->d.size || ip->d.size - off < FS_BLOCK)
    return 0;
  struct block *b = read_block(ip, off / FS_BLOCK);
  if (b == 0)
    return 0;
  void *page = b->page;
  page_ref(page);
  block_put(b);
  return page;
}

// ---- writing ---------------------------------------------------------------

// How many of n bytes, no more than a page, can be read from address uva?
static uint64_t
readable(uint64_t uva, uint64_t n)
{
  uint64_t first = min(n, PGSIZE - uva % PGSIZE);
  char c;
  if (copy_in(&c, uva, 1) < 0)
    return 0;
  return first == n || copy_in(&c, uva + first, 1) == 0 ? n : first;
}

// Over bytes of a block that the file has.
static int64_t
write_over(struct inode *ip, uint64_t uva, uint64_t off, uint64_t n)
{
  uint32_t no = map_find(ip, off / FS_BLOCK);
  if (no == 0)
    return fs_damaged("a file lacks a block:", ip->inum);
  struct block *b = n == FS_BLOCK ? block_new(no) : block_get(no);
  if (b == 0)
    return -1;
  if (off < ip->base)
    block_change(b);
  else
    block_change_data(b);
  if (page_refs(b->page) > 1)
    block_leave_page(b);
  int r = copy_in((char *)b->page + off % FS_BLOCK, uva, n);
  block_put(b);
  return r;
}

// At the end of the file, into a block that it does not have yet.
static int64_t
write_next(struct inode *ip, uint64_t uva, uint64_t index, uint64_t n)
{
  if (ip->last == 0 && index > 0)
    ip->last = map_find(ip, index - 1);
  uint32_t no = alloc_block(ip->last + 1);
  if (no == 0)
    return NOSPACE;
  struct block *b = block_new(no);
  int64_t r = -1;
  if (b != 0) {
    block_change_data(b);
    r = copy_in(b->page, uva, n);
    memset((char *)b->page + n, 0, FS_BLOCK - n);
    block_put(b);
  }
  if (r == 0)
    r = map_set(ip, index, no);
  if (r < 0) {
    free_block(no);
    return r;
  }
  ip->last = no;
  return 0;
}

int64_t
inode_write(struct inode *ip, uint64_t uva, uint64_t off, uint64_t n)
{
  uint64_t done = 0;
  bool bad = false;
  int64_t r = 0;
  if (off > ip->d.size || n > FS_MAXSIZE - off)
    return -1;
  if (ip->base_seq != op_seq()) {
    ip->base_seq = op_seq();
    ip->base = ip->d.size;
  }
  while (done < n && !bad) {
    uint64_t want = min(n - done, FS_BLOCK - off % FS_BLOCK);
    uint64_t len = readable(uva, want);
    bad = len < want;
    if (len == 0)
      break;
    if (off / FS_BLOCK < blocks_of(ip))
      r = write_over(ip, uva, off, len);
    else
      r = write_next(ip, uva, off / FS_BLOCK, len);
    if (r < 0)
      break;
    uva += len;
    off += len;
    done += len;
    if (off > ip->d.size)
      ip->d.size = off;
  }
  if (done > 0)
    inode_store(ip);
  if (bad)
    return BADADDR;
  return done > 0 || n == 0 ? (int64_t)done : r;
}
