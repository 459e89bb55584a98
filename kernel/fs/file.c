// file.c - open files, and what reading and writing means for each kind.
//
// An open file is counted by the descriptors that stand for it, in any
// process. Its operations come from a table by its kind: a file or directory
// on the disk, a device, a pipe (pipe.c). The system call has checked that
// it may be read or written, and that n is at least 0.

#include "kernel/fs/internal.h"
#include "kernel/dev/device.h"
#include "kernel/proc/current.h"

#define WRITE_BLOCKS                                                           \
  16 // most blocks that one operation writes: a
     // write of up to 60 KiB is all or nothing

static struct cache *files;

struct file *
file_alloc(void)
{
  struct file *f = cache_alloc(files);
  if (f != 0)
    f->refs = 1;
  return f;
}

void
file_free(struct file *f)
{
  cache_free(files, f);
}

void
file_put(struct file *f)
{
  if (__atomic_load_n(&f->refs, __ATOMIC_ACQUIRE) == 1 ||
      __atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) == 0) {
    f->ops->close(f);
    file_free(f);
  }
}

void
file_init(void)
{
  files = cache_create("file", sizeof(struct file));
}

// ---- on the disk -----------------------------------------------------------

static int64_t
read_inode(struct file *f, uint64_t uva, uint64_t n)
{
  struct inode *ip = f->ip;
  if (inode_lock(ip) < 0)
    return -1;
  int64_t r = inode_read(ip, USER, uva, f->off, n);
  if (r > 0)
    f->off += r;
  inode_unlock(ip);
  return r;
}

// One operation's worth of a write, n bytes of it; *len of them it would
// write. It writes fewer only if there is no room for more. As it is there as
// a whole or not at all, it must not run out of room that a journal_reclaim
// gives: then it is NOSPACE, before anything was done.
static int64_t
write_some(struct file *f, uint64_t uva, uint64_t n, bool reclaimed,
           uint64_t *len)
{
  struct inode *ip = f->ip;
  uint64_t blocks = n / FS_BLOCK + 2; // (wherever it begins)
  uint32_t cost = map_cost(blocks < WRITE_BLOCKS ? blocks : WRITE_BLOCKS);
  if (op_begin(cost) < 0)
    return -1;
  int64_t r = -1;
  if (inode_lock(ip) == 0) {
    uint64_t off = f->append ? ip->d.size : f->off;
    uint64_t most = WRITE_BLOCKS * FS_BLOCK - off % FS_BLOCK;
    *len = n < most ? n : most;
    r = NOSPACE;
    if (reclaimed || !alloc_wait(cost))
      r = inode_write(ip, uva, off, *len);
    if (r > 0)
      f->off = off + r;
    inode_unlock(ip);
  }
  op_end(cost);
  return r;
}

static int64_t
write_inode(struct file *f, uint64_t uva, uint64_t n)
{
  uint64_t done = 0, len = 0;
  bool reclaimed = false;
  while (done < n) {
    int64_t r = write_some(f, uva + done, n - done, reclaimed, &len);
    if (r == NOSPACE && !reclaimed && alloc_any() && journal_reclaim() == 0) {
      reclaimed = true;
      continue;
    }
    if (r == BADADDR)
      return -1; // as in xv6, whatever was written before
    if (r <= 0)
      break;
    done += r;
    if ((uint64_t)r < len || (done < n && current_killed()))
      break;
    reclaimed = false;
  }
  return done > 0 || n == 0 ? (int64_t)done : -1;
}

static void
close_inode(struct file *f)
{
  inode_put(f->ip);
}

const struct file_ops inode_ops = {
  .read = read_inode,
  .write = write_inode,
  .close = close_inode,
};

// ---- devices ---------------------------------------------------------------

static int64_t
read_device(struct file *f, uint64_t uva, uint64_t n)
{
  const struct device *d = device_find(f->major);
  return d != 0 && d->read != 0 ? d->read(f->minor, uva, n) : -1;
}

static int64_t
write_device(struct file *f, uint64_t uva, uint64_t n)
{
  const struct device *d = device_find(f->major);
  return d != 0 && d->write != 0 ? d->write(f->minor, uva, n) : -1;
}

const struct file_ops device_ops = {
  .read = read_device,
  .write = write_device,
  .close = close_inode,
};
