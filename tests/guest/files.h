// files.h - shared by the test programs about files.

#ifndef TESTS_GUEST_FILES_H
#define TESTS_GUEST_FILES_H

#include "tests/guest/guest.h"

#define BUFFER 8192

static char buf[BUFFER];

// Each case works in a directory of its own, which is empty again at its end.
static inline void
enter(const char *dir)
{
  EXPECT_IS(mkdir(dir), 0);
  EXPECT_IS(chdir(dir), 0);
}

static inline void
leave(const char *dir)
{
  EXPECT_IS(chdir("/"), 0);
  EXPECT_IS(unlink(dir), 0);
}

// Make a file, and leave it open.
static inline int
make(const char *path, const char *content)
{
  int fd = open(path, O_CREATE | O_RDWR);

  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, content, strlen(content)), strlen(content));
  return fd;
}

static inline void
content_is(const char *path, const char *content)
{
  int fd = open(path, O_RDONLY), n = strlen(content);

  EXPECT(fd >= 0);
  memset(buf, 0, n + 1);
  EXPECT_IS(read(fd, buf, BUFFER), n);
  EXPECT_IS(memcmp(buf, content, n), 0);
  EXPECT_IS(read(fd, buf, BUFFER), 0);
  close(fd);
}

#endif
