// full.c - a disk with no room: writes stop, nothing is lost, and when files
// are removed there is room again.

#include "kernel/fs.h"
#include "tests/guest/guest.h"

#define DIR "t_full.dir"

static char buf[64 * 1024];

// Fill files until one cannot be written further. Returns the bytes written.
static uint64
fill(int *files)
{
  char name[16];
  uint64 all = 0;

  for (*files = 0;; ++*files) {
    int fd, n, k;

    snprintf(name, sizeof(name), "f%d", *files);
    fd = open(name, O_CREATE | O_WRONLY);
    if (fd < 0)
      return all;
    for (k = 0; k < 32; k++) {
      memset(buf, *files * 32 + k, sizeof(buf));
      n = write(fd, buf, sizeof(buf));
      all += n > 0 ? n : 0;
      if (n < (int)sizeof(buf))
        break;
    }
    close(fd);
    if (k < 32) {
      ++*files;
      return all;
    }
  }
}

static uint64
check(int files)
{
  char name[16];
  uint64 all = 0;

  for (int i = 0; i < files; i++) {
    int fd, n, at = 0;

    snprintf(name, sizeof(name), "f%d", i);
    fd = open(name, O_RDONLY);
    EXPECT(fd >= 0);
    while ((n = read(fd, buf, sizeof(buf))) > 0) {
      for (int b = 0; b < n; b += 500)
        EXPECT_IS(buf[b], (char)(i * 32 + (at + b) / (int)sizeof(buf)));
      at += n;
    }
    EXPECT_IS(n, 0);
    close(fd);
    all += at;
  }
  return all;
}

static void
remove_all(int files)
{
  char name[16];

  for (int i = 0; i < files; i++) {
    snprintf(name, sizeof(name), "f%d", i);
    EXPECT_IS(unlink(name), 0);
  }
}

static void
no_blocks(void)
{
  uint64 first, second;
  int files;

  EXPECT_IS(mkdir(DIR), 0);
  EXPECT_IS(chdir(DIR), 0);
  first = fill(&files);
  EXPECT(first > 1 << 20);
  EXPECT(check(files) >= first);
  EXPECT_IS(sync(), 0);
  remove_all(files);
  EXPECT_IS(sync(), 0);
  second = fill(&files);
  EXPECT(second + first / 50 >= first);
  remove_all(files);
  EXPECT_IS(chdir("/"), 0);
  EXPECT_IS(unlink(DIR), 0);
}

// As many empty files as there may be.
static void
no_inodes(void)
{
  char name[16];
  int n, fd;

  EXPECT_IS(mkdir(DIR), 0);
  EXPECT_IS(chdir(DIR), 0);
  for (n = 0; n < 70000; n++) {
    snprintf(name, sizeof(name), "f%d", n);
    fd = open(name, O_CREATE | O_WRONLY);
    if (fd < 0)
      break;
    close(fd);
  }
  EXPECT(n > 100);
  EXPECT_IS(mkdir("d"), -1);
  remove_all(n);
  EXPECT_IS(mkdir("d"), 0);
  EXPECT_IS(unlink("d"), 0);
  EXPECT_IS(chdir("/"), 0);
  EXPECT_IS(unlink(DIR), 0);
}

static const struct guest_case cases[] = {
  { "no_blocks", no_blocks },
  { "no_inodes", no_inodes },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
