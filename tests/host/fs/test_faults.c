// test_faults.c - no memory, a broken disk: each allocation and each disk
// request fails once.
//
// cc -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter
//    -fsanitize=address,undefined -fno-sanitize-recover=all -I.
//    -o build/test/test_faults tests/host/fs/test_faults.c
//    tests/host/fs/{fake_proc,fake_lock,fake_mm,fake_disk,fake_calls}.c
//    tests/host/fs/{model,model_image,stage}.c kernel/fs/*.c
//    mkfs/{image,replay,build,check,look}.c -lcmocka

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "kernel/fs/journal.h"
#include "tests/host/fs/stage.h"

// ---- no memory, broken disk ------------------------------------------------

// Everything once; any call may fail.
static void
try_all(const char *dir)
{
  static uint8_t buf[90000];
  char a[64], b[64];
  int fds[2];
  u_mkdir(dir);
  snprintf(a, sizeof(a), "%s/a", dir);
  snprintf(b, sizeof(b), "%s/b", dir);
  int fd = u_open(a, O_CREATE | O_RDWR);
  if (fd >= 0) {
    u_write(fd, buf, 90000);
    u_write(fd, buf, 90000);
    u_close(fd);
  }
  u_rename(a, b);
  u_link(b, a);
  fd = u_open(b, O_RDWR | O_TRUNC);
  if (fd >= 0) {
    u_unlink(b);
    u_write(fd, buf, 100);
    u_fsync(fd);
    u_close(fd);
  }
  if (u_pipe(fds) == 0) {
    u_write(fds[1], buf, 10000);
    u_read(fds[0], buf, 10000);
    u_close(fds[0]);
    u_close(fds[1]);
  }
  call(sys_sync, 0, 0, 0);
}

static void
without_memory(void *arg)
{
  try_all("/first");
  machine.fail_at = machine_allocs() + (long)arg;
  try_all("/second");
  machine.fail_at = 0;
  REQUIRE(u_mkdir("/third") == 0);
  int fd = u_open("/third/x", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 1);
  u_close(fd);
  fd = u_open("/third/x", O_RDONLY);
  check_pattern(fd, 90000, 1);
  u_close(fd);
  sync_all();
}

static void
test_no_memory(void **state)
{
  for (long n = 1; n <= 160; n++) {
    new_disk("2M", "64");
    run(without_memory, (void *)n);
    end_disk();
  }
}

// ---- no memory at boot -----------------------------------------------------

static struct told {
  bool mounted;
  long allocs; // when it was, or was refused
} *told;

// Leave the disk as a machine that goes down would: a file that is there, one
// that is open and has no name any more, and all of it in the journal only.
static void
go_down(void *arg)
{
  int fd = u_open("/there", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 1);
  u_close(fd);
  fd = u_open("/orphan", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pattern(fd, 0, 90000, 2);
  REQUIRE(u_unlink("/orphan") == 0);
  sync_all();
  _exit(0);
}

static void
look_after_mount(void *arg)
{
  told->mounted = true;
  told->allocs = machine_allocs();
  machine.fail_at = 0;
  int fd = u_open("/there", O_RDONLY);
  REQUIRE(fd >= 0);
  check_pattern(fd, 90000, 1);
  u_close(fd);
  sync_all();
}

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
  machine_run(look_after_mount, 0);
  if (!told->mounted)
    told->allocs = machine_allocs();
}

// Each allocation of a mount fails once: it is refused, or goes on without.
// The disk is what it was before for the next one, which succeeds.
static void
test_no_memory_at_mount(void **state)
{
  uint32_t refused = 0, mounted = 0;
  uint8_t *disk;

  told = mmap(0, sizeof(*told), PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(told != MAP_FAILED);
  new_disk("2M", "64");
  setup.fn = go_down;
  assert_int_equal(child_run(boot_setup, 0, 60), 0);
  disk = malloc(setup.size);
  memcpy(disk, setup.disk, setup.size);
  for (long n = 1;; n++) {
    *told = (struct told){ 0 };
    memcpy(setup.disk, disk, setup.size);
    assert_int_equal(child_run(mount_without, (void *)n, 60), 0);
    if (told->mounted && told->allocs < n)
      break;
    refused += !told->mounted;
    mounted += told->mounted;
    run(look_after_mount, 0);
    assert_true(told->mounted);
  }
  printf("mount: %u allocations refuse it, %u do not\n", refused, mounted);
  assert_true(refused > 10 && mounted > 0);
  free(disk);
  end_disk();
  munmap(told, sizeof(*told));
}

static void
broken_disk(void *arg)
{
  try_all("/first");
  machine.disk_fails_at = machine_requests() + (long)arg;
  try_all("/second");
  try_all("/third");
  machine.disk_fails_at = 0; // (what is left of it must be sound)
}

static void
test_broken_disk(void **state)
{
  for (long n = 1; n <= 40; n++) {
    new_disk("2M", "64");
    run(broken_disk, (void *)n);
    end_disk();
  }
}

// Whatever was done, and undone, memory is as it was.
static void
leaks(void *arg)
{
  size_t pages = 0, objects = 0;
  for (int i = 0; i < 30; i++) {
    if (i > 20)
      machine.fail_at = machine_allocs() + 17 * (i - 20);
    try_all("/d");
    machine.fail_at = 0;
    u_unlink("/d/a");
    u_unlink("/d/b");
    u_mkdir("/d"); // (it may have failed)
    REQUIRE(u_unlink("/d") == 0);
    while (journal.orphans > 0) // (a removal that failed is tried again)
      fiber_yield();
    REQUIRE(journal_reclaim() == 0);
    machine_shrink();
    if (i == 5) {
      pages = machine_pages_used();
      objects = machine_objects();
    }
    REQUIRE(i <= 5 || machine_pages_used() == pages);
    REQUIRE(i <= 5 || machine_objects() == objects);
  }
}

static void
test_leaks(void **state)
{
  new_disk("2M", "64");
  run(leaks, 0);
  end_disk();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_memory),
    cmocka_unit_test(test_no_memory_at_mount),
    cmocka_unit_test(test_broken_disk),
    cmocka_unit_test(test_leaks),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
