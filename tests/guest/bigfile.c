// bigfile.c - a large file: written, read back, removed; and the blocks of it
// are free again.
//
//     t_bigfile [MIB]   1040 by default

#include "kernel/fcntl.h"
#include "kernel/stat.h"
#include "user/peach.h"

#define NAME "t_bigfile.tmp"
#define WORDS 16384   // a piece of 128 KiB

static uint64 buf[WORDS];

static void
must(int ok, const char *what, int i)
{
  if (ok)
    return;
  fprintf(2, "t_bigfile: piece %d: %s\n", i, what);
  exit(1);
}

// Word k of piece i.
static uint64
word(int i, int k)
{
  return (uint64)i << 32 | k * 2654435761u;
}

static void
write_file(int n)
{
  int fd = open(NAME, O_CREATE | O_WRONLY);

  must(fd >= 0, "open", 0);
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < WORDS; k++)
      buf[k] = word(i, k);
    must(write(fd, buf, sizeof(buf)) == sizeof(buf), "write", i);
  }
  must(fsync(fd) == 0, "fsync", n);
  close(fd);
}

static void
read_file(int n)
{
  int fd = open(NAME, O_RDONLY);

  must(fd >= 0, "open", 0);
  for (int i = 0; i < n; i++) {
    must(read(fd, buf, sizeof(buf)) == sizeof(buf), "read", i);
    for (int k = 0; k < WORDS; k++)
      must(buf[k] == word(i, k), "other contents", i);
  }
  must(read(fd, buf, 1) == 0, "the file is too long", n);
  close(fd);
}

int
main(int argc, char **argv)
{
  int n = (argc > 1 ? atoi(argv[1]) : 1040) * 8;
  struct stat st;

  write_file(n);
  must(stat(NAME, &st) == 0 && st.size == (uint64)n * sizeof(buf), "size", n);
  read_file(n);
  must(unlink(NAME) == 0, "unlink", n);
  write_file(8);
  read_file(8);
  must(unlink(NAME) == 0, "unlink", n);
  printf("%d MiB written and read\n", n / 8);
  return 0;
}
