// failalloc.h - what the calls of t_failalloc share. A call is a function that
// returns 1 if it worked, 0 if it failed cleanly; failalloc_procs.h has those
// about processes and memory, failalloc_files.h those about files.

#ifndef TESTS_GUEST_FAILALLOC_H
#define TESTS_GUEST_FAILALLOC_H

#include "tests/guest/memory.h"

#define DIR "t_failalloc.dir"
#define FILLER "/t_failalloc.big"
#define BIG (40 * PAGE)

static char buf[BIG];
static char *lazy;
static int fd[2];
static int nth;                 // the allocation that fails
static int left;                // allocations from here to it, 0: it was

// Make a call with the nth allocation of this attempt to fail. The kernel
// counts only here, not in what the test does to see how it went. Nothing is
// stored before the counting has stopped, as a store may need a page.
#define TRY(call)                                                       \
  ({                                                                    \
    failalloc(left);                                                    \
    long try_result = (long)(call);                                     \
    int try_left = failalloc(0);                                        \
    left = try_left;                                                    \
    try_result;                                                         \
  })

static void
expect_same(const char *what, struct memory then)
{
  struct memory now = memory_now();

  if (now.pages == then.pages && now.objects == then.objects)
    return;
  printf("%s, allocation %d: pages %ld, were %ld; objects %ld, were %ld\n",
         what, nth, now.pages, then.pages, now.objects, then.objects);
  exit(97);
}

// What there is of the kernel's objects of that name.
static struct cacheinfo
objects(const char *name)
{
  struct cacheinfo ci = { .name = "" };

  for (int i = 0; strcmp(ci.name, name) != 0; i++)
    EXPECT_IS(cacheinfo(i, &ci), 0);
  return ci;
}

static int
size_of(const char *path)
{
  struct stat st;

  return stat(path, &st) < 0 ? -1 : (int)st.size;
}

// ---- what there is before a call --------------------------------------------

static void
open_append(void)
{
  unlink("there");
  fd[0] = open("there", O_CREATE | O_RDWR);
  EXPECT(fd[0] >= 0);
  EXPECT_IS(write(fd[0], "0123456789", 10), 10);
}

static void
close_it(void)
{
  close(fd[0]);
}

static void
make_there(void)
{
  open_append();
  close_it();
}

// Take all memory, so that the cache gives back what it has; and for what
// there is beyond what can be promised, read a large file.
static void
take_all(void)
{
  char *p;

  for (int n = 64; n > 0; n /= 64)
    while ((p = sbrk(n * PAGE)) != SBRK_ERROR)
      for (int i = 0; i < n; i++)
        p[i * PAGE] = 1;
  fd[0] = open(FILLER, O_RDONLY);
  EXPECT(fd[0] >= 0);
  while (read(fd[0], buf, BIG) > 0)
    ;
}

static void
copy_self(void)
{
  int from = open("/t_failalloc", O_RDONLY), n;
  int to = open("there", O_CREATE | O_WRONLY);

  EXPECT(from >= 0 && to >= 0);
  while ((n = read(from, buf, BIG)) > 0)
    EXPECT_IS(write(to, buf, n), n);
  close(from);
  close(to);
  EXPECT_IS(sync(), 0);
  EXPECT_IS(guest_status(take_all), 0);
}

static void
more_heap(void)
{
  lazy = sbrklazy(BIG);
  EXPECT(lazy != SBRK_ERROR);
}

static void
less_heap(void)
{
  EXPECT(sbrk(-BIG) != SBRK_ERROR);
}

static void
forget_files(void)
{
  EXPECT_IS(guest_status(take_all), 0);
  more_heap();
}

#endif
