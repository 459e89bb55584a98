// test_nameless.c - files and directories without a name go when their last
// user does: their blocks and their inode are free then, whatever else goes
// on, and not at the next mount.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "kernel/fs/journal.h"
#include "kernel/proc/current.h"
#include "tests/host/fs/crash.h"
#include "tests/host/fs/stage.h"

#define SECOND 1000000000ull

// What the checker finds when it is told that nothing nameless may be there.
static uint32_t
left_over(void)
{
  struct image img;
  image_of(&img, setup.disk, setup.size);
  img.orphans = 0;
  return image_check(&img, stderr);
}

static void
run_and_look(void (*fn)(void *), void *arg)
{
  run(fn, arg);
  assert_int_equal(left_over(), 0);
}

// A file with blocks of block numbers of depth 1, nothing of it in memory.
static int
nameless_file(const char *name)
{
  int fd = u_open(name, O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 1);
  write_pattern(fd, 90000, 90000, 1);
  REQUIRE(u_unlink(name) == 0);
  REQUIRE(journal_reclaim() == 0);
  machine_shrink();
  return fd;
}

// ---- the last users come and go at once ------------------------------------

static int going;

static void
comes_and_goes(void *arg)
{
  for (int i = 0; i < 60; i++) {
    int fd = u_open("/f", O_CREATE | O_RDWR);
    if (fd >= 0) {
      u_write(fd, "peach", 5);
      u_close(fd);
    }
    u_unlink("/f");
  }
  going--;
}

static void
goes_in_and_out(void *arg)
{
  for (int i = 0; i < 60; i++) {
    u_mkdir("/d");
    u_chdir("/d");
    u_unlink("/d");
    u_chdir("/");
    u_unlink("/d");
  }
  going--;
}

static void
many_users(void *arg)
{
  going = 6;
  for (int i = 0; i < 4; i++)
    fiber_start("comes and goes", comes_and_goes, 0);
  for (int i = 0; i < 2; i++)
    fiber_start("in and out", goes_in_and_out, 0);
  while (going > 0)
    fiber_yield();
  REQUIRE(journal.orphans == 0);
  sync_all();
}

static void
test_last_users_race(void **state)
{
  for (uint64_t seed = 1; seed <= 20; seed++) {
    new_disk("2M", "64");
    setup.seed = seed;
    setup.switching = true;
    run_and_look(many_users, 0);
    end_disk();
  }
}

// ---- without memory --------------------------------------------------------

static bool
all_gone(uint64_t within)
{
  uint64_t until = clock_ns() + within;
  while (journal.orphans > 0 && clock_ns() < until)
    fiber_yield();
  return journal.orphans == 0;
}

static void
leave_by_close(void *arg)
{
  int fd = nameless_file("/f");
  REQUIRE(journal.orphans == 1);
  machine.fail_at = machine_allocs() + (long)arg;
  u_close(fd);
  machine.fail_at = 0;
  REQUIRE(all_gone(3 * SECOND));
  sync_all();
}

static void
exits(void *arg)
{
  nameless_file("/f");
  REQUIRE(u_mkdir("/d") == 0 && u_chdir("/d") == 0 && u_unlink("/d") == 0);
  REQUIRE(journal_reclaim() == 0);
  machine_shrink();
  machine.fail_at = machine_allocs() + (long)arg;
  going--;
}

static void
leave_by_exit(void *arg)
{
  going = 1;
  fiber_start("exits", exits, arg);
  while (going > 0)
    fiber_yield();
  uint64_t until = clock_ns() + SECOND;
  while (clock_ns() < until)
    fiber_yield();
  machine.fail_at = 0;
  REQUIRE(all_gone(3 * SECOND));
  sync_all();
}

static void
leave_by_chdir(void *arg)
{
  REQUIRE(u_mkdir("/d") == 0 && u_chdir("/d") == 0 && u_unlink("/d") == 0);
  REQUIRE(journal_reclaim() == 0);
  machine_shrink();
  for (int i = 0; i < 3; i++) {
    machine.fail_at = machine_allocs() + (long)arg;
    if (u_chdir("/") == 0)
      break;
  }
  machine.fail_at = 0;
  u_chdir("/");
  REQUIRE(all_gone(3 * SECOND));
  sync_all();
}

// The program is run while it loses its name.
static void
leave_by_exec(void *arg)
{
  int fd = u_open("/f", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 1);
  u_close(fd);
  struct inode *ip = fs_open_exec(current_files(), "/f");
  REQUIRE(ip != 0);
  void *text = fs_page(ip, 4096);
  REQUIRE(text != 0);
  REQUIRE(u_unlink("/f") == 0);
  machine.fail_at = machine_allocs() + (long)arg;
  fs_close_exec(ip);
  machine.fail_at = 0;
  REQUIRE(all_gone(3 * SECOND));
  for (int i = 0; i < 4096; i++)
    REQUIRE(((uint8_t *)text)[i] == pattern(4096 + i, 1));
  page_free(text);
  sync_all();
}

static void
test_no_memory(void **state)
{
  static void (*const ways[])(void *) = { leave_by_close, leave_by_exit,
                                          leave_by_chdir, leave_by_exec };
  for (int w = 0; w < 4; w++) {
    for (long n = 1; n <= 16; n++) {
      new_disk("2M", "64");
      run_and_look(ways[w], (void *)n);
      end_disk();
    }
  }
}

// ---- on the way up ---------------------------------------------------------

// Go down with files that have no name.
static void
go_down(void *arg)
{
  for (int i = 0; i < 3; i++) {
    char name[16];
    sprintf(name, "/f%d", i);
    nameless_file(name);
  }
  sync_all();
  _exit(0);
}

static void
do_nothing(void *arg)
{
  machine.fail_at = 0;
  all_gone(3 * SECOND);
  REQUIRE(journal_reclaim() == 0); // (the log says nothing any more)
}

static bool *mounted;

static void
mount_without(void *arg)
{
  machine = (struct machine){
    .disk = setup.disk,
    .disk_bytes = setup.size,
    .pages = setup.pages,
    .seed = setup.seed,
    .fail_at = (long)arg,
  };
  *mounted = machine_run(do_nothing, 0) == 0;
}

// One allocation of a mount fails. If it was not refused, then the files are
// gone, or the next mount knows of them.
static void
test_mount(void **state)
{
  uint32_t n_mounted = 0;
  mounted = shared(sizeof(*mounted));
  new_disk("2M", "64");
  setup.fn = go_down;
  assert_int_equal(child_run(boot_setup, 0, 60), 0);
  uint8_t *disk = malloc(setup.size);
  memcpy(disk, setup.disk, setup.size);
  for (long n = 1; n <= 80; n++) {
    memcpy(setup.disk, disk, setup.size);
    assert_int_equal(child_run(mount_without, (void *)n, 60), 0);
    if (!*mounted)
      continue;
    n_mounted++;
    assert_int_equal(findings(stderr), 0);
    run_and_look(do_nothing, 0);
  }
  assert_true(n_mounted > 20);
  free(disk);
  end_disk();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_last_users_race),
    cmocka_unit_test(test_no_memory),
    cmocka_unit_test(test_mount),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
