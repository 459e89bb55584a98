// mount.c - from nothing to a mounted file system.
//
// The super block says where everything is, and every other check rests on
// it: so it has a checksum, and all its numbers must fit each other and the
// disk, or the image is refused.

#include "kernel/fs/fs.h"
#include "kernel/fs/internal.h"
#include "kernel/lib/print.h"
#include "kernel/proc/current.h"

struct fs_super fs_super;

int
fs_damaged(const char *what, uint64_t number)
{
  static int told;
  if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < 8)
    kprintf("fs: damaged: %s %lu\n", what, number);
  return -1;
}

void
fs_init(void)
{
  io_init();
  cache_init();
  inode_init();
  dir_init();
  file_init();
  pipe_init();
  calls_init();
  mutex_init(&fs_names, "names");
}

static int
refuse(const char *why)
{
  kprintf("fs: cannot mount the disk: %s\n", why);
  return -1;
}

static int
read_super(void)
{
  struct fs_super *s = page_alloc();
  if (s == 0)
    return refuse("no memory");
  int r = io_read_now(0, s);
  fs_super = *s;
  page_free(s);
  return r < 0 ? refuse("it cannot be read") : 0;
}

// Do the parts follow each other, and have the sizes that they must have?
static bool
layout_ok(const struct fs_super *s)
{
  uint64_t at = 1;
  if (s->journal != at)
    return false;
  at += s->njournal;
  if (s->bitmap != at || s->nbitmap != (s->nblocks + FS_BITS - 1ull) / FS_BITS)
    return false;
  at += s->nbitmap;
  if (s->inodes != at ||
      s->ninodeblocks != (s->ninodes + FS_PER_BLOCK - 1) / FS_PER_BLOCK)
    return false;
  at += s->ninodeblocks;
  return s->data == at && at < s->nblocks;
}

static int
check_super(void)
{
  const struct fs_super *s = &fs_super;
  if (s->magic != FS_MAGIC)
    return refuse("it has no Peach file system");
  if (s->check != fs_hash(0, s, FS_SUPER_WORDS))
    return refuse("its super block is damaged");
  if (s->ninodes < 2 || s->ninodes > FS_MAXINODES || !layout_ok(s))
    return refuse("its super block makes no sense");
  if (s->nblocks > block_sectors() / (FS_BLOCK / SECTOR))
    return refuse("it is smaller than its file system");
  if (s->njournal < FS_MINJOURNAL(s->nbitmap))
    return refuse("its journal is too small");
  return 0;
}

static int
check_root(void)
{
  struct inode *ip = inode_get(FS_ROOT);
  bool ok = ip != 0 && inode_lock(ip) == 0;
  if (ok) {
    ok = ip->d.type == FS_DIR && ip->d.nlink > 0;
    inode_unlock(ip);
  }
  if (!ok)
    return refuse("it has no root directory");
  return 0; // (ip stays counted for ever)
}

int
fs_mount(void)
{
  bool dirty = false;
  if (block_sectors() == 0)
    return refuse("there is none");
  if (read_super() < 0 || check_super() < 0)
    return -1;
  uint64_t seq = recover(&dirty);
  if (seq == 0)
    return refuse("its journal cannot be replayed");
  if (fs_super.nbitmap > alloc_most_groups())
    return refuse("it is too large");
  if (alloc_start() < 0 || journal_start(seq, dirty) < 0)
    return refuse("no memory, or it cannot be read");
  if (check_root() < 0)
    return -1;
  if (dirty)
    inode_scan_orphans();
  kthread_start("journal", journal_thread);
  return 0;
}

size_t
fs_dirty_pages(void)
{
  return journal_pages();
}

int
fs_sync(void)
{
  return journal_sync();
}
