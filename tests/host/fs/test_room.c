// test_room.c - all memory is spoken for, and in use: what the journal was
// promised is enough for every operation, nobody waits for ever, and what it
// holds beyond that goes back.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "kernel/fs/journal.h"
#include "kernel/mm/mm.h"
#include "tests/host/fs/stage.h"

// The kernel keeps some pages a hart back, too; here they are for blocks of
// the inode table that are in use, and for readers.
#define MARGIN 64
#define CROWD_MOST 10

static void *taken[8192];
static int ntaken;

// Speak for all memory there is, and use it.
static void
take_all(void)
{
  REQUIRE(mm_reserve(MARGIN) == 0);
  while (mm_reserve(1) == 0)
    ntaken++;
  mm_unreserve(MARGIN);
  REQUIRE(ntaken > 1000);
  for (int i = 0; i < ntaken; i++) {
    taken[i] = page_alloc();
    REQUIRE(taken[i] != 0); // (it was promised)
  }
}

static void
give_all(void)
{
  for (int i = 0; i < ntaken; i++)
    page_free(taken[i]);
  mm_unreserve(ntaken);
  ntaken = 0;
}

// ---- what was at hand ------------------------------------------------------

static int going;

static void
holds_much(void *arg)
{
  REQUIRE(op_begin(60) == 0);
  for (int i = 0; i < 20; i++)
    fiber_yield();
  op_end(60);
  going--;
}

// Many operations at once leave many pages at hand.
static void
pages_at_hand(void *arg)
{
  going = 2 * CROWD_MOST;
  for (int i = 0; i < 2 * CROWD_MOST; i++)
    fiber_start("holds much", holds_much, 0);
  while (going > 0)
    fiber_yield();
  int fd = u_open("/f", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 50000, 1);
  sync_all();
  take_all();
  write_pattern(fd, 50000, 50000, 1);
  give_all();
  u_close(fd);
  fd = u_open("/f", O_RDONLY);
  check_pattern(fd, 100000, 1);
  sync_all();
}

static void
test_pages_at_hand(void **state)
{
  new_disk_journal("6M", "300", "4000");
  setup.pages = 6000;
  run(pages_at_hand, 0);
  end_disk();
}

// ---- everything, in no memory ----------------------------------------------

// With everything that a process does to files, while there is room on the
// disk: nothing may fail.
static void
works(void *arg)
{
  char dir[16], a[32], b[32];
  sprintf(dir, "/d%d", (int)(long)arg);
  sprintf(a, "%s/a", dir);
  sprintf(b, "%s/b", dir);
  for (int i = 0; i < 12; i++) {
    REQUIRE(u_mkdir(dir) == 0);
    int fd = u_open(a, O_CREATE | O_RDWR);
    REQUIRE(fd >= 0);
    write_pattern(fd, 0, 60000, i);
    write_pattern(fd, 60000, 60000, i);
    if (i % 3 == (long)arg % 3)
      sync_all();
    u_close(fd);
    REQUIRE(u_link(a, b) == 0 && u_unlink(a) == 0 && u_rename(b, a) == 0);
    fd = u_open(a, O_RDWR);
    REQUIRE(fd >= 0);
    check_pattern(fd, 120000, i);
    u_close(fd);
    fd = u_open(a, O_RDWR | O_TRUNC);
    REQUIRE(fd >= 0);
    REQUIRE(u_unlink(a) == 0);
    write_pattern(fd, 0, 30000, i);
    u_close(fd);
    REQUIRE(u_unlink(dir) == 0);
  }
  going--;
}

static void
no_memory_left(void *arg)
{
  int fd = u_open("/f", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 1);
  sync_all();
  take_all();
  going = (long)arg;
  for (long i = 0; i < (long)arg; i++)
    fiber_start("works", works, (void *)i);
  while (going > 0)
    fiber_yield();
  REQUIRE(journal.orphans == 0);
  REQUIRE(journal_reclaim() == 0);
  REQUIRE(journal.pool <= journal.base + JOURNAL_SLACK);
  REQUIRE(journal.nstash == 0);
  give_all();
  u_close(fd);
}

static void
test_no_memory_left(void **state)
{
  for (long n = 1; n <= CROWD_MOST; n += 3) {
    new_disk_journal("9M", "300", n > 1 ? "2000" : "136");
    setup.pages = 3000;
    setup.seed = n;
    setup.switching = true;
    run(no_memory_left, (void *)n);
    end_disk();
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_pages_at_hand),
    cmocka_unit_test(test_no_memory_left),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
