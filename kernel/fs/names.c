// names.c - the operations that change directories.
//
// Each finds its directories first, and then, as one operation under
// fs_names, locks, checks that all is still as it must be, and changes. Only
// additions can fail after something was changed (the disk is full), and
// they come before everything else.

#include "kernel/fs/internal.h"

struct mutex fs_names;

enum { EXISTS = -3 };

static const struct key dot = { { "." } }, dotdot = { { ".." } };

uint32_t
names_cost(uint32_t adds)
{
  return adds * map_cost(1) + 4; // and the inodes, and entries
}

bool
key_is_dot(const struct key *k)
{
  return key_is(k, ".") || key_is(k, "..");
}

// Lock dp as a directory in which names can be changed.
int
dir_lock(struct inode *dp)
{
  if (inode_lock(dp) < 0)
    return -1;
  if (dp->d.type == FS_DIR && dp->d.nlink > 0)
    return 0;
  inode_unlock(dp);
  return -1;
}

void
inode_link(struct inode *ip, int n)
{
  if (n < 0 && ip->d.nlink == 0)
    return; // (a damaged image: it had too few)
  ip->d.nlink += n;
  if (ip->d.nlink == 0)
    journal_orphans(1);
  inode_store(ip);
}

// ---- create ----------------------------------------------------------------

// Fill the new inode ip and enter it in dp. It has no link before that has
// gone well; so when it has not, the last inode_put removes it again.
static int
enter(struct inode *dp, const struct key *k, struct inode *ip, uint16_t major,
      uint16_t minor)
{
  int r;
  bool dir = ip->d.type == FS_DIR;
  if (dir && dp->d.nlink >= FS_MAXLINK)
    return -1;
  if (dir && (r = dir_add(ip, &dot, ip->inum)) < 0)
    return r;
  if (dir && (r = dir_add(ip, &dotdot, dp->inum)) < 0)
    return r;
  if ((r = dir_add(dp, k, ip->inum)) < 0)
    return r;
  ip->d.major = major;
  ip->d.minor = minor;
  ip->d.nlink = 1;
  journal_orphans(-1);
  inode_store(ip);
  if (dir)
    inode_link(dp, 1);
  return 0;
}

static int
create_in(struct inode *dp, const struct key *k, enum fs_type type,
          uint16_t major, uint16_t minor, struct inode **out)
{
  int r = EXISTS;
  if (dir_lock(dp) < 0)
    return -1;
  if (dir_find(dp, k) == 0) {
    r = -1;
    struct inode *ip = inode_alloc(type);
    if (ip != 0) {
      r = enter(dp, k, ip, major, minor);
      inode_unlock(ip);
    }
    *out = ip;
  }
  inode_unlock(dp);
  return r;
}

static int
create(struct inode *dp, const struct key *k, enum fs_type type, uint16_t major,
       uint16_t minor, struct inode **out)
{
  uint32_t n = names_cost(type == FS_DIR ? 3 : 1);
  *out = 0;
  if (op_begin(n) < 0)
    return -1;
  mutex_lock(&fs_names);
  int r = create_in(dp, k, type, major, minor, out);
  mutex_unlock(&fs_names);
  op_end(n);
  if (r < 0 && *out != 0) {
    inode_put(*out);
    *out = 0;
  }
  return r;
}

// Is there such a name? Then the inode that it is for goes to *out, counted.
static bool
existing(struct inode *dp, const struct key *k, struct inode **out)
{
  *out = 0;
  if (inode_lock(dp) < 0)
    return false;
  uint32_t inum = dp->d.type == FS_DIR ? dir_find(dp, k) : 0;
  if (inum != 0)
    *out = inode_get(inum);
  inode_unlock(dp);
  return inum != 0;
}

// May open with O_CREATE give out this one?
static bool
fits(struct inode *ip, enum fs_type type)
{
  if (type != FS_FILE || inode_lock(ip) < 0)
    return false;
  bool ok = ip->d.type == FS_FILE || ip->d.type == FS_DEVICE;
  inode_unlock(ip);
  return ok;
}

static struct inode *
create_or_find(struct inode *dp, const struct key *k, enum fs_type type,
               uint16_t major, uint16_t minor)
{
  struct inode *ip;
  bool reclaimed = false;
  for (;;) {
    if (existing(dp, k, &ip)) {
      if (ip == 0 || fits(ip, type))
        return ip;
      inode_put(ip);
      return 0;
    }
    int r = create(dp, k, type, major, minor, &ip);
    if (r == 0)
      return ip;
    if (r == EXISTS)
      continue;
    if (r != NOSPACE || reclaimed || !alloc_any() || journal_reclaim() < 0)
      return 0;
    reclaimed = true;
  }
}

struct inode *
name_create(struct inode *cwd, const char *path, enum fs_type type,
            uint16_t major, uint16_t minor)
{
  struct key k;
  struct inode *dp = path_parent(cwd, path, &k);
  if (dp == 0)
    return 0;
  struct inode *ip = create_or_find(dp, &k, type, major, minor);
  inode_put(dp);
  return ip;
}

// ---- link ------------------------------------------------------------------

static int
link_in(struct inode *dp, const struct key *k, struct inode *ip)
{
  int r = -1;
  if (ip == dp || dir_lock(dp) < 0)
    return -1;
  if (inode_lock(ip) < 0)
    goto out;
  if (ip->d.type != FS_DIR && ip->d.nlink > 0 && ip->d.nlink < FS_MAXLINK &&
      dir_find(dp, k) == 0)
    r = dir_add(dp, k, ip->inum);
  if (r == 0)
    inode_link(ip, 1);
  inode_unlock(ip);
out:
  inode_unlock(dp);
  return r;
}

static int
link_to(struct inode *dp, const struct key *k, struct inode *ip)
{
  uint32_t n = names_cost(1);
  for (bool reclaimed = false;; reclaimed = true) {
    if (op_begin(n) < 0)
      return -1;
    mutex_lock(&fs_names);
    int r = link_in(dp, k, ip);
    mutex_unlock(&fs_names);
    op_end(n);
    if (r != NOSPACE || reclaimed || !alloc_any() || journal_reclaim() < 0)
      return r < 0 ? -1 : 0;
  }
}

int
name_link(struct inode *cwd, const char *from, const char *to)
{
  struct key k;
  int r = -1;
  struct inode *ip = path_find(cwd, from);
  if (ip == 0)
    return -1;
  struct inode *dp = path_parent(cwd, to, &k);
  if (dp != 0) {
    r = link_to(dp, &k, ip);
    inode_put(dp);
  }
  inode_put(ip);
  return r;
}

// ---- unlink ----------------------------------------------------------------

// Take the name away from ip, which it is for. Both are locked.
static int
remove_name(struct inode *dp, const struct key *k, struct spot *spot,
            struct inode *ip)
{
  if (ip->inum == FS_ROOT || (ip->d.type == FS_DIR && !dir_empty(ip)))
    return -1;
  dir_change(dp, k, spot, 0);
  if (ip->d.type == FS_DIR && dp->d.nlink > 1)
    inode_link(dp, -1);
  inode_link(ip, -1);
  return 0;
}

static int
unlink_in(struct inode *dp, const struct key *k, struct inode **out)
{
  struct spot spot = { 0, 0 };
  int r = -1;
  if (dir_lock(dp) < 0)
    return -1;
  uint32_t inum = dir_spot(dp, k, &spot);
  struct inode *ip = inum != 0 ? inode_get(inum) : 0;
  *out = ip;
  if (ip != 0 && ip != dp && inode_lock(ip) == 0) {
    r = remove_name(dp, k, &spot, ip);
    inode_unlock(ip);
  }
  spot_put(&spot);
  inode_unlock(dp);
  return r;
}

int
name_unlink(struct inode *cwd, const char *path)
{
  struct key k;
  struct inode *ip = 0;
  int r = -1;
  uint32_t n = names_cost(0);
  struct inode *dp = path_parent(cwd, path, &k);
  if (dp == 0)
    return -1;
  if (!key_is_dot(&k) && op_begin(n) == 0) {
    mutex_lock(&fs_names);
    r = unlink_in(dp, &k, &ip);
    mutex_unlock(&fs_names);
    op_end(n);
  }
  if (ip != 0)
    inode_put(ip);
  inode_put(dp);
  return r;
}

// ---- truncate --------------------------------------------------------------

int
inode_truncate(struct inode *ip)
{
  uint32_t n = map_truncate_cost();
  int r = -1;
  if (op_begin(n) < 0)
    return -1;
  if (inode_lock(ip) == 0) {
    r = map_truncate(ip);
    inode_unlock(ip);
  }
  op_end(n);
  return r;
}
