// crash.c - file work that is cut off. The machine goes down at some moment;
// tests/system/test_crash.py knows what must be on the disk then.
//
//     t_crash FIRST [ROUNDS]   rounds FIRST, FIRST + 1, ...; for ever, unless
//                              ROUNDS says how many
//
// Round i, each line one operation of the file system:
//
//     create new.I
//     write its contents: "file I\n", then length(i) bytes of value i
//     rename new.I to fI
//     append the line "I\n" to log
//     remove the file of round i - KEPT
//
// After every SYNC rounds it calls sync and says "synced I".

#include "kernel/fcntl.h"
#include "user/peach.h"

#define KEPT 20
#define SYNC 5

static char buf[32 * 1024];

static int
length(int i)
{
  return i * 7919 % 30000;
}

static void
must(int ok, const char *what, int i)
{
  if (ok)
    return;
  fprintf(2, "t_crash: round %d: %s\n", i, what);
  exit(1);
}

// Write n bytes, n of them or more, to a new or old file, as one operation.
static void
put(const char *name, int mode, int n, int i)
{
  int fd = open(name, mode);

  must(fd >= 0, "open", i);
  must(write(fd, buf, n) == n, "write", i);
  must(close(fd) == 0, "close", i);
}

static void
one_round(int i)
{
  char name[16], tmp[16], old[16];
  int n;

  snprintf(name, sizeof(name), "f%d", i);
  snprintf(tmp, sizeof(tmp), "new.%d", i);
  snprintf(old, sizeof(old), "f%d", i - KEPT);
  n = snprintf(buf, sizeof(buf), "file %d\n", i);
  memset(buf + n, i, length(i));
  put(tmp, O_CREATE | O_WRONLY, n + length(i), i);
  must(rename(tmp, name) == 0, "rename", i);
  n = snprintf(buf, sizeof(buf), "%d\n", i);
  put("log", O_CREATE | O_WRONLY | O_APPEND, n, i);
  if (i > KEPT)
    must(unlink(old) == 0, "unlink", i);
}

int
main(int argc, char **argv)
{
  int first = argc > 1 ? atoi(argv[1]) : 1;
  int rounds = argc > 2 ? atoi(argv[2]) : 0;

  for (int i = first; rounds == 0 || i < first + rounds; i++) {
    one_round(i);
    if (i % SYNC == 0) {
      must(sync() == 0, "sync", i);
      printf("synced %d\n", i);
    }
  }
  return 0;
}
