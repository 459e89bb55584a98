// test_crash.c - crashes between any two disk writes, and damaged images.
//
// A workload runs on the real kernel/fs/ while all disk writes are recorded.
// Then the disk is cut: what was flushed before the cut is there, of what
// came after the last flush each write is there, or not, or in part (some of
// its sectors). The image must check without a finding, be one of the states
// that the workload went through, in order, and no older than the last sync;
// and the kernel must mount it and leave it in that state.
//
// FS_CUTS sets the number of cuts, FS_SEED where to begin.
//
// cc -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter
//    -fsanitize=address,undefined -fno-sanitize-recover=all -I.
//    -o build/test/test_crash tests/host/fs/test_crash.c
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

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

#define EVENTS 12000

static uint64_t seed = 1;

static uint64_t
chance(uint64_t n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed % n;
}

static void *
shared(size_t n)
{
  void *p =
    mmap(0, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(p != MAP_FAILED);
  return p;
}

static int
env(const char *name, int dflt)
{
  const char *s = getenv(name);
  return s != 0 ? atoi(s) : dflt;
}

// ---- recording -------------------------------------------------------------

static struct record {
  uint8_t *base; // the disk before
  size_t size;
  struct disk_log *log;  // shared with the child
  struct model_run *run; // too
} record;

static void
record_child(void *arg)
{
  struct record *r = arg;
  machine = (struct machine){
    .disk = r->base,
    .disk_bytes = r->size,
    .log = r->log,
    .pages = 1024,
    .seed = r->run->seed,
    .switching = true,
  };
  REQUIRE(machine_run(model_workload, r->run) == 0);
}

static void
record_workload(enum workload kind, uint64_t run_seed)
{
  bool small = kind == REUSE; // so that each block is used many times
  record.base = fresh_image(small ? "500K" : "3M", "200", "136", &record.size);
  record.log->n = 0;
  record.log->max = EVENTS;
  record.run->kind = kind;
  record.run->seed = run_seed;
  record.run->ops = small ? 1500 : 500;
  record.run->most = small ? 300 << 10 : 2 << 20;
  assert_int_equal(child_run(record_child, &record, 60), 0);
  uint32_t flushes = 0;
  for (uint32_t i = 0; i < record.log->n; i++)
    flushes += record.log->event[i].flush;
  print_message("workload %d: %u disk writes, %u flushes, %u synced\n", kind,
                record.log->n - flushes, flushes,
                record.log->event[record.log->n - 1].synced);
  assert_true(flushes > 20 && record.log->n > 4 * flushes);
}

// ---- cutting ---------------------------------------------------------------

static void
apply(uint8_t *disk, const struct disk_event *e, uint8_t sectors)
{
  for (int s = 0; s < 8; s++)
    if (sectors >> s & 1)
      memcpy(disk + (size_t)e->no * 4096 + s * 512, e->data + s * 512, 512);
}

// The disk after a crash before event `cut`.
static void
crash(uint8_t *disk, uint32_t cut)
{
  uint32_t durable = 0, how = chance(4);
  memcpy(disk, record.base, record.size);
  for (uint32_t i = 0; i < cut; i++)
    if (record.log->event[i].flush && record.log->event[i].upto > durable)
      durable = record.log->event[i].upto;
  for (uint32_t i = 0; i < cut; i++) {
    const struct disk_event *e = &record.log->event[i];
    if (e->flush)
      continue;
    if (i < durable || how == 0)
      apply(disk, e, 0xff);
    else if (how == 1 && chance(2))
      apply(disk, e, 0xff);
    else if (how == 2)
      apply(disk, e, chance(3) == 0 ? chance(256) : 0xff);
  }
}

// Which of the states lo..hi this is, or -1.
static int
which_state(struct image *img, int lo, int hi)
{
  uint64_t s = image_state(img);
  for (int k = hi; k >= lo; k--)
    if (record.run->after[k] == s)
      return k;
  return -1;
}

static void
just_mount(void *arg)
{
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
  int fd = u_open("/after", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  u_close(fd);
  REQUIRE(u_unlink("/after") == 0);
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
}

static void
mount_child(void *arg)
{
  machine = (struct machine){
    .disk = arg,
    .disk_bytes = record.size,
    .pages = 512,
    .seed = 7,
  };
  REQUIRE(machine_run(just_mount, 0) == 0);
}

static void
check_cut(uint8_t *disk, uint32_t cut)
{
  static uint8_t *copy;
  struct image img;
  const struct disk_event *e = &record.log->event[cut];
  copy = realloc(copy, record.size);
  memcpy(copy, disk, record.size);
  assert_null(image_attach(&img, copy, record.size));
  assert_int_equal(image_check(&img, stderr), 0);
  int k = which_state(&img, e->synced, e->issued);
  if (k < 0)
    fprintf(stderr, "cut %u: none of the states %u to %u\n", cut, e->synced,
            e->issued);
  assert_true(k >= 0);
  assert_int_equal(child_run(mount_child, disk, 20), 0);
  assert_null(image_attach(&img, disk, record.size));
  assert_int_equal(image_check(&img, stderr), 0);
  img.orphans = 0; // and none may be left
  assert_int_equal(image_check(&img, stderr), 0);
  assert_int_equal(image_state(&img), record.run->after[k]);
}

static void
test_cuts(void **state)
{
  int cuts = env("FS_CUTS", 280), per = cuts / WORKLOADS;
  record.log = shared(sizeof(*record.log) + EVENTS * sizeof(struct disk_event));
  record.run = shared(sizeof(*record.run));
  seed = env("FS_SEED", 1) * 0x9e3779b97f4a7c15ull;
  for (enum workload kind = 0; kind < WORKLOADS; kind++) {
    record_workload(kind, chance(1 << 30) + 1);
    uint8_t *disk = shared(record.size);
    for (int i = 0; i < per; i++) {
      uint32_t cut = chance(record.log->n);
      crash(disk, cut);
      check_cut(disk, cut);
    }
    munmap(disk, record.size);
    free(record.base);
  }
}

// ---- damaged images --------------------------------------------------------

static void
poke_around(const char *dir, int deep)
{
  struct {
    uint16_t inum;
    char name[14];
  } e[64];
  static char buf[8192];
  int fd = u_open(dir, O_RDONLY), n;
  if (fd < 0)
    return;
  n = u_read(fd, e, sizeof(e)) / 16;
  for (int i = 0; i < n && i < 64; i++) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%.14s", dir, e[i].name);
    int f = u_open(path, O_RDWR);
    for (int k = 0; f >= 0 && k < 40 && u_read(f, buf, sizeof(buf)) > 0; k++)
      ;
    if (f >= 0) {
      u_write(f, buf, sizeof(buf));
      u_close(f);
    } else if (deep < 3 && e[i].name[0] != 0 && strcmp(e[i].name, ".") != 0 &&
               strcmp(e[i].name, "..") != 0) {
      poke_around(path, deep + 1);
    }
    u_rename(path, "/renamed");
    u_link("/renamed", path);
    u_unlink(path);
    u_unlink("/renamed");
  }
  u_close(fd);
}

static void
use_damaged(void *arg)
{
  char name[32];
  poke_around("", 0);
  for (int i = 0; i < 20; i++) {
    snprintf(name, sizeof(name), "/new%d", i);
    int fd = u_open(name, O_CREATE | O_RDWR);
    if (fd >= 0) {
      u_write(fd, user, 30000);
      u_close(fd);
    }
    u_mkdir(name + 1);
  }
  call(sys_sync, 0, 0, 0);
}

static void
damaged_child(void *arg)
{
  machine = (struct machine){
    .disk = arg,
    .disk_bytes = record.size,
    .pages = 600,
    .seed = 9,
  };
  machine_run(use_damaged, 0);
}

// A file system with something in it, and a log.
static void
used_image(void)
{
  record.log = shared(sizeof(*record.log) + EVENTS * sizeof(struct disk_event));
  record.run = shared(sizeof(*record.run));
  record_workload(MIXED, 77);
  for (uint32_t i = 0; i < record.log->n; i++)
    if (!record.log->event[i].flush)
      apply(record.base, &record.log->event[i], 0xff);
}

// A place worth damaging.
static size_t
place(const struct fs_super *s)
{
  uint64_t block = 0;
  switch (chance(8)) {
  case 0:
    return chance(88); // super block
  case 1:
    block = s->journal + chance(3);
    break;
  case 2:
    block = s->journal + chance(s->njournal);
    break;
  case 3:
    return s->bitmap * 4096ull + chance(s->nblocks / 8);
  case 4:
  case 5:
    return s->inodes * 4096ull + chance(60 * 128);
  default:
    block = s->data + chance((s->nblocks - s->data) / 4);
    break;
  }
  return block * 4096 + chance(4096);
}

static void
fix_sums(uint8_t *disk)
{
  struct fs_super *s = (void *)disk;
  if (chance(2))
    s->check = fs_hash(0, s, FS_SUPER_WORDS);
  struct fs_head *h = (void *)(disk + 4096);
  if (chance(2))
    h->check = fs_hash(0, h, FS_HEAD_WORDS);
}

static void
test_damaged(void **state)
{
  int images = env("FS_IMAGES", 150);
  seed = env("FS_SEED", 1) * 0x9e3779b97f4a7c15ull;
  used_image();
  struct fs_super super = *(struct fs_super *)record.base;
  uint8_t *disk = shared(record.size);
  for (int i = 0; i < images; i++) {
    uint64_t began = seed;
    memcpy(disk, record.base, record.size);
    for (int k = 1 + chance(12); k > 0; k--)
      disk[place(&super)] ^= chance(2) ? 1u << chance(8) : 1 + chance(255);
    fix_sums(disk);
    int r = child_run(damaged_child, disk, 20);
    if (r != 0)
      fprintf(stderr, "image %d, seed %lu: %d\n", i, began, r);
    assert_int_equal(r, 0);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cuts),
    cmocka_unit_test(test_damaged),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
