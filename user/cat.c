// cat.c - copy files, or standard input, to standard output.

#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "user/peach.h"

static char buf[4096];

// Returns 0, or 1 after a message.
static int
copy(int fd, const char *name)
{
  int n;

  while ((n = read(fd, buf, sizeof(buf))) > 0) {
    if (write_all(1, buf, n) < 0) {
      warn("cat", "write error");
      exit(1);
    }
  }
  if (n < 0)
    warn("cat", "%s: read error", name);
  return n < 0;
}

int
main(int argc, char **argv)
{
  int failed = 0;

  if (argc < 2)
    return copy(0, "standard input");
  for (int i = 1; i < argc; i++) {
    int fd = open(argv[i], O_RDONLY);

    if (fd < 0) {
      warn("cat", "%s: %s", argv[i], why_not(argv[i]));
      failed = 1;
      continue;
    }
    failed |= copy(fd, argv[i]);
    close(fd);
  }
  return failed;
}
