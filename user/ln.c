// ln.c - give a file another name.

#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

static const char *
reason(const char *from, const char *to)
{
  struct stat st;

  if (stat(from, &st) < 0)
    return "there is no such file";
  if (st.type == T_DIR)
    return "a directory has one name only";
  if (stat(to, &st) == 0)
    return "the new name is taken";
  return "not possible";
}

int
main(int argc, char **argv)
{
  if (argc != 3) {
    fprintf(2, "usage: ln OLD NEW\n");
    return 2;
  }
  if (link(argv[1], argv[2]) == 0)
    return 0;
  warn("ln", "%s as %s: %s", argv[1], argv[2], reason(argv[1], argv[2]));
  return 1;
}
