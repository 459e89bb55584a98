// test_fs.c - the file system on the host: what calls do, a full disk, many
// processes at once, pipes.
//
// Each test runs in a child on an image of its own, and the image is checked
// afterwards.
//
// cc -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter
//    -fsanitize=address,undefined -fno-sanitize-recover=all -I.
//    -o build/test/test_fs tests/host/fs/test_fs.c
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
#include "tests/host/fs/stage.h"

// ---- large files -----------------------------------------------------------

// Past the direct blocks, the first tree and into the second.
static void
large_file(void *arg)
{
  uint64_t size = 0;
  int fd = u_open("/big", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0);
  for (int i = 0; i < 80; i++) {
    write_pattern(fd, size, 90000, 5);
    size += 90000;
  }
  u_close(fd);
  fd = u_open("/big", O_RDWR);
  check_pattern(fd, size, 5);
  u_close(fd);
  fd = u_open("/big", O_RDWR | O_TRUNC);
  REQUIRE(u_size(fd) == 0);
  write_pattern(fd, 0, 100, 6);
  u_close(fd);
  fd = u_open("/big", O_RDONLY);
  check_pattern(fd, 100, 6);
  u_close(fd);
  REQUIRE(u_unlink("/big") == 0);
  sync_all();
}

static void
test_large(void **state)
{
  new_disk("10M", "64");
  setup.pages = 300; // so that it does not all fit
  run(large_file, 0);
  end_disk();
}

static void
large_dir(void *arg)
{
  char name[32];
  REQUIRE(u_mkdir("/d") == 0);
  for (int i = 0; i < 3000; i++) {
    snprintf(name, sizeof(name), "/d/f%d", i);
    int fd = u_open(name, O_CREATE | O_RDWR);
    REQUIRE(fd >= 0);
    u_close(fd);
  }
  for (int i = 0; i < 3000; i += 2) {
    snprintf(name, sizeof(name), "/d/f%d", i);
    REQUIRE(u_unlink(name) == 0);
  }
  for (int i = 0; i < 3000; i++) {
    snprintf(name, sizeof(name), "/d/f%d", i);
    int fd = u_open(name, O_RDONLY);
    REQUIRE((fd >= 0) == (i % 2 == 1));
    if (fd >= 0)
      u_close(fd);
  }
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof(name), "/d/g%d", i);
    REQUIRE(u_mkdir(name) == 0);
  }
  int fd = u_open("/d", O_RDONLY);
  REQUIRE(u_size(fd) == 3002 * 16); // free slots were used again
  u_close(fd);
  REQUIRE(u_unlink("/d") == -1);
  sync_all();
}

static void
test_large_dir(void **state)
{
  new_disk("6M", "5000");
  run(large_dir, 0);
  end_disk();
}

// ---- corners ---------------------------------------------------------------

static void
corners(void *arg)
{
  int fd, fds[2];
  REQUIRE(u_mkdir("/12345678901234") == 0);
  REQUIRE(u_mkdir("12345678901234/123456789012345") == 0);
  REQUIRE(u_mkdir("/12345678901234/12345678901234") == -1);
  REQUIRE(u_open("/..", O_RDONLY) >= 0);
  REQUIRE(u_unlink("/.") == -1 && u_unlink("/..") == -1);
  REQUIRE(u_unlink("/") == -1 && u_unlink("") == -1);
  REQUIRE(u_open("", O_CREATE) == -1 && u_mkdir("") == -1);
  REQUIRE(u_open("/", O_RDWR) == -1 && u_open("/", O_CREATE) == -1);
  REQUIRE(u_link("/12345678901234", "/x") == -1);
  REQUIRE(u_rename("/12345678901234", "/12345678901234/y") == -1);
  REQUIRE((fd = u_open("/f", O_CREATE | O_RDWR)) >= 0);
  REQUIRE(u_open("/f/g", O_CREATE | O_RDWR) == -1);
  REQUIRE(u_mkdir("/f") == -1 && u_chdir("/f") == -1);
  REQUIRE(call(sys_write, fd, 1, 10) == -1);
  REQUIRE(call(sys_write, fd, ~0ull - 5, 10) == -1);
  REQUIRE(call(sys_write, fd, (uint64_t)user, -1) == -1);
  REQUIRE(call(sys_read, fd, (uint64_t)user, 1u << 31) == -1);
  REQUIRE(call(sys_read, 1ull << 32 | fd, (uint64_t)user, 1) == 0);
  REQUIRE(u_size(fd) == 0);
  REQUIRE(call(sys_pipe, 8, 0, 0) == -1);
  REQUIRE(u_pipe(fds) == 0);
  REQUIRE(u_close(fds[1]) == 0 && u_close(fds[1]) == -1);
  REQUIRE(u_read(fds[0], user, 10) == 0);
  REQUIRE(u_pipe(fds) == 0 && u_close(fds[0]) == 0);
  REQUIRE(u_write(fds[1], "x", 1) == -1);
  REQUIRE(u_fsync(fd) == 0 && u_fsync(fds[1]) == -1);
  // a directory that is removed while somebody is in it
  REQUIRE(u_mkdir("/gone") == 0 && u_chdir("/gone") == 0);
  REQUIRE(u_unlink("/gone") == 0);
  REQUIRE(u_open("x", O_CREATE | O_RDWR) == -1);
  REQUIRE(u_mkdir("x") == -1 && u_link("/f", "x") == -1);
  REQUIRE(u_rename("/f", "x") == -1);
  REQUIRE(u_chdir("..") == 0 && u_open("f", O_RDONLY) >= 0);
  sync_all();
}

static void
test_corners(void **state)
{
  new_disk("1M", "64");
  run(corners, 0);
  end_disk();
}

// ---- full ------------------------------------------------------------------

static void
fill_disk(void *arg)
{
  static char buf[30000];
  for (int round = 0; round < 3; round++) {
    int fd = u_open("/a", O_CREATE | O_RDWR);
    int64_t n, size = 0;
    REQUIRE(fd >= 0);
    while ((n = u_write(fd, buf, sizeof(buf))) > 0)
      size += n;
    REQUIRE(n == -1 && size > 900000);
    REQUIRE(u_size(fd) == size);
    REQUIRE(u_mkdir("/d") == -1);
    u_close(fd);
    fd = u_open("/b", O_CREATE | O_RDWR); // (needs no block)
    REQUIRE(fd >= 0 && u_write(fd, buf, 1) == -1);
    u_close(fd);
    REQUIRE(u_unlink("/a") == 0 && u_unlink("/b") == 0);
    REQUIRE(u_mkdir("/d") == 0 && u_unlink("/d") == 0);
  }
  sync_all();
}

static void
no_inodes(void *arg)
{
  char name[32];
  int n = 0;
  for (;; n++) {
    snprintf(name, sizeof(name), "/f%d", n);
    int fd = u_open(name, O_CREATE | O_RDWR);
    if (fd < 0)
      break;
    u_close(fd);
  }
  REQUIRE(n == 62 && u_mkdir("/d") == -1);
  REQUIRE(u_unlink("/f3") == 0);
  REQUIRE(u_mkdir("/d") == 0);
  sync_all();
}

static void
test_full(void **state)
{
  new_disk("1M", "64");
  run(fill_disk, 0);
  run(no_inodes, 0);
  end_disk();
}

// ---- many processes --------------------------------------------------------

static void
worker(void *arg)
{
  long id = (long)arg;
  char dir[32], a[64], b[64];
  snprintf(dir, sizeof(dir), "/w%ld", id);
  REQUIRE(u_mkdir(dir) == 0);
  for (int i = 0; i < 25; i++) {
    int size = 1 + machine_random(60000);
    snprintf(a, sizeof(a), "%s/a%d", dir, (int)machine_random(4));
    snprintf(b, sizeof(b), "/common/%d", (int)machine_random(3));
    int fd = u_open(a, O_CREATE | O_RDWR | O_TRUNC);
    REQUIRE(fd >= 0);
    write_pattern(fd, 0, size, id);
    u_close(fd);
    fd = u_open(a, O_RDONLY);
    check_pattern(fd, size, id);
    u_close(fd);
    switch (machine_random(6)) {
    case 0:
      u_link(a, b);
      break;
    case 1:
      u_rename(a, b);
      break;
    case 2:
      u_unlink(b);
      break;
    case 3:
      u_mkdir(b);
      break;
    case 4:
      sync_all();
      break;
    case 5: // a file without a name
      snprintf(b, sizeof(b), "/common/o%ld", id);
      fd = u_open(b, O_CREATE | O_RDWR);
      u_unlink(b);
      if (fd >= 0) {
        write_pattern(fd, 0, 5000, id);
        u_close(fd);
      }
      break;
    }
  }
}

static void
many(void *arg)
{
  REQUIRE(u_mkdir("/common") == 0);
  for (long i = 0; i < 6; i++)
    fiber_start("worker", worker, (void *)i);
}

static void
test_many(void **state)
{
  for (uint64_t seed = 1; seed <= 12; seed++) {
    new_disk("6M", "300");
    setup.seed = seed * 7919;
    setup.switching = true;
    setup.pages = seed % 2 ? 260 : 900;
    run(many, 0);
    end_disk();
  }
}

// ---- pipes -----------------------------------------------------------------

static int pipe_fd[2];

static void
pipe_writer(void *arg)
{
  uint64_t at = 0;
  while (at < 400000) {
    int n = 1 + machine_random(machine_random(2) ? 20000 : 300);
    write_pattern(pipe_fd[1], at, n, 3);
    at += n;
  }
  u_close(pipe_fd[1]);
  u_close(pipe_fd[0]);
}

static void
piping(void *arg)
{
  static uint8_t buf[30000];
  uint64_t at = 0;
  int64_t n;
  REQUIRE(u_pipe(pipe_fd) == 0);
  fiber_fork("writer", pipe_writer, 0);
  u_close(pipe_fd[1]);
  while ((n = u_read(pipe_fd[0], buf, 1 + machine_random(30000))) > 0)
    for (int64_t i = 0; i < n; i++, at++)
      REQUIRE(buf[i] == pattern(at, 3));
  REQUIRE(n == 0 && at >= 400000);
}

static void
test_pipes(void **state)
{
  for (uint64_t seed = 1; seed <= 8; seed++) {
    new_disk("1M", "64");
    setup.seed = seed;
    setup.switching = true;
    run(piping, 0);
    end_disk();
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_large),   cmocka_unit_test(test_large_dir),
    cmocka_unit_test(test_corners), cmocka_unit_test(test_full),
    cmocka_unit_test(test_many),    cmocka_unit_test(test_pipes),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
