// path.c - from a path to an inode.
//
// One directory is locked at a time, and counted while it is; nothing here
// changes anything. Names longer than FS_NAME are cut, as xv6's programs
// expect.

#include "kernel/fs/internal.h"

// The next name of the path to *k. Returns what follows it without its
// slashes, or 0 if there is no name left.
static const char *
next_name(const char *path, struct key *k)
{
  int n = 0;
  while (*path == '/')
    path++;
  if (*path == 0)
    return 0;
  k->w[0] = k->w[1] = 0;
  for (; *path != '/' && *path != 0; path++)
    if (n < FS_NAME)
      k->c[n++] = *path;
  while (*path == '/')
    path++;
  return path;
}

// What k names in dp, counted, or 0.
static struct inode *
step(struct inode *dp, const struct key *k)
{
  if (inode_lock(dp) < 0)
    return 0;
  uint32_t inum = dp->d.type == FS_DIR ? dir_find(dp, k) : 0;
  struct inode *ip = inum != 0 ? inode_get(inum) : 0;
  inode_unlock(dp);
  return ip;
}

static struct inode *
start(struct inode *cwd, const char *path)
{
  return *path == '/' ? inode_get(FS_ROOT) : inode_dup(cwd);
}

struct inode *
path_find(struct inode *cwd, const char *path)
{
  struct key k;
  struct inode *ip = start(cwd, path);
  while (ip != 0 && (path = next_name(path, &k)) != 0) {
    struct inode *next = step(ip, &k);
    inode_put(ip);
    ip = next;
  }
  return ip;
}

struct inode *
path_parent(struct inode *cwd, const char *path, struct key *k)
{
  struct inode *dp = start(cwd, path);
  if (dp == 0 || (path = next_name(path, k)) == 0)
    goto none;
  while (*path != 0) {
    struct inode *next = step(dp, k);
    inode_put(dp);
    dp = next;
    if (dp == 0)
      return 0;
    path = next_name(path, k);
  }
  return dp;

none:
  if (dp != 0)
    inode_put(dp);
  return 0;
}
