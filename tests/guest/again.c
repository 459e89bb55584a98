// again.c - all memory is taken and given back, again and again, in several
// ways; what is free afterwards is what was free before.
//
//     t_again [ROUNDS [HELD]]
//
// HELD per cent of the memory are in use by another process all the time, so
// that a round has less to do.

#include "tests/guest/memory.h"

#define CHUNK 64                // pages
#define FEW 100

static int holder;

static void
touch(char *p, uint pages)
{
  for (uint i = 0; i < pages; i++)
    p[i * PAGE] = 1;
}

// How many pages sbrk would give.
static uint
available(void)
{
  uint pages = 0;

  for (uint n = CHUNK; n > 0; n /= CHUNK)
    while (sbrk(n * PAGE) != SBRK_ERROR)
      pages += n;
  EXPECT(sbrk(-(int)(pages * PAGE)) != SBRK_ERROR);
  return pages;
}

// Take promised memory to the last page, and use it.
static void
take_promised(void)
{
  char *p;

  for (uint n = CHUNK; n > 0; n /= CHUNK)
    while ((p = sbrk(n * PAGE)) != SBRK_ERROR)
      touch(p, n);
  EXPECT(sbrk(PAGE) == SBRK_ERROR);
}

// Memory that was not promised ends with the process.
static void
take_lazy(void)
{
  for (;;) {
    char *p = sbrklazy(1 << 28);

    EXPECT(p != SBRK_ERROR);
    touch(p, (1 << 28) / PAGE);
  }
}

// A process with more than half of the memory cannot fork; with less it can,
// and the child may copy all it has.
static void
take_copies(void)
{
  uint pages = available() * 9 / 20;
  int status;
  char *p;

  EXPECT((p = sbrk(pages * PAGE)) != SBRK_ERROR);
  touch(p, pages);
  if (fork() == 0) {
    touch(p, pages);
    while ((p = sbrk(PAGE)) != SBRK_ERROR)
      touch(p, 1);
    exit(1);
  }
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, 1);
  EXPECT((p = sbrk(pages / 3 * PAGE)) != SBRK_ERROR);
  touch(p, pages / 3);
  EXPECT_IS(fork(), -1);
}

// As many processes as there can be, each with some memory and a pipe.
static void
take_processes(void)
{
  int go[2], own[2], pid, n = 0;
  char c, *p;

  EXPECT_IS(pipe(go), 0);
  for (;; n++) {
    if ((p = sbrk(FEW * PAGE)) != SBRK_ERROR)
      touch(p, FEW);
    if (p == SBRK_ERROR || pipe(own) < 0 || (pid = fork()) < 0)
      break;
    if (pid == 0) {
      close(go[1]);
      read(go[0], &c, 1);
      exit(0);
    }
    EXPECT_IS(write(own[1], "x", 1), 1);
    close(own[0]);
    close(own[1]);
  }
  EXPECT(n > 3);
  close(go[1]);
  while (n > 0 && wait(0) > 0)
    n--;
  EXPECT_IS(n, 0);
}

static const struct way {
  const char *name;
  void (*take)(void);
  int status;
} ways[] = {
  { "promised", take_promised, 0 },
  { "lazy", take_lazy, KILLED },
  { "copies", take_copies, 0 },
  { "processes", take_processes, 0 },
};

// A process that has so much of the memory until let_go().
static void
hold(int percent)
{
  int ready[2], go[2];
  char c, *p;

  EXPECT_IS(pipe(ready), 0);
  EXPECT_IS(pipe(go), 0);
  if (fork() == 0) {
    uint pages = available() * percent / 100;

    EXPECT((p = sbrk(pages * PAGE)) != SBRK_ERROR);
    touch(p, pages);
    EXPECT_IS(write(ready[1], "x", 1), 1);
    close(go[1]);
    read(go[0], &c, 1);
    for (uint i = 0; i < pages; i++)
      EXPECT_IS(p[i * PAGE], 1);
    exit(0);
  }
  EXPECT_IS(read(ready[0], &c, 1), 1);
  close(ready[0]);
  close(ready[1]);
  close(go[0]);
  holder = go[1];
}

// Its memory is as it was.
static void
let_go(void)
{
  int status;

  close(holder);
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, 0);
}

// Each way a few times first: what is kept for the next use is there then.
int
main(int argc, char **argv)
{
  int rounds = argc > 1 ? atoi(argv[1]) : 8;
  struct memory before;

  if (argc > 2)
    hold(atoi(argv[2]));
  for (uint i = 0; i < 2 * COUNT(ways); i++)
    EXPECT_IS(guest_status(ways[i % COUNT(ways)].take),
              ways[i % COUNT(ways)].status);
  before = memory_now();
  for (int i = 0; i < rounds; i++) {
    const struct way *w = &ways[i % COUNT(ways)];

    EXPECT_IS(guest_status(w->take), w->status);
    if (i % 100 < (int)COUNT(ways)) {
      printf("%s: ", w->name);
      expect_memory(before);
      printf("%ld pages as before\n", before.pages);
    }
  }
  expect_memory(before);
  printf("all memory taken and freed %d times: %ld pages as before\n", rounds,
         before.pages);
  if (argc > 2)
    let_go();
  return 0;
}
