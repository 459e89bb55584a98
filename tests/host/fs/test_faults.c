// test_faults.c - no memory, a broken disk, damage: each allocation and each
// disk request fails once, and the checker finds each kind of damage.
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

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "kernel/fs/internal.h"
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
    REQUIRE(u_unlink("/d") == 0);
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

// ---- the checker -----------------------------------------------------------

static struct fs_super *super;
static struct fs_inode *inodes;

static void
some_files(void *arg)
{
  REQUIRE(u_mkdir("/d") == 0);  // inode 2
  for (int i = 0; i < 3; i++) { // 3, 4, 5
    char name[] = "/d/f0";
    name[4] += i;
    int fd = u_open(name, O_CREATE | O_RDWR);
    REQUIRE(fd >= 0);
    write_pattern(fd, 0, 90000, i); // (22 blocks and a node)
    u_close(fd);
  }
  REQUIRE(u_mkdir("/d/e") == 0); // 6
  sync_all();
}

static void *
block(uint32_t no)
{
  return setup.disk + (size_t)no * 4096;
}

static struct fs_dirent *
entry(int dir, int k)
{
  return (struct fs_dirent *)block(inodes[dir].addr[0]) + k;
}

static void
d_bit_cleared(void)
{
  ((uint8_t *)block(super->bitmap))[inodes[3].addr[0] / 8] = 0;
}
static void
d_bit_set(void)
{
  ((uint8_t *)block(super->bitmap))[(super->nblocks - 9) / 8] |= 1;
}
static void
d_meta_bit(void)
{
  ((uint8_t *)block(super->bitmap))[0] &= ~2;
}
static void
d_links(void)
{
  inodes[3].nlink++;
}
static void
d_dir_links(void)
{
  inodes[2].nlink--;
}
static void
d_shared(void)
{
  inodes[3].addr[1] = inodes[4].addr[1];
}
static void
d_wild(void)
{
  inodes[3].addr[2] = 0xfffffff0;
}
static void
d_low(void)
{
  inodes[3].addr[2] = super->bitmap;
}
static void
d_hole(void)
{
  inodes[3].addr[3] = 0;
}
static void
d_long(void)
{
  inodes[3].size += 8192;
}
static void
d_short(void)
{
  inodes[3].size -= 8192;
}
static void
d_node(void)
{
  ((uint32_t *)block(inodes[4].addr[20]))[0] = 1;
}
static void
d_type(void)
{
  inodes[4].type = 9;
}
static void
d_free(void)
{
  inodes[4].type = FS_FREE;
}
static void
d_lost(void)
{
  inodes[9] = inodes[0];
  inodes[9].type = FS_FILE;
  inodes[9].nlink = 1;
}
static void
d_orphan(void)
{
  d_lost();
  inodes[9].nlink = 0;
}
static void
d_target(void)
{
  entry(2, 2)->inum = 40;
}
static void
d_far(void)
{
  entry(2, 2)->inum = 65000;
}
static void
d_twice(void)
{
  *entry(2, 2) = *entry(2, 3);
}
static void
d_dot(void)
{
  entry(2, 0)->inum = 1;
}
static void
d_dotdot(void)
{
  entry(6, 1)->inum = 1;
}
static void
d_no_dots(void)
{
  entry(6, 0)->inum = 0;
}
static void
d_slash(void)
{
  entry(2, 2)->name[1] = '/';
}
static void
d_junk(void)
{
  entry(2, 2)->name[13] = 'x';
}
static void
d_no_name(void)
{
  memset(entry(2, 2)->name, 0, 14);
}
static void
d_second(void)
{
  entry(2, 4)->inum = 6;
}
static void
d_circle(void)
{
  entry(2, 5)->inum = 1;
}
static void
d_dir_size(void)
{
  inodes[2].size += 8;
}
static void
d_root(void)
{
  inodes[1].type = FS_FILE;
}

static void (*const damage[])(void) = {
  d_bit_cleared, d_bit_set, d_meta_bit, d_links,    d_dir_links, d_shared,
  d_wild,        d_low,     d_hole,     d_long,     d_short,     d_node,
  d_type,        d_free,    d_lost,     d_orphan,   d_target,    d_far,
  d_twice,       d_dot,     d_dotdot,   d_no_dots,  d_slash,     d_junk,
  d_no_name,     d_second,  d_circle,   d_dir_size, d_root,
};

// The log is replayed, and emptied, so that the damage is not undone.
static void
empty_log(void)
{
  struct image img;
  assert_null(image_attach(&img, setup.disk, setup.size));
  struct fs_head *h = (void *)(setup.disk + 4096ul * img.super.journal);
  h->seq += 1000;
  h->orphans = 0;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
}

static void
test_checker(void **state)
{
  uint8_t *good;
  new_disk("2M", "64");
  run(some_files, 0);
  empty_log();
  assert_int_equal(findings(stderr), 0);
  super = (void *)setup.disk;
  inodes = block(super->inodes);
  good = malloc(setup.size);
  memcpy(good, setup.disk, setup.size);
  for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
    memcpy(setup.disk, good, setup.size);
    damage[i]();
    if (findings(0) == 0)
      fail_msg("damage %zu is not found", i);
  }
  free(good);
  end_disk();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_memory),
    cmocka_unit_test(test_broken_disk),
    cmocka_unit_test(test_leaks),
    cmocka_unit_test(test_checker),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
