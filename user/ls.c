// ls.c - list files: name, type (1 directory, 2 file, 3 device), inode
// number and size, as xv6 prints them; -l: with the number of links.

#include "kernel/fs.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

static int longer;      // -l

static void
show(const char *name, const struct stat *st)
{
  if (longer)
    printf("%-14s %d %5u %3d %lu\n", name, st->type, st->ino, st->nlink,
           st->size);
  else
    printf("%-14s %d %u %lu\n", name, st->type, st->ino, st->size);
}

static int
show_entry(const char *dir, const char *name)
{
  char path[MAXPATH];
  struct stat st;

  if (!path_join(path, sizeof(path), dir, name)) {
    warn("ls", "%s/%s: path too long", dir, name);
    return 1;
  }
  if (stat(path, &st) < 0) {
    warn("ls", "%s: cannot be looked at", path);
    return 1;
  }
  show(name, &st);
  return 0;
}

static int
list(const char *path)
{
  struct stat st;
  struct dir d;
  int failed;

  if (stat(path, &st) < 0) {
    warn("ls", "%s: %s", path, why_not(path));
    return 1;
  }
  if (st.type != T_DIR) {
    show(path, &st);
    return 0;
  }
  failed = show_entry(path, ".") | show_entry(path, "..");
  if (dir_open(&d, path) < 0) {
    warn("ls", "%s: cannot be read", path);
    return 1;
  }
  while (dir_next(&d))
    failed |= show_entry(path, d.name);
  dir_close(&d);
  return failed;
}

int
main(int argc, char **argv)
{
  int failed = 0, i = 1;

  if (argc > 1 && strcmp(argv[1], "-l") == 0) {
    longer = 1;
    i++;
  }
  if (i == argc)
    return list(".");
  for (; i < argc; i++)
    failed |= list(argv[i]);
  return failed;
}
