// rm.c - remove files and empty directories; -r: with all that is in them;
// -f: what is not there is no error.

#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

static int deep, force;

static int remove(const char *path);

// The first entry of a directory: 1 if there is one, and its path.
static int
first_entry(const char *path, char *out)
{
  struct dir d;
  int found;

  if (dir_open(&d, path) < 0)
    return 0;
  found = dir_next(&d) && path_join(out, MAXPATH, path, d.name);
  dir_close(&d);
  return found;
}

// Remove what is in a directory. Each time its first entry: so no directory
// stays open, and none is changed while it is read.
static int
empty(const char *path)
{
  char *entry = malloc(MAXPATH);
  int failed = 0;

  if (entry == 0) {
    warn("rm", "out of memory");
    return 1;
  }
  while (!failed && first_entry(path, entry))
    failed = remove(entry);
  free(entry);
  return failed;
}

static int
remove(const char *path)
{
  struct stat st;

  if (deep && stat(path, &st) == 0 && st.type == T_DIR && empty(path))
    return 1;
  if (unlink(path) == 0)
    return 0;
  if (stat(path, &st) < 0) {
    if (!force)
      warn("rm", "%s: no such file or directory", path);
    return !force;
  }
  warn("rm", "%s: %s", path,
       st.type == T_DIR ? "is a directory that is not empty or in use"
                        : "cannot be removed");
  return 1;
}

int
main(int argc, char **argv)
{
  int failed = 0, i = 1;

  for (; i < argc && argv[i][0] == '-'; i++) {
    deep |= strchr(argv[i], 'r') != 0;
    force |= strchr(argv[i], 'f') != 0;
  }
  if (i == argc && !force) {
    fprintf(2, "usage: rm [-r] [-f] FILE..\n");
    return 2;
  }
  for (; i < argc; i++)
    failed |= remove(argv[i]);
  return failed;
}
