// fake_calls.c - system calls as a fiber makes them: arguments go through its
// share of user memory.

#include <stdio.h>
#include <string.h>

#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/stat.h"
#include "tests/host/fs/fake_private.h"

int64_t
call(int64_t (*fn)(const uint64_t *), uint64_t a, uint64_t b, uint64_t c)
{
  uint64_t args[6] = { a, b, c };
  return fn(args);
}

// Each fiber has the last pages of user memory for its arguments: two
// strings, and room to copy through.
#define ARGS  (256 << 10)
#define SHARE ((USER_SIZE - ARGS) / FIBERS)

static uint8_t *
share(void)
{
  return user + ARGS + (running - fibers) * SHARE;
}

static uint64_t
put_str(int k, const char *s)
{
  char *to = (char *)share() + k * 256;
  snprintf(to, 256, "%s", s);
  return (uint64_t)to;
}

int
u_open(const char *path, int mode)
{
  return call(sys_open, put_str(0, path), mode, 0);
}

int64_t
u_read(int fd, void *dst, int n)
{
  CHECK(n <= (int)SHARE - 512);
  int64_t r = call(sys_read, fd, (uint64_t)share() + 512, n);
  if (r > 0)
    memcpy(dst, share() + 512, r);
  return r;
}

int64_t
u_write(int fd, const void *src, int n)
{
  CHECK(n <= (int)SHARE - 512);
  memcpy(share() + 512, src, n);
  return call(sys_write, fd, (uint64_t)share() + 512, n);
}

int
u_close(int fd)
{
  return call(sys_close, fd, 0, 0);
}

int
u_mkdir(const char *path)
{
  return call(sys_mkdir, put_str(0, path), 0, 0);
}

int
u_unlink(const char *path)
{
  return call(sys_unlink, put_str(0, path), 0, 0);
}

int
u_link(const char *from, const char *to)
{
  return call(sys_link, put_str(0, from), put_str(1, to), 0);
}

int
u_rename(const char *from, const char *to)
{
  return call(sys_rename, put_str(0, from), put_str(1, to), 0);
}

int
u_chdir(const char *path)
{
  return call(sys_chdir, put_str(0, path), 0, 0);
}

int
u_fsync(int fd)
{
  return call(sys_fsync, fd, 0, 0);
}

int
u_pipe(int fd[2])
{
  int64_t r = call(sys_pipe, (uint64_t)share(), 0, 0);
  memcpy(fd, share(), 2 * sizeof(int));
  return r;
}

int64_t
u_size(int fd)
{
  struct stat *st = (struct stat *)share();
  return call(sys_fstat, fd, (uint64_t)st, 0) < 0 ? -1 : (int64_t)st->size;
}
