// mv.c - rename a file or directory, or move several into a directory.

#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

static int
move(const char *from, const char *to)
{
  struct stat st;

  if (rename(from, to) == 0)
    return 0;
  warn("mv", "%s to %s: %s", from, to,
       stat(from, &st) < 0 ? "there is no such file" : "not possible");
  return 1;
}

int
main(int argc, char **argv)
{
  char path[MAXPATH];
  struct stat st;
  int failed = 0, last = argc - 1;

  if (argc < 3) {
    fprintf(2, "usage: mv FROM.. TO\n");
    return 2;
  }
  if (stat(argv[last], &st) < 0 || st.type != T_DIR) {
    if (argc == 3)
      return move(argv[1], argv[2]);
    warn("mv", "%s: is not a directory", argv[last]);
    return 1;
  }
  for (int i = 1; i < last; i++) {
    if (path_join(path, sizeof(path), argv[last], path_last(argv[i]))) {
      failed |= move(argv[i], path);
    } else {
      warn("mv", "%s/%s: path too long", argv[last], argv[i]);
      failed = 1;
    }
  }
  return failed;
}
