// test_damaged.c - damaged images.
//
// Bytes of a file system that has been in use are flipped: in its super
// block, journal, bitmap, inodes, directories, and blocks of block numbers;
// half of the time the checksums are made to fit again. The kernel must
// refuse the image, or work on: calls fail where the damage is. It must not
// panic, hang, touch memory that is not its own, or the disk behind its end.
// Nor may peachfs.
//
// FS_IMAGES sets the number of images, FS_SEED says where to begin.

#define _GNU_SOURCE
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
#include "tests/host/fs/crash.h"
#include "tests/host/fs/stage.h"

#define EVENTS      12000
#define MOST_INODES 60         // that the workload used
#define GUARD       (64 << 10) // bytes behind the image, which nobody may change

static size_t size;
static uint8_t *used;  // the disk with a log that is not empty yet,
static uint8_t *clean; // and with one that is
static uint8_t *disk;  // the one that is damaged, and GUARD
static bool *mounted;  // a child tells

// ---- a workload that meets everything --------------------------------------

static void
read_and_write(int fd)
{
  static char buf[8192];
  int64_t n = 1;
  for (int k = 0; k < 40 && n > 0; k++)
    n = u_read(fd, buf, sizeof(buf));
  u_write(fd, buf, sizeof(buf));
  u_close(fd);
}

static void poke_around(const char *dir, int deep);

static void
poke(const char *path, const char *other, int deep)
{
  const char *name = strrchr(path, '/') + 1;
  int fd = u_open(path, O_RDWR);
  if (fd >= 0)
    read_and_write(fd);
  else if (deep < 3 && name[0] != 0 && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0)
    poke_around(path, deep + 1);
  u_rename(path, other);
  u_link(other, path);
  u_unlink(path);
  if (machine_random(3) == 0 && (fd = u_open(other, O_RDWR | O_TRUNC)) >= 0)
    read_and_write(fd);
  u_unlink(other);
}

static void
poke_around(const char *dir, int deep)
{
  struct {
    uint16_t inum;
    char name[14];
  } e[64];
  char path[128], other[32];
  int fd = u_open(dir, O_RDONLY);
  if (fd < 0)
    return;
  int n = u_read(fd, e, sizeof(e)) / 16;
  for (int i = 0; i < n && i < 64; i++) {
    snprintf(path, sizeof(path), "%s/%.14s", dir, e[i].name);
    snprintf(other, sizeof(other), "/renamed%d", (int)machine_random(2));
    poke(path, other, deep);
  }
  u_close(fd);
}

static void
make_new(void *arg)
{
  char name[32];
  for (int i = 0; i < 20; i++) {
    snprintf(name, sizeof(name), "/new%d", i);
    int fd = u_open(name, O_CREATE | O_RDWR);
    if (fd >= 0)
      read_and_write(fd);
    u_mkdir(name + 1);
  }
  call(sys_sync, 0, 0, 0);
}

static void
use_damaged(void *arg)
{
  *mounted = true;
  fiber_start("new", make_new, 0);
  poke_around("", 0);
  call(sys_sync, 0, 0, 0);
}

static void
damaged_child(void *arg)
{
  uint64_t *seed = arg;
  machine = (struct machine){
    .disk = disk,
    .disk_bytes = size,
    .pages = 600,
    .seed = *seed,
    .switching = true,
  };
  machine_run(use_damaged, 0);
}

// peachfs on the image: one of its commands, which may end with a message.
static void
peachfs_child(void *arg)
{
  long which = (long)arg;
  struct image img;
  char path[64];
  REQUIRE(freopen("/dev/null", "w", stdout) != 0);
  REQUIRE(freopen("/dev/null", "w", stderr) != 0);
  int fd = memfd_create("image", 0);
  REQUIRE(fd >= 0 && write(fd, disk, size) == (ssize_t)size);
  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  char *ls[] = { path, "/" }, *cat[] = { path, "/d0/f0", "/d2/f3", "/d3/f5" };
  if (which == 0)
    cmd_ls(2, ls);
  else if (which == 1)
    cmd_cat(4, cat);
  else if (image_attach(&img, disk, size) == 0)
    image_check(&img, stdout);
}

// ---- damage ----------------------------------------------------------------

enum part { SUPER, HEAD, LOG, BITMAP, INODES, DIRS, NODES, ANY };
#define PARTS 8

// Blocks of directories, and of block numbers.
static uint32_t dirs[256], ndirs, nodes[256], nnodes;

static void
find_targets(void)
{
  struct fs_super *s = (void *)clean;
  struct fs_inode *d = (void *)(clean + s->inodes * 4096ul);
  for (uint32_t i = 1; i < MOST_INODES; i++) {
    for (int k = 0; k < FS_NDIRECT && d[i].type == FS_DIR; k++)
      if (d[i].addr[k] != 0 && ndirs < 256)
        dirs[ndirs++] = d[i].addr[k];
    if (d[i].type == FS_FILE && d[i].addr[FS_NDIRECT] != 0 && nnodes < 256)
      nodes[nnodes++] = d[i].addr[FS_NDIRECT];
  }
  assert_true(ndirs > 6 && nnodes >= 6);
}

static void
some_trees(void *arg)
{
  char name[32];
  for (int d = 0; d < 6; d++) {
    snprintf(name, sizeof(name), "/d%d", d);
    REQUIRE(u_mkdir(name) == 0);
    for (int f = 0; f < 6; f++) {
      snprintf(name, sizeof(name), "/d%d/f%d", d, f);
      int fd = u_open(name, O_CREATE | O_RDWR);
      REQUIRE(fd >= 0);
      write_pattern(fd, 0, f == 0 ? 95000 : 1 + machine_random(60000), f);
      u_close(fd);
    }
    sync_all();
  }
}

// A file system with something in it, before and after its log is replayed.
static void
make_images(void)
{
  struct image img;
  new_disk("3M", "200");
  run(some_trees, 0);
  size = setup.size;
  used = setup.disk;
  clean = malloc(size);
  memcpy(clean, used, size);
  assert_null(image_attach(&img, clean, size));
  assert_int_not_equal(memcmp(clean, used, size), 0);
  struct fs_head *h = (void *)(clean + img.super.journal * 4096ul);
  h->seq += 1000;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
  find_targets();
  disk = shared(size + GUARD);
  mounted = shared(sizeof(*mounted));
}

// A byte of that part.
static size_t
place(enum part part, const struct fs_super *s)
{
  switch (part) {
  case SUPER:
    return chance(FS_SUPER_WORDS * 8 + 8);
  case HEAD:
    return s->journal * 4096ul + chance(32);
  case LOG:
    return (s->journal + 1 + chance(chance(2) ? 3 : s->njournal - 1)) * 4096ul +
           chance(chance(2) ? 64 : 4096);
  case BITMAP:
    return s->bitmap * 4096ul + chance(s->nblocks / 8);
  case INODES:
    return s->inodes * 4096ul + chance(MOST_INODES * 128);
  case DIRS:
    return dirs[chance(ndirs)] * 4096ul + chance(chance(2) ? 64 : 512);
  case NODES:
    return nodes[chance(nnodes)] * 4096ul + chance(64);
  default:
    return chance(s->nblocks * 4096ul);
  }
}

static void
fix_sums(void)
{
  struct fs_super *s = (void *)disk;
  struct fs_head *h = (void *)(disk + 4096);
  if (chance(2))
    s->check = fs_hash(0, s, FS_SUPER_WORDS);
  if (chance(2))
    h->check = fs_hash(0, h, FS_HEAD_WORDS);
}

// Damage to what the log would bring back is done behind an empty one.
static void
do_damage(enum part part)
{
  struct fs_super super = *(struct fs_super *)used;
  memcpy(disk, part <= LOG ? used : clean, size);
  memset(disk + size, 0x77, GUARD);
  for (int k = 1 + chance(12); k > 0; k--) {
    uint8_t *at = disk + place(chance(4) ? part : chance(PARTS), &super);
    *at ^= chance(2) ? 1u << chance(8) : 1 + chance(255);
  }
  fix_sums();
}

static void
guard_stands(void)
{
  for (size_t i = 0; i < GUARD; i++)
    assert_int_equal(disk[size + i], 0x77);
}

// One image; returns whether the kernel mounted it.
static bool
use_one(enum part part, uint64_t seed)
{
  do_damage(part);
  for (long i = 0; i < (seed % 4 == 0 ? 2 : 0); i++) {
    int r = child_run(peachfs_child, (void *)i, 20);
    assert_true(r == 0 || r == 2);
  }
  *mounted = false;
  int r = child_run(damaged_child, &seed, 20);
  if (r != 0)
    fprintf(stderr, "part %d, seed %lu: %d\n", part, seed, r);
  assert_int_equal(r, 0);
  guard_stands();
  if (*mounted)
    assert_int_equal(child_run(peachfs_child, (void *)2, 20), 0);
  return *mounted;
}

static void
test_flips(void **state)
{
  static const char *const names[PARTS] = { "super block",   "journal's head",
                                            "log",           "bitmap",
                                            "inodes",        "directories",
                                            "block numbers", "anywhere" };
  int images = env("FS_IMAGES", 200), refused[PARTS] = { 0 };
  int used_up[PARTS] = { 0 };
  chance_seed(1);
  make_images();
  for (int i = 0; i < images; i++) {
    if (use_one(i % PARTS, chance(1 << 30) + 1))
      used_up[i % PARTS]++;
    else
      refused[i % PARTS]++;
  }
  for (int p = 0; p < PARTS; p++) {
    print_message("%s: %d images refused, %d used\n", names[p], refused[p],
                  used_up[p]);
    assert_true(used_up[p] > 0 && (p > HEAD || refused[p] > 0));
  }
  print_message("%d damaged images\n", images);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_flips),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
