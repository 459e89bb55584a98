// rename.c - rename, as one operation.
//
// The new name is there before the old one is gone, and both in the same
// transaction, so that at no time, crash or not, there is neither. All that
// can fail comes first; from the addition of the new entry on, everything
// that is needed is at hand.

#include "kernel/fs/internal.h"

struct rename {
  struct inode *from, *to; // directories; may be the same
  struct key old, new;
  struct spot old_at, new_at; // (new_at.b: 0 if the name is new)
  struct spot up_at;          // the entry .. of a directory that moves
  struct inode *ip;           // what is renamed
  struct inode *victim;       // what had the new name, or 0
  bool dir;                   // ip is a directory
};

static const struct key up = { { ".." } };

// Is dp the directory ip, or somewhere below it? Nothing is locked, and
// fs_names keeps it as it is: so directories above one that has a name have
// names too. A damaged image may send us round in circles.
static bool
below(struct inode *dp, struct inode *ip)
{
  uint32_t inum = dp->inum;
  for (uint32_t i = 0; i < fs_super.ninodes; i++) {
    if (inum == ip->inum)
      return true;
    if (inum == FS_ROOT)
      return false;
    struct inode *at = inode_get(inum);
    if (at == 0)
      return true;
    bool ok = inode_lock(at) == 0;
    inum = ok && at->d.type == FS_DIR ? dir_find(at, &up) : 0;
    if (ok)
      inode_unlock(at);
    inode_drop(at);
    if (inum == 0)
      return true;
  }
  return true;
}

static bool
linked(struct inode *dp)
{
  if (dir_lock(dp) < 0)
    return false;
  inode_unlock(dp);
  return true;
}

// Whether what is there under the new name may be replaced by ip. All are
// locked.
static bool
replaceable(struct rename *r)
{
  if (r->victim == 0)
    return true;
  if (r->victim->inum == FS_ROOT)
    return false;
  bool dir = r->victim->d.type == FS_DIR;
  return dir == r->dir && (!dir || dir_empty(r->victim));
}

// Change all that is to be changed; locks are held, checks done.
static int
act(struct rename *r)
{
  int e = 0;
  if (r->victim == 0)
    e = dir_add(r->to, &r->new, r->ip->inum);
  else
    dir_change(r->to, &r->new, &r->new_at, r->ip->inum);
  if (e < 0)
    return e;
  dir_change(r->from, &r->old, &r->old_at, 0);
  if (r->dir && r->from != r->to) {
    dir_change(r->ip, &up, &r->up_at, r->to->inum);
    if (r->from->d.nlink > 1)
      inode_link(r->from, -1);
    inode_link(r->to, 1);
  }
  if (r->victim != 0) {
    if (r->dir && r->to->d.nlink > 1)
      inode_link(r->to, -1);
    inode_link(r->victim, -1);
  }
  return 0;
}

// With ip and victim locked, and of use.
static int
check_and_act(struct rename *r)
{
  r->dir = r->ip->d.type == FS_DIR;
  if (!replaceable(r))
    return -1;
  if (r->dir && r->from != r->to &&
      (r->to->d.nlink >= FS_MAXLINK || dir_spot(r->ip, &up, &r->up_at) == 0))
    return -1;
  int e = act(r);
  spot_put(&r->up_at);
  return e;
}

// With the directories locked and ip and victim found.
static int
lock_found(struct rename *r)
{
  struct inode *ip = r->ip, *v = r->victim;
  int e = -1;
  if (ip == v)
    return 0; // two names of one file: nothing to do
  if (ip == r->from || ip == r->to || v == r->from || v == r->to)
    return -1;
  if (inode_lock(ip) < 0)
    return -1;
  if (v == 0 || inode_lock(v) == 0) {
    e = check_and_act(r);
    if (v != 0)
      inode_unlock(v);
  }
  inode_unlock(ip);
  return e;
}

// With the directories locked.
static int
find_both(struct rename *r)
{
  int e = -1;
  uint32_t inum = dir_spot(r->from, &r->old, &r->old_at);
  if (inum == r->ip->inum) {
    inum = dir_spot(r->to, &r->new, &r->new_at);
    if (inum != 0)
      r->victim = inode_get(inum);
    if ((inum != 0) == (r->victim != 0))
      e = lock_found(r);
    spot_put(&r->new_at);
  }
  spot_put(&r->old_at);
  return e;
}

static int
lock_dirs(struct rename *r)
{
  int e = -1;
  if (dir_lock(r->from) < 0)
    return -1;
  if (r->to == r->from || dir_lock(r->to) == 0) {
    e = find_both(r);
    if (r->to != r->from)
      inode_unlock(r->to);
  }
  inode_unlock(r->from);
  return e;
}

static int
attempt(struct rename *r)
{
  uint32_t n = names_cost(1) + 4;
  int e = -1;
  if (op_begin(n) < 0)
    return -1;
  mutex_lock(&fs_names);
  if (r->from == r->to || (linked(r->to) && !below(r->to, r->ip)))
    e = lock_dirs(r);
  mutex_unlock(&fs_names);
  op_end(n);
  if (r->victim != 0)
    inode_put(r->victim);
  r->victim = 0;
  return e;
}

// With the directories and the inode found, by names as they were just now.
static int
rename_found(struct rename *r)
{
  int e = attempt(r);
  if (e == NOSPACE && alloc_any() && journal_reclaim() == 0)
    e = attempt(r);
  return e < 0 ? -1 : 0;
}

int
name_rename(struct inode *cwd, const char *from, const char *to)
{
  struct rename r = { 0 };
  int e = -1;
  r.ip = path_find(cwd, from);
  r.from = path_parent(cwd, from, &r.old);
  r.to = path_parent(cwd, to, &r.new);
  if (r.ip != 0 && r.from != 0 && r.to != 0 && !key_is_dot(&r.old) &&
      !key_is_dot(&r.new))
    e = rename_found(&r);
  if (r.ip != 0)
    inode_put(r.ip);
  if (r.from != 0)
    inode_put(r.from);
  if (r.to != 0)
    inode_put(r.to);
  return e;
}
