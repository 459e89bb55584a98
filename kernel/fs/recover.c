// recover.c - what a crash left in the log is brought to its place.
//
// The log is read from its front. A transaction counts if it has the number
// that is next and its checksum holds; the first that does not is the end:
// nothing behind it was ever promised. Every number that is read from the
// disk is checked before it is used. Doing all this twice does no harm, so a
// crash in the middle is none.

#include "kernel/fs/internal.h"
#include "kernel/lib/print.h"

static struct fs_desc *desc; // pages to read into
static void *data;

static uint32_t
log_end(void)
{
  return fs_super.journal + fs_super.njournal;
}

static uint32_t
descs(uint32_t n)
{
  return (n + FS_DESC_MAX - 1) / FS_DESC_MAX;
}

// Read the i-th descriptor of the transaction at block `at`.
static int
read_desc(uint32_t at, uint32_t i, uint64_t seq)
{
  if (io_read_now(at + i, desc) < 0)
    return -1;
  return desc->magic == FS_DESC_MAGIC && desc->seq == seq ? 0 : -1;
}

static bool
homes_ok(uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (desc->home[i] < fs_super.bitmap || desc->home[i] >= fs_super.nblocks)
      return false;
  return true;
}

static uint32_t
desc_len(uint32_t n, uint32_t i)
{
  uint32_t left = n - i * FS_DESC_MAX;
  return left < FS_DESC_MAX ? left : FS_DESC_MAX;
}

// Is there a whole transaction number seq at block `at`? Returns how many
// blocks it brings, or 0.
static uint32_t
whole(uint32_t at, uint64_t seq)
{
  if (at >= log_end() || read_desc(at, 0, seq) < 0)
    return 0;
  uint32_t n = desc->nblocks, nd = descs(n), room = log_end() - at;
  uint64_t sum = 0;
  if (n == 0 || n >= room || n + nd + 1 > room)
    return 0;
  for (uint32_t i = 0; i < nd; i++) {
    if (read_desc(at, i, seq) < 0 || !homes_ok(desc_len(n, i)))
      return 0;
    sum = fs_hash(sum, desc, FS_BLOCK / 8);
  }
  for (uint32_t i = 0; i < n; i++) {
    if (io_read_now(at + nd + i, data) < 0)
      return 0;
    sum = fs_hash(sum, data, FS_BLOCK / 8);
  }
  struct fs_commit *c = data;
  if (io_read_now(at + nd + n, data) < 0)
    return 0;
  bool ok = c->magic == FS_COMMIT_MAGIC && c->seq == seq && c->nblocks == n &&
            c->check == sum;
  return ok ? n : 0;
}

// Write the n blocks of the transaction at block `at` to their places.
static int
replay(uint32_t at, uint32_t n, uint64_t seq)
{
  uint32_t nd = descs(n);
  for (uint32_t i = 0; i < nd; i++) {
    if (read_desc(at, i, seq) < 0)
      return -1;
    for (uint32_t k = 0; k < desc_len(n, i); k++) {
      if (io_read_now(at + nd + i * FS_DESC_MAX + k, data) < 0)
        return -1;
      if (io_write_now(desc->home[k], data) < 0)
        return -1;
    }
  }
  return 0;
}

static int
read_head(struct fs_head *h)
{
  if (io_read_now(fs_super.journal, data) < 0)
    return -1;
  *h = *(struct fs_head *)data;
  if (h->magic != FS_HEAD_MAGIC || h->seq == 0 ||
      h->check != fs_hash(0, h, FS_HEAD_WORDS))
    return -1;
  return 0;
}

static int
finish(uint64_t seq)
{
  struct fs_head *h = data;
  for (uint32_t i = 0; i < FS_BLOCK / 8; i++)
    ((uint64_t *)data)[i] = 0;
  h->magic = FS_HEAD_MAGIC;
  h->seq = seq;
  h->orphans = 1;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
  if (io_flush() < 0 || io_write_now(fs_super.journal, data) < 0)
    return -1;
  return io_flush();
}

static uint64_t
run(bool *dirty)
{
  struct fs_head h;
  if (read_head(&h) < 0) {
    kprintf("fs: the head of the journal is damaged\n");
    return 0;
  }
  uint64_t seq = h.seq;
  uint32_t at = fs_super.journal + 1, n;
  while ((n = whole(at, seq)) != 0) {
    if (replay(at, n, seq) < 0)
      return 0;
    at += descs(n) + n + 1;
    seq++;
  }
  *dirty = seq != h.seq || h.orphans != 0;
  if (seq != h.seq && finish(seq) < 0)
    return 0;
  return seq;
}

uint64_t
recover(bool *dirty)
{
  desc = page_alloc();
  data = page_alloc();
  uint64_t seq = desc != 0 && data != 0 ? run(dirty) : 0;
  if (desc != 0)
    page_free(desc);
  if (data != 0)
    page_free(data);
  return seq;
}
