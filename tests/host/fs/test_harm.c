// test_harm.c - damage to one file is an error on that file.
//
// What can still be read of it is right, its other calls fail, and the files
// beside it are as they were.

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
#include "tests/host/fs/stage.h"

static struct fs_super *super;
static struct fs_inode *inodes;

static void
three_files(void *arg)
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
  sync_all();
}

static uint32_t *
node_of(int inum)
{
  return (uint32_t *)(setup.disk + inodes[inum].addr[FS_NDIRECT] * 4096ul);
}

// To /d/f0, inode 3; what of it can still be read.
static const struct harm {
  const char *name;
  int at; // block, or node entry, or -1: the inode
  uint32_t value;
  int64_t readable; // bytes; -1: it cannot be opened
} harms[] = {
  { "wild block", 2, 0xfffffff0, 2 * 4096 },
  { "block of the bitmap", 2, 137, 2 * 4096 },
  { "hole", 3, 0, 3 * 4096 },
  { "wild node", FS_NDIRECT, 0xfffffff0, 20 * 4096 },
  { "no node", FS_NDIRECT, 0, 20 * 4096 },
  { "wild entry of the node", FS_NDIRECT + FS_NTREES, 1, 20 * 4096 },
  { "too long", -1, 1 << 20, 90112 },
  { "impossible size", -1, 0, -1 },
  { "impossible type", -2, 9, -1 },
};

static void
do_harm(const struct harm *h)
{
  struct fs_inode *d = &inodes[3];
  if (h->at == -2)
    d->type = h->value;
  else if (h->at == -1)
    d->size = h->value != 0 ? h->value : FS_MAXSIZE + 1;
  else if (h->at == FS_NDIRECT + FS_NTREES)
    node_of(3)[0] = h->value;
  else
    d->addr[h->at] = h->value;
}

// Read all that can be read; it must be right. Returns how much, and whether
// the end was an error.
static int64_t
read_all(int fd, int salt, uint64_t written, bool *error)
{
  static uint8_t buf[3000];
  int64_t n, at = 0;
  while ((n = u_read(fd, buf, sizeof(buf))) > 0)
    for (int64_t i = 0; i < n; i++, at++)
      REQUIRE(buf[i] == ((uint64_t)at < written ? pattern(at, salt) : 0));
  *error = n < 0;
  return at;
}

static void
use_harmed(void *arg)
{
  const struct harm *h = arg;
  bool error = true;
  int fd = u_open("/d/f0", O_RDWR);
  REQUIRE((fd < 0) == (h->readable < 0));
  if (fd >= 0) {
    REQUIRE(read_all(fd, 0, 90000, &error) == h->readable && error);
    u_close(fd);
  }
  for (int i = 1; i < 3; i++) {
    char name[] = "/d/f0";
    name[4] += i;
    REQUIRE((fd = u_open(name, O_RDWR)) >= 0);
    REQUIRE(read_all(fd, i, 90000, &error) == 90000 && !error);
    u_close(fd);
  }
  REQUIRE((fd = u_open("/d/new", O_CREATE | O_RDWR)) >= 0);
  write_pattern(fd, 0, 50000, 9);
  u_close(fd);
  REQUIRE(u_rename("/d/f1", "/d/g") == 0 && u_unlink("/d/f2") == 0);
  sync_all();
}

static void
harmed_child(void *arg)
{
  machine = (struct machine){
    .disk = setup.disk,
    .disk_bytes = setup.size,
    .pages = 600,
    .seed = 1,
  };
  REQUIRE(machine_run(use_harmed, arg) == 0);
}

// A disk with the files, its log empty; and a copy of it.
static uint8_t *
make_good(void)
{
  struct image img;
  new_disk("2M", "64");
  run(three_files, 0);
  assert_null(image_attach(&img, setup.disk, setup.size)); // (replays)
  struct fs_head *head = (void *)(setup.disk + img.super.journal * 4096ul);
  head->seq += 1000;
  head->check = fs_hash(0, head, FS_HEAD_WORDS);
  super = (void *)setup.disk;
  inodes = (void *)(setup.disk + super->inodes * 4096ul);
  uint8_t *good = malloc(setup.size);
  memcpy(good, setup.disk, setup.size);
  return good;
}

static void
test_others_stand(void **state)
{
  uint8_t *good = make_good();
  for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
    memcpy(setup.disk, good, setup.size);
    do_harm(&harms[i]);
    if (child_run(harmed_child, (void *)&harms[i], 20) != 0)
      fail_msg("%s: not as it should be", harms[i].name);
  }
  free(good);
  end_disk();
}

// ---- a block of two files --------------------------------------------------

static void
writer(void *arg)
{
  for (int i = 0; i < 60; i++) {
    int fd = u_open("/d/f0", O_RDWR);
    REQUIRE(fd >= 0);
    write_pattern(fd, 0, 20000, i);
    u_close(fd);
  }
}

static void
syncer(void *arg)
{
  for (int i = 0; i < 100; i++) {
    call(sys_sync, 0, 0, 0);
    fiber_yield();
  }
}

// While the one writes into the block, the other gives it back.
static void
two_owners(void *arg)
{
  fiber_start("writer", writer, 0);
  fiber_start("syncer", syncer, 0);
  for (int i = 0; i < 30; i++) {
    int fd = u_open("/d/f1", O_RDWR | O_CREATE);
    REQUIRE(fd >= 0);
    u_write(fd, user, 20000);
    u_close(fd);
    fiber_yield();
    if (i % 3 == 2)
      u_unlink("/d/f1");
    else if ((fd = u_open("/d/f1", O_RDWR | O_TRUNC)) >= 0)
      u_close(fd);
  }
}

static void
owners_child(void *arg)
{
  machine = (struct machine){
    .disk = setup.disk,
    .disk_bytes = setup.size,
    .pages = 400,
    .seed = (long)arg,
    .switching = true,
  };
  REQUIRE(machine_run(two_owners, 0) == 0);
}

static void
test_two_owners(void **state)
{
  uint8_t *good = make_good();
  for (long seed = 1; seed <= 40; seed++) {
    memcpy(setup.disk, good, setup.size);
    for (int i = 0; i < 5; i++)
      inodes[3].addr[i] = inodes[4].addr[i];
    if (child_run(owners_child, (void *)seed, 20) != 0)
      fail_msg("seed %ld", seed);
  }
  free(good);
  end_disk();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_others_stand),
    cmocka_unit_test(test_two_owners),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
