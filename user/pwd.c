// pwd.c - the path of the current directory: at each step up, the entry of
// the directory above that leads back.

#include "kernel/fcntl.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

// The name of inode ino in the directory above the current one. 0, or -1.
static int
find_name(uint ino, char *name, uint size)
{
  struct dir d;
  int found = -1;

  if (dir_open(&d, "..") < 0)
    return -1;
  while (found < 0 && dir_next(&d)) {
    if (d.ino == ino) {
      strlcpy(name, d.name, size);
      found = 0;
    }
  }
  dir_close(&d);
  return found;
}

// Put "/name" before the path, which ends where the buffer does.
static char *
prepend(char *buf, char *path, const char *name)
{
  uint n = strlen(name) + 1;

  if (path - buf < n)
    return 0;
  path -= n;
  *path = '/';
  memcpy(path + 1, name, n - 1);
  return path;
}

int
main(void)
{
  static char buf[4 * MAXPATH];
  char name[16], *path = buf + sizeof(buf) - 1;
  struct stat here, above;

  for (;;) {
    if (stat(".", &here) < 0 || stat("..", &above) < 0)
      break;
    if (here.ino == above.ino) {
      printf("%s\n", *path ? path : "/");
      return 0;
    }
    if (find_name(here.ino, name, sizeof(name)) < 0)
      break;
    path = prepend(buf, path, name);
    if (path == 0 || chdir("..") < 0)
      break;
  }
  warn("pwd", "the current directory has no path, or too long a one");
  return 1;
}
