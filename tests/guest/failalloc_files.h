// failalloc_files.h - calls about files, of which each allocation fails once.

#ifndef TESTS_GUEST_FAILALLOC_FILES_H
#define TESTS_GUEST_FAILALLOC_FILES_H

#include "tests/guest/failalloc.h"

static int
do_open(void)
{
  int f = TRY(open("there", O_RDWR));

  if (f < 0)
    return 0;
  close(f);
  return 1;
}

static int
do_create(void)
{
  int f = TRY(open("new", O_CREATE | O_RDWR));

  if (f < 0)
    return 0;
  close(f);
  return 1;
}

static void
undo_new(void)
{
  unlink("new");
  EXPECT_IS(size_of("new"), -1);
}

// All of a write, or a part that the file has, or nothing.
static int
do_write(void)
{
  int n = TRY(write(fd[0], buf, BIG)), size = size_of("there");

  EXPECT(n == -1 || (n > 0 && n <= BIG));
  EXPECT_IS(size, 10 + (n > 0 ? n : 0));
  return n == BIG;
}

// More pages than the journal keeps at hand, even right after a commit.
static int
write_much(int f)
{
  int all = 0, n;

  for (int i = 0; i < 3; i++) {
    n = write(f, buf, BIG);
    if (n > 0)
      all += n;
    if (n != BIG)
      break;
  }
  return all;
}

static int
do_write_much(void)
{
  int n = TRY(write_much(fd[0]));

  EXPECT_IS(size_of("there"), 10 + n);
  return n == 3 * BIG;
}

// After so many pages that more have to be promised to the journal, which
// gives back at a commit what it was promised before.
static void
open_more(void)
{
  int f = open("new", O_CREATE | O_RDWR);

  EXPECT(f >= 0);
  EXPECT_IS(sync(), 0);
  for (int i = 0; i < 4; i++)
    EXPECT_IS(write(f, buf, BIG), BIG);
  close(f);
  open_append();
}

static void
close_more(void)
{
  close_it();
  undo_new();
}

static int
do_overwrite(void)
{
  int f = open("there", O_RDWR), n;

  n = TRY(write(f, "abc", 3));
  close(f);
  EXPECT(n == -1 || n == 3);
  return n == 3;
}

static int
do_truncate(void)
{
  int f = TRY(open("there", O_RDWR | O_TRUNC));

  if (f < 0) {
    EXPECT(size_of("there") == 10);
    return 0;
  }
  close(f);
  EXPECT_IS(size_of("there"), 0);
  return 1;
}

static int
do_read(void)
{
  int f = open("there", O_RDONLY), n;

  n = TRY(read(f, lazy, 10));
  close(f);
  EXPECT(n == -1 || n == 10);
  return n == 10;
}

// From the disk, as nothing of it is in memory any more.
static int
do_read_disk(void)
{
  int f = open("/schedtest", O_RDONLY), n, again;

  EXPECT(f >= 0);
  n = TRY(read(f, lazy, BIG));
  EXPECT(n == -1 || n > 0);
  again = read(f, lazy, BIG);
  EXPECT_IS(again, size_of("/schedtest") - (n > 0 ? n : 0));
  close(f);
  return n > 0;
}

static int
do_mkdir(void)
{
  return TRY(mkdir("new")) == 0;
}

static int
do_mknod(void)
{
  return TRY(mknod("new", 1, 0)) == 0;
}

static int
do_link(void)
{
  return TRY(link("there", "new")) == 0;
}

static int
do_unlink(void)
{
  int ok = TRY(unlink("there")) == 0;

  EXPECT_IS(size_of("there"), ok ? -1 : 10);
  return ok;
}

static int
do_rename(void)
{
  int ok = TRY(rename("there", "new")) == 0;

  EXPECT_IS(size_of("new"), ok ? 10 : -1);
  EXPECT_IS(size_of("there"), ok ? -1 : 10);
  return ok;
}

static void
there_and_heap(void)
{
  make_there();
  more_heap();
}

static int
do_open_disk(void)
{
  int f = TRY(open("/wc", O_RDONLY));

  if (f >= 0)
    close(f);
  return f >= 0;
}

static void
undo_disk(void)
{
  undo_new();
  less_heap();
}

static int
do_chdir(void)
{
  int ok = TRY(chdir("/" DIR)) == 0;

  EXPECT_IS(size_of("there"), 10);
  return ok;
}

static int
do_sync(void)
{
  return TRY(sync()) == 0 && TRY(fsync(fd[0])) == 0;
}

static int
do_stat(void)
{
  struct stat st;

  return TRY(stat("there", &st)) == 0 && TRY(fstat(fd[0], &st)) == 0 &&
         TRY(close(dup(fd[0]))) == 0;
}

#endif
