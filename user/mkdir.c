// mkdir.c - make directories.

#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

int
main(int argc, char **argv)
{
  struct stat st;
  int failed = 0;

  if (argc < 2) {
    fprintf(2, "usage: mkdir DIR..\n");
    return 2;
  }
  for (int i = 1; i < argc; i++) {
    if (mkdir(argv[i]) == 0)
      continue;
    failed = 1;
    warn("mkdir", "%s: %s", argv[i],
         stat(argv[i], &st) == 0 ? "is there already" : "cannot be made");
  }
  return failed;
}
