// calls.c - the system calls on files, and a process's descriptors.
//
// A process has one thread, so nobody else changes its descriptors, and an
// open file that is in its table stays open for the whole of a call: no
// locks and no counting here. Numbers are ints to programs; only the lower
// 32 bits of an argument count.

#include "kernel/fs/internal.h"
#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/string.h"
#include "kernel/param.h"
#include "kernel/proc/current.h"
#include "kernel/stat.h"

struct files {
  struct inode *cwd;
  int top; // all descriptors are below
  struct file *open[MAXOPEN];
};

static struct cache *sets;

// ---- sets of descriptors ---------------------------------------------------

void
calls_init(void)
{
  sets = cache_create("files", sizeof(struct files));
}

struct files *
files_fork(struct files *from)
{
  struct files *f = cache_alloc(sets);
  if (f == 0)
    return 0;
  f->cwd = from != 0 ? inode_dup(from->cwd) : inode_get(FS_ROOT);
  if (f->cwd == 0) {
    cache_free(sets, f);
    return 0;
  }
  f->top = from != 0 ? from->top : 0;
  for (int i = 0; i < f->top; i++) {
    f->open[i] = from->open[i];
    if (f->open[i] != 0)
      __atomic_add_fetch(&f->open[i]->refs, 1, __ATOMIC_RELAXED);
  }
  return f;
}

void
files_drop(struct files *f)
{
  for (int i = 0; i < f->top; i++)
    if (f->open[i] != 0)
      file_put(f->open[i]);
  inode_put(f->cwd);
  cache_free(sets, f);
}

static inline struct file *
file_of(uint64_t arg)
{
  uint32_t fd = arg;
  return fd < MAXOPEN ? current_files()->open[fd] : 0;
}

// Enter f under the lowest free number, or return -1.
static int
install(struct file *f)
{
  struct files *s = current_files();
  for (int fd = 0; fd < MAXOPEN; fd++) {
    if (s->open[fd] != 0)
      continue;
    s->open[fd] = f;
    if (fd >= s->top)
      s->top = fd + 1;
    return fd;
  }
  return -1;
}

static struct file *
take_out(uint32_t fd)
{
  struct files *s = current_files();
  struct file *f = s->open[fd];
  s->open[fd] = 0;
  while (s->top > 0 && s->open[s->top - 1] == 0)
    s->top--;
  return f;
}

int
fs_device(int fd)
{
  struct file *f = file_of(fd);
  return f != 0 && f->ops == &device_ops ? f->major : -1;
}

// ---- on descriptors --------------------------------------------------------

int64_t
sys_read(const uint64_t *a)
{
  struct file *f = file_of(a[0]);
  int32_t n = a[2];
  if (unlikely(f == 0 || !f->readable || n < 0))
    return -1;
  return f->ops->read(f, a[1], n);
}

int64_t
sys_write(const uint64_t *a)
{
  struct file *f = file_of(a[0]);
  int32_t n = a[2];
  if (unlikely(f == 0 || !f->writable || n < 0))
    return -1;
  return f->ops->write(f, a[1], n);
}

int64_t
sys_close(const uint64_t *a)
{
  if (file_of(a[0]) == 0)
    return -1;
  file_put(take_out(a[0]));
  return 0;
}

int64_t
sys_dup(const uint64_t *a)
{
  struct file *f = file_of(a[0]);
  int fd = f != 0 ? install(f) : -1;
  if (fd >= 0)
    __atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
  return fd;
}

int64_t
sys_fstat(const uint64_t *a)
{
  struct file *f = file_of(a[0]);
  struct stat st;
  if (f == 0 || f->ip == 0 || inode_lock(f->ip) < 0)
    return -1;
  memset(&st, 0, sizeof(st));
  st.dev = 1;
  st.ino = f->ip->inum;
  st.type = f->ip->d.type;
  st.nlink = f->ip->d.nlink;
  st.size = f->ip->d.size;
  inode_unlock(f->ip);
  return copy_out(a[1], &st, sizeof(st));
}

int64_t
sys_fsync(const uint64_t *a)
{
  struct file *f = file_of(a[0]);
  return f != 0 && f->ops == &inode_ops ? journal_sync() : -1;
}

int64_t
sys_sync(const uint64_t *a)
{
  return journal_sync();
}

int64_t
sys_pipe(const uint64_t *a)
{
  struct file *end[2];
  if (pipe_open(end) < 0)
    return -1;
  int32_t fd[2] = { install(end[0]), install(end[1]) };
  if (fd[0] >= 0 && fd[1] >= 0 && copy_out(a[0], fd, sizeof(fd)) == 0)
    return 0;
  for (int i = 0; i < 2; i++) {
    if (fd[i] >= 0)
      take_out(fd[i]);
    file_put(end[i]);
  }
  return -1;
}

// ---- open ------------------------------------------------------------------

// May ip be opened so? Then set f up for it.
static int
set_up(struct file *f, struct inode *ip, int mode)
{
  if (inode_lock(ip) < 0)
    return -1;
  int type = ip->d.type;
  f->major = ip->d.major;
  f->minor = ip->d.minor;
  inode_unlock(ip);
  if (type == FS_DIR && mode != O_RDONLY)
    return -1;
  if (type == FS_DEVICE && (f->major < 0 || f->major >= NDEV))
    return -1;
  f->ops = type == FS_DEVICE ? &device_ops : &inode_ops;
  f->ip = ip;
  f->readable = !(mode & O_WRONLY);
  f->writable = mode & (O_WRONLY | O_RDWR);
  f->append = mode & O_APPEND;
  return type == FS_FILE && (mode & O_TRUNC) ? inode_truncate(ip) : 0;
}

static int
open_inode(struct inode *ip, int mode)
{
  struct file *f = file_alloc();
  if (f == 0)
    return -1;
  int fd = install(f);
  if (fd >= 0 && set_up(f, ip, mode) == 0)
    return fd;
  if (fd >= 0)
    take_out(fd);
  file_free(f);
  return -1;
}

int64_t
sys_open(const uint64_t *a)
{
  char path[MAXPATH];
  int mode = a[1];
  struct inode *cwd = current_files()->cwd;
  if (copy_in_str(path, a[0], sizeof(path)) < 0)
    return -1;
  struct inode *ip = mode & O_CREATE ? name_create(cwd, path, FS_FILE, 0, 0)
                                     : path_find(cwd, path);
  if (ip == 0)
    return -1;
  int fd = open_inode(ip, mode);
  if (fd < 0)
    inode_put(ip);
  return fd;
}

// ---- on names --------------------------------------------------------------

static int64_t
on_two_paths(const uint64_t *a,
             int (*fn)(struct inode *cwd, const char *, const char *))
{
  char from[MAXPATH], to[MAXPATH];
  if (copy_in_str(from, a[0], sizeof(from)) < 0 ||
      copy_in_str(to, a[1], sizeof(to)) < 0)
    return -1;
  return fn(current_files()->cwd, from, to);
}

int64_t
sys_link(const uint64_t *a)
{
  return on_two_paths(a, name_link);
}

int64_t
sys_rename(const uint64_t *a)
{
  return on_two_paths(a, name_rename);
}

int64_t
sys_unlink(const uint64_t *a)
{
  char path[MAXPATH];
  if (copy_in_str(path, a[0], sizeof(path)) < 0)
    return -1;
  return name_unlink(current_files()->cwd, path);
}

static int64_t
make(uint64_t uva, enum fs_type type, uint16_t major, uint16_t minor)
{
  char path[MAXPATH];
  if (copy_in_str(path, uva, sizeof(path)) < 0)
    return -1;
  struct inode *ip =
    name_create(current_files()->cwd, path, type, major, minor);
  if (ip == 0)
    return -1;
  inode_put(ip);
  return 0;
}

int64_t
sys_mkdir(const uint64_t *a)
{
  return make(a[0], FS_DIR, 0, 0);
}

int64_t
sys_mknod(const uint64_t *a)
{
  return make(a[0], FS_DEVICE, a[1], a[2]);
}

int64_t
sys_chdir(const uint64_t *a)
{
  char path[MAXPATH];
  struct files *s = current_files();
  if (copy_in_str(path, a[0], sizeof(path)) < 0)
    return -1;
  struct inode *ip = path_find(s->cwd, path);
  if (ip == 0)
    return -1;
  bool dir = inode_lock(ip) == 0;
  if (dir) {
    dir = ip->d.type == FS_DIR;
    inode_unlock(ip);
  }
  inode_put(dir ? s->cwd : ip);
  if (!dir)
    return -1;
  s->cwd = ip;
  return 0;
}

// ---- for exec --------------------------------------------------------------

struct inode *
fs_open_exec(struct files *f, const char *path)
{
  struct inode *ip = path_find(f->cwd, path);
  if (ip == 0)
    return 0;
  bool file = inode_lock(ip) == 0;
  if (file) {
    file = ip->d.type == FS_FILE;
    inode_unlock(ip);
  }
  if (file)
    return ip;
  inode_put(ip);
  return 0;
}

int64_t
fs_read(struct inode *ip, void *dst, uint64_t off, size_t n)
{
  if (inode_lock(ip) < 0)
    return -1;
  int64_t r = inode_read(ip, KERNEL, (uint64_t)dst, off, n);
  inode_unlock(ip);
  return r;
}

void *
fs_page(struct inode *ip, uint64_t off)
{
  if (inode_lock(ip) < 0)
    return 0;
  void *page = inode_page(ip, off);
  inode_unlock(ip);
  return page;
}

void
fs_close_exec(struct inode *ip)
{
  inode_put(ip);
}
