// cp.c - copy a file, or several into a directory; -r: directories too.

#include "kernel/fcntl.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

static int deep;        // -r
static char buf[8192];

static int
copy_data(int from, int to, const char *path)
{
  int n;

  while ((n = read(from, buf, sizeof(buf))) > 0) {
    if (write_all(to, buf, n) < 0) {
      warn("cp", "%s: write error: is the disk full?", path);
      return 1;
    }
  }
  if (n < 0)
    warn("cp", "%s: read error", path);
  return n < 0;
}

static int
same_file(const struct stat *a, const char *to)
{
  struct stat b;

  return stat(to, &b) == 0 && a->dev == b.dev && a->ino == b.ino;
}

static int
copy_file(int in, const struct stat *st, const char *from, const char *to)
{
  int out, failed;

  if (same_file(st, to)) {
    warn("cp", "%s and %s are the same file", from, to);
    return 1;
  }
  out = open(to, O_WRONLY | O_CREATE | O_TRUNC);
  if (out < 0) {
    warn("cp", "%s: cannot be created or written", to);
    return 1;
  }
  failed = copy_data(in, out, to);
  close(out);
  return failed;
}

static int copy(const char *from, const char *to);

static int
copy_entry(const char *from, const char *to, const char *name)
{
  char *path = malloc(2 * MAXPATH);
  int failed = 1;

  if (path && path_join(path, MAXPATH, from, name) &&
      path_join(path + MAXPATH, MAXPATH, to, name))
    failed = copy(path, path + MAXPATH);
  else
    warn("cp", "%s/%s: path too long", from, name);
  free(path);
  return failed;
}

// Is the directory at path, or one above it, inode ino?
static int
lies_in(const char *path, uint ino)
{
  char up[MAXPATH];
  struct stat st;
  uint last = 0;

  if (strlcpy(up, path, sizeof(up)) >= sizeof(up))
    return 1;
  for (;;) {
    if (stat(up, &st) < 0)
      return 1;
    if (st.ino == ino)
      return 1;
    if (st.ino == last)
      return 0;         // the root is its own parent
    last = st.ino;
    if (strlcat(up, "/..", sizeof(up)) >= sizeof(up))
      return 1;
  }
}

// Make the directory `to`, unless it is there, to copy `from` into it.
static int
make_dir(const struct stat *from_st, const char *from, const char *to)
{
  struct stat st;
  int is_new = stat(to, &st) < 0;

  if (is_new && mkdir(to) < 0) {
    warn("cp", "%s: cannot be made", to);
    return 1;
  }
  if (!lies_in(to, from_st->ino))
    return 0;
  if (is_new)
    unlink(to);
  warn("cp", "%s: not into itself", from);
  return 1;
}

static int
copy_dir(const struct stat *from_st, const char *from, const char *to)
{
  struct dir *d = malloc(sizeof(*d));
  int failed;

  if (d == 0 || dir_open(d, from) < 0) {
    warn("cp", "%s: cannot be read", from);
    free(d);
    return 1;
  }
  failed = make_dir(from_st, from, to);
  while (!failed && dir_next(d))
    failed = copy_entry(from, to, d->name);
  dir_close(d);
  free(d);
  return failed;
}

static int
copy(const char *from, const char *to)
{
  struct stat st;
  int fd = open(from, O_RDONLY), failed = 1;

  if (fd < 0 || fstat(fd, &st) < 0) {
    warn("cp", "%s: %s", from, why_not(from));
    return 1;
  }
  if (st.type == T_FILE || (st.type == T_DEVICE && !deep)) {
    failed = copy_file(fd, &st, from, to);
    close(fd);
    return failed;
  }
  close(fd);
  if (st.type == T_DIR && deep)
    return copy_dir(&st, from, to);
  warn("cp", "%s: %s", from,
       st.type == T_DIR ? "is a directory; say -r" : "is a device");
  return 1;
}

int
main(int argc, char **argv)
{
  char path[MAXPATH];
  struct stat st;
  int failed = 0, i = 1, last = argc - 1;

  if (argc > 1 && strcmp(argv[1], "-r") == 0) {
    deep = 1;
    i++;
  }
  if (argc - i < 2) {
    fprintf(2, "usage: cp [-r] FROM.. TO\n");
    return 2;
  }
  if (stat(argv[last], &st) < 0 || st.type != T_DIR) {
    if (last - i == 1)
      return copy(argv[i], argv[last]);
    warn("cp", "%s: is not a directory", argv[last]);
    return 1;
  }
  for (; i < last; i++) {
    if (path_join(path, sizeof(path), argv[last], path_last(argv[i])))
      failed |= copy(argv[i], path);
    else
      failed = 1;
  }
  return failed;
}
