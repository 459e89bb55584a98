// test_cache.c - who waits for the disk, and who does not: write-back, group
// commit, the commit that nobody asked for, read-ahead.

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
#include "kernel/proc/current.h"
#include "tests/host/fs/crash.h"
#include "tests/host/fs/stage.h"

#define SECOND 1000000000ull

static struct disk_log *log;

// Disk writes, or flushes, since event `from`.
static uint32_t
count_events(uint32_t from, bool flush)
{
  uint32_t n = 0;
  for (uint32_t i = from; i < log->n; i++)
    n += log->event[i].flush == flush;
  return n;
}

static void
make_file(const char *name, int size)
{
  int fd = u_open(name, O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  for (int at = 0; at < size; at += 50000)
    write_pattern(fd, at, size - at < 50000 ? size - at : 50000, 1);
  u_close(fd);
}

// ---- write-back ------------------------------------------------------------

// One of everything; none of it waits for the disk.
static void
one_of_each(int i)
{
  char a[32], b[32], d[32];
  snprintf(a, sizeof(a), "/a%d", i);
  snprintf(b, sizeof(b), "/b%d", i);
  snprintf(d, sizeof(d), "/d%d", i);
  make_file(a, 9000);
  REQUIRE(u_link(a, b) == 0 && u_mkdir(d) == 0);
  REQUIRE(u_rename(b, a) == 0 && u_rename(a, d + 1) == -1);
  REQUIRE(u_unlink(b) == 0 && u_unlink(d) == 0);
  int fd = u_open(a, O_RDWR | O_TRUNC);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 100, 2);
  u_close(fd);
}

static void
sync_fiber(void *arg)
{
  sync_all();
  *(bool *)arg = true;
}

// The disk stands still, at first with nothing to do, then in the midst of a
// commit. If anybody but sync waited for it, nobody could run any more.
static void
stuck_disk(void *arg)
{
  static bool synced;
  one_of_each(0); // (what must be read is in memory now)
  sync_all();
  machine.disk_stuck = true;
  uint32_t before = log->n;
  for (int i = 1; i < 8; i++)
    one_of_each(i);
  REQUIRE(log->n == before);
  fiber_start("sync", sync_fiber, &synced);
  while (journal.seq == journal.done + 1)
    fiber_yield();
  for (int i = 8; i < 16; i++)
    one_of_each(i);
  REQUIRE(log->n == before && !synced);
  machine.disk_stuck = false;
  while (!synced)
    fiber_yield();
  sync_all();
}

// Small writes to the same blocks reach the disk as one.
static void
small_writes(void *arg)
{
  int fd = u_open("/f", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  sync_all();
  uint32_t before = log->n;
  for (int i = 0; i < 400; i++)
    write_pattern(fd, i * 20, 20, 3);
  REQUIRE(log->n == before);
  sync_all();
  REQUIRE(count_events(before, false) <= 8 && count_events(before, true) == 2);
}

// ---- group commit ----------------------------------------------------------

static void
fsyncs(void *arg)
{
  char name[32];
  snprintf(name, sizeof(name), "/f%ld", (long)arg);
  int fd = u_open(name, O_CREATE | O_RDWR | O_APPEND);
  for (int i = 0; i < 20; i++) {
    write_pattern(fd, i * 500, 500, (long)arg);
    REQUIRE(u_fsync(fd) == 0);
  }
  u_close(fd);
}

static void
many_fsyncs(void *arg)
{
  for (long i = 0; i < 8; i++)
    fiber_start("fsyncs", fsyncs, (void *)i);
}

// ---- the commit that nobody asked for --------------------------------------

static void
within_a_second(void *arg)
{
  for (int i = 0; i < 40; i++) {
    char name[32];
    snprintf(name, sizeof(name), "/f%d", i);
    make_file(name, 1 + machine_random(30000));
    uint64_t began = clock_ns(), seq = journal.seq;
    if (journal_empty())
      continue; // (it was quicker)
    while (journal.done < seq)
      fiber_yield();
    REQUIRE(clock_ns() - began < SECOND);
    for (int k = machine_random(4000); k > 0; k--)
      fiber_yield();
  }
}

// ---- read-ahead ------------------------------------------------------------

static void
read_in_order(void *arg)
{
  int size = 3 << 20;
  make_file("/f", size);
  REQUIRE(journal_reclaim() == 0);
  machine_shrink();
  long before = machine_requests();
  int fd = u_open("/f", O_RDONLY);
  check_pattern(fd, size, 1);
  u_close(fd);
  long requests = machine_requests() - before;
  REQUIRE(requests >= size / 65536 && requests < size / 4096 / 8);
  before = machine_requests();
  fd = u_open("/f", O_RDONLY);
  check_pattern(fd, size, 1);
  u_close(fd);
  REQUIRE(machine_requests() == before); // all is in memory
}

// ---- all of them -----------------------------------------------------------

static struct disk_log *
start(bool switching)
{
  log = log_new(8000);
  new_disk("6M", "300");
  setup.log = log;
  setup.switching = switching;
  return log;
}

static void
test_stuck_disk(void **state)
{
  start(true);
  run(stuck_disk, 0);
  end_disk();
}

static void
test_small_writes(void **state)
{
  start(false);
  run(small_writes, 0);
  end_disk();
}

static void
test_group_commit(void **state)
{
  start(true);
  run(many_fsyncs, 0);
  uint32_t commits = count_events(0, true) / 2;
  print_message("160 fsyncs by 8 processes: %u commits\n", commits);
  assert_true(commits < 100);
  end_disk();
}

static void
test_one_second(void **state)
{
  start(true);
  run(within_a_second, 0);
  assert_true(count_events(0, true) > 40);
  end_disk();
}

static void
test_read_ahead(void **state)
{
  start(false);
  setup.pages = 1500;
  run(read_in_order, 0);
  end_disk();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_stuck_disk),   cmocka_unit_test(test_small_writes),
    cmocka_unit_test(test_group_commit), cmocka_unit_test(test_one_second),
    cmocka_unit_test(test_read_ahead),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
