// dir.c - the entries of a directory one by one, and paths made of them.

#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

EXTRA int
dir_open(struct dir *d, const char *path)
{
  struct stat st;

  d->pos = d->end = 0;
  d->fd = open(path, O_RDONLY);
  if (d->fd < 0)
    return -1;
  if (fstat(d->fd, &st) == 0 && st.type == T_DIR)
    return 0;
  close(d->fd);
  return -1;
}

// The next entry as it is on disk, or 0.
static const struct dirent *
entry(struct dir *d)
{
  const struct dirent *de;
  int n;

  if (d->pos >= d->end) {
    n = read(d->fd, d->buf, sizeof(d->buf));
    if (n < (int)sizeof(*de))
      return 0;
    d->pos = 0;
    d->end = n / sizeof(*de) * sizeof(*de);
  }
  de = (const struct dirent *)(d->buf + d->pos);
  d->pos += sizeof(*de);
  return de;
}

EXTRA int
dir_next(struct dir *d)
{
  const struct dirent *de;

  while ((de = entry(d))) {
    if (de->inum == 0)
      continue;
    memcpy(d->name, de->name, DIRSIZ);
    d->name[DIRSIZ] = 0;
    d->ino = de->inum;
    if (strcmp(d->name, ".") && strcmp(d->name, ".."))
      return 1;
  }
  return 0;
}

EXTRA void
dir_close(struct dir *d)
{
  close(d->fd);
}

EXTRA char *
path_join(char *out, uint size, const char *dir, const char *name)
{
  uint n = strlen(dir);
  const char *slash = n > 0 && dir[n - 1] != '/' ? "/" : "";
  int len = snprintf(out, size, "%s%s%s", dir, slash, name);

  return (uint)len < size ? out : 0;
}

EXTRA const char *
path_last(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? slash + 1 : path;
}
