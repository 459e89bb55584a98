// exec_search.c - become a program by name, as the shell finds it.

#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

EXTRA int
exec_search(const char *program, char **argv)
{
  char path[MAXPATH];
  const char *name = argv[0];
  struct stat st;

  if (!strchr(name, '/') && path_join(path, sizeof(path), "/", name))
    exec(path, argv);
  exec(name, argv);
  if (stat(name, &st) < 0 && (strchr(name, '/') || stat(path, &st) < 0)) {
    warn(program, "%s: command not found", name);
    return 127;
  }
  warn(program, "%s: cannot be executed", name);
  return 126;
}
