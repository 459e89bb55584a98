// stage.c - one test's disk and child.

#include <sanitizer/asan_interface.h>
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

#include "kernel/fs/fs.h"
#include "tests/host/fs/stage.h"

struct setup setup;

void
boot_setup(void *arg)
{
  machine = (struct machine){
    .disk = setup.disk,
    .disk_bytes = setup.size,
    .pages = setup.pages,
    .seed = setup.seed,
    .switching = setup.switching,
    .log = setup.log,
  };
  REQUIRE(machine_run(setup.fn, setup.arg) == 0);
}

void
new_disk(const char *bytes, const char *inodes)
{
  new_disk_journal(bytes, inodes, "136");
}

// The pages of the disk before serve again if it had the same size, and mkfs is
// not asked twice for the same image.
void
new_disk_journal(const char *bytes, const char *inodes, const char *journal)
{
  static char made[64]; // what image is
  static uint8_t *image;
  static size_t size;
  char wanted[sizeof(made)];
  snprintf(wanted, sizeof(wanted), "%s %s %s", bytes, inodes, journal);
  if (strcmp(made, wanted) != 0) {
    free(image);
    image = fresh_image(bytes, inodes, journal, &size);
    strcpy(made, wanted);
  }
  ASAN_UNPOISON_MEMORY_REGION(setup.disk, setup.size);
  if (setup.size != size) {
    if (setup.disk != 0)
      munmap(setup.disk, setup.size);
    setup.disk =
      mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(setup.disk != MAP_FAILED);
    setup.size = size;
  }
  memcpy(setup.disk, image, setup.size);
  setup.pages = 1000;
  setup.seed = 1;
  setup.switching = false;
  setup.log = 0;
}

uint32_t
findings(FILE *out)
{
  struct image img;
  image_of(&img, setup.disk, setup.size);
  return image_check(&img, out);
}

void
end_disk(void)
{
  ASAN_POISON_MEMORY_REGION(setup.disk, setup.size);
}

void
run(void (*fn)(void *), void *arg)
{
  setup.fn = fn;
  setup.arg = arg;
  assert_int_equal(child_run(boot_setup, 0, 60), 0);
  assert_int_equal(findings(stderr), 0);
}

void
sync_all(void)
{
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
}

uint8_t
pattern(uint64_t i, uint32_t salt)
{
  return (i * 2654435761u + salt * 40503u) >> 16 ^ i;
}

void
write_pattern(int fd, uint64_t at, int n, uint32_t salt)
{
  static uint8_t buf[100000];
  for (int i = 0; i < n; i++)
    buf[i] = pattern(at + i, salt);
  REQUIRE(u_write(fd, buf, n) == n);
}

void
check_pattern(int fd, uint64_t size, uint32_t salt)
{
  static uint8_t buf[50000];
  int64_t n;
  uint64_t at = 0;
  while ((n = u_read(fd, buf, sizeof(buf))) > 0)
    for (int64_t i = 0; i < n; i++, at++)
      REQUIRE(buf[i] == pattern(at, salt));
  REQUIRE(n == 0 && at == size);
}
