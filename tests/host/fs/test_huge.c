// test_huge.c - a file that needs trees of all depths.
//
// FS_HUGE sets its size in MiB; from 4101 on it needs the tree of depth 3. The
// blocks of such a file are not kept whole (fake.h: folded), all others are.

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

#define PIECE (64 << 10) // bytes of one write
#define WORDS (PIECE / 8)

static char path[] = "/tmp/peachfs.XXXXXX";
static size_t size;     // of the disk
static uint64_t pieces; // of the file
static bool *gone;      // shared: the file has been removed

// A new disk, in a file with holes.
static void
make_disk(long mib)
{
  char room[32];
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  snprintf(room, sizeof(room), "%ldM", mib + mib / 500 + 4);
  char *argv[] = { path, "-s", room, "-i", "64" };
  assert_int_equal(cmd_build(5, argv), 0);
  size = lseek(fd, 0, SEEK_END);
  close(fd);
}

static void *
map_disk(int how)
{
  FILE *f = fopen(path, "r+");
  assert_non_null(f);
  void *p =
    mmap(0, size, PROT_READ | PROT_WRITE, how | MAP_NORESERVE, fileno(f), 0);
  assert_true(p != MAP_FAILED);
  fclose(f);
  return p;
}

// Each block of piece i is full of a word of its own.
static uint64_t
word(uint64_t i, int k)
{
  return (i * 16 + k / 512 + 1) * 0x9e3779b97f4a7c15ull | 1;
}

static void
write_pieces(int fd)
{
  static uint64_t buf[WORDS];
  for (uint64_t i = 0; i < pieces; i++) {
    for (int k = 0; k < WORDS; k++)
      buf[k] = word(i, k);
    REQUIRE(u_write(fd, buf, PIECE) == PIECE);
  }
}

static void
read_pieces(int fd)
{
  static uint64_t buf[WORDS];
  for (uint64_t i = 0; i < pieces; i++) {
    REQUIRE(u_read(fd, buf, PIECE) == PIECE);
    for (int k = 0; k < WORDS; k++)
      REQUIRE(buf[k] == word(i, k));
  }
  REQUIRE(u_read(fd, buf, 1) == 0);
}

static void
huge_file(void *arg)
{
  int fd = u_open("/huge", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  write_pieces(fd);
  REQUIRE(u_fsync(fd) == 0 && u_size(fd) == (int64_t)(pieces * PIECE));
  u_close(fd);
  fd = u_open("/huge", O_RDONLY);
  read_pieces(fd);
  u_close(fd);
}

static void
no_file(void *arg)
{
  REQUIRE(u_unlink("/huge") == 0);
  REQUIRE(u_open("/huge", O_RDONLY) == -1);
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
  *gone = true;
}

static void
child(void *fn)
{
  machine = (struct machine){
    .disk = map_disk(MAP_SHARED),
    .disk_bytes = size,
    .folded = calloc(size / 4096, sizeof(uint64_t)),
    .pages = 4000,
    .seed = 1,
  };
  REQUIRE(machine_run((void (*)(void *))fn, 0) == 0);
}

// What the checker finds in an image that is only in part in memory.
static uint32_t
findings_on_disk(uint64_t *file_size)
{
  struct image img;
  void *base = map_disk(MAP_PRIVATE);
  assert_null(image_attach(&img, base, size));
  uint32_t n = image_check(&img, stderr), inum = image_path(&img, "/huge");
  *file_size = inum != 0 ? image_inode(&img, inum)->size : 0;
  munmap(base, size);
  return n;
}

static void
test_huge(void **state)
{
  long mib = env("FS_HUGE", 64);
  uint64_t got;
  make_disk(mib);
  pieces = ((uint64_t)mib << 20) / PIECE;
  gone = shared(sizeof(*gone));
  assert_int_equal(child_run(child, (void *)huge_file, 600), 0);
  assert_int_equal(findings_on_disk(&got), 0);
  assert_int_equal(got, pieces * PIECE);
  assert_int_equal(child_run(child, (void *)no_file, 600), 0);
  assert_true(*gone);
  assert_int_equal(findings_on_disk(&got), 0);
  assert_int_equal(got, 0);
  unlink(path);
  print_message("%ld MiB written, read and removed\n", mib);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_huge),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
