// bigdir.c - what it costs to create a file in a directory that has many.
//
//     t_bigdir [FILES]   10000 by default
//
// Counts the clock's ticks around each creation; with ICOUNT=0 a tick is 100
// instructions. The last tenth of the files, and all of them on average, may
// cost twice what the 100th did, each (the average of files 51 to 150). So may
// finding one, and removing one.

#include "kernel/fcntl.h"
#include "user/peach.h"

#define DIR "t_bigdir.dir"

enum work { CREATE, OPEN, REMOVE };

static const char *const names[] = { "create", "open", "remove" };

static uint64
now(void)
{
  uint64 t;
  asm volatile("rdtime %0" : "=r"(t) : : "memory");
  return t;
}

static void
must(int ok, const char *what, int i)
{
  if (ok)
    return;
  fprintf(2, "t_bigdir: file %d: %s\n", i, what);
  exit(1);
}

static void
do_one(enum work w, int i)
{
  char name[16];
  int fd;

  snprintf(name, sizeof(name), "file%d", i);
  if (w == REMOVE) {
    must(unlink(name) == 0, "unlink", i);
    return;
  }
  fd = open(name, w == CREATE ? O_CREATE | O_WRONLY : O_RDONLY);
  must(fd >= 0, "open", i);
  close(fd);
}

// Files first to last; returns what one costs, in instructions.
static uint64
cost(enum work w, int first, int last)
{
  uint64 began = now();

  for (int i = first; i <= last; i++)
    do_one(w, i);
  return 100 * (now() - began) / (last - first + 1);
}

// All n files; returns whether it costs no more than it may.
static int
measure(enum work w, int n)
{
  uint64 c[4] = { cost(w, 1, 50), cost(w, 51, 150), cost(w, 151, n - n / 10),
                  cost(w, n - n / 10 + 1, n) };
  uint64 all =
    (50 * c[0] + 100 * c[1] + (n - n / 10 - 150) * c[2] + n / 10 * c[3]) / n;

  printf("%s: %lu for the 100th file, %lu for the last of %d, %lu on average\n",
         names[w], c[1], c[3], n, all);
  return c[3] <= 2 * c[1] && all <= 2 * c[1];
}

int
main(int argc, char **argv)
{
  int n = argc > 1 ? atoi(argv[1]) : 10000, ok = 1;

  must(n >= 300 && mkdir(DIR) == 0 && chdir(DIR) == 0, "mkdir", 0);
  for (enum work w = CREATE; w <= REMOVE; w++)
    ok &= measure(w, n);
  must(chdir("/") == 0 && unlink(DIR) == 0, "the directory is not empty", 0);
  return !ok;
}
