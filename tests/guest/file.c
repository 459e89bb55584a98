// file.c - files: what is written is read, offsets, modes, sizes, and many
// files at once.

#include "kernel/fs.h"
#include "kernel/param.h"
#include "tests/guest/files.h"

#define DIR "t_file.dir"

static void
write_and_read(void)
{
  struct stat st;

  enter(DIR);
  close(make("a", "hello"));
  content_is("a", "hello");
  EXPECT_IS(stat("a", &st), 0);
  EXPECT_IS(st.type, T_FILE);
  EXPECT_IS(st.nlink, 1);
  EXPECT_IS(st.size, 5);
  EXPECT(st.ino > ROOTINO);
  close(make("a", "J"));
  content_is("a", "Jello");
  close(open("a", O_WRONLY | O_TRUNC));
  content_is("a", "");
  EXPECT_IS(unlink("a"), 0);
  EXPECT_IS(open("a", O_RDONLY), -1);
  leave(DIR);
}

static void
modes(void)
{
  int fd;

  enter(DIR);
  close(make("a", "abc"));
  fd = open("a", O_RDONLY);
  EXPECT_IS(write(fd, "x", 1), -1);
  EXPECT_IS(read(fd, buf, 1), 1);
  close(fd);
  EXPECT_IS(read(fd, buf, 1), -1);
  fd = open("a", O_WRONLY);
  EXPECT_IS(read(fd, buf, 1), -1);
  EXPECT_IS(write(fd, "x", 1), 1);
  close(fd);
  content_is("a", "xbc");
  EXPECT_IS(open("b", O_RDWR), -1);
  EXPECT_IS(open("no/b", O_CREATE | O_RDWR), -1);
  EXPECT_IS(open("a/b", O_CREATE | O_RDWR), -1);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

// dup and fork share an offset, a second open has one of its own.
static void
offsets(void)
{
  int fd, other;

  enter(DIR);
  fd = make("a", "abcdef");
  close(fd);
  fd = open("a", O_RDONLY);
  other = dup(fd);
  EXPECT_IS(read(fd, buf, 2), 2);
  EXPECT_IS(read(other, buf, 1), 1);
  EXPECT_IS(buf[0], 'c');
  if (fork() == 0) {
    read(fd, buf, 1);
    exit(0);
  }
  EXPECT(wait(0) > 0);
  EXPECT_IS(read(other, buf, 1), 1);
  EXPECT_IS(buf[0], 'e');
  close(fd);
  fd = open("a", O_RDONLY);
  EXPECT_IS(read(fd, buf, 1), 1);
  EXPECT_IS(buf[0], 'a');
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static void
appending(void)
{
  int one, two;

  enter(DIR);
  close(make("a", "start "));
  one = open("a", O_WRONLY | O_APPEND);
  two = open("a", O_WRONLY | O_APPEND);
  EXPECT_IS(write(one, "one ", 4), 4);
  EXPECT_IS(write(two, "two ", 4), 4);
  EXPECT_IS(write(one, "end", 3), 3);
  content_is("a", "start one two end");
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static void
lowest_descriptor(void)
{
  int a = open("/", O_RDONLY), b = dup(a), n;

  EXPECT_IS(a, 3);
  EXPECT_IS(b, 4);
  close(a);
  EXPECT_IS(open("/", O_RDONLY), 3);
  EXPECT_IS(close(3), 0);
  EXPECT_IS(close(3), -1);
  close(4);
  for (n = 3; open("/", O_RDONLY) >= 0; n++)
    EXPECT(n < 10000);
  EXPECT(n >= NOFILE);
  EXPECT_IS(dup(0), -1);
  EXPECT_IS(close(7), 0);
  EXPECT_IS(dup(0), 7);
}

// A file as large as programs for xv6 write them, and beyond.
static void
large(void)
{
  int fd, n = 3 * MAXFILE;
  struct stat st;

  enter(DIR);
  fd = open("a", O_CREATE | O_RDWR);
  for (int i = 0; i < n; i++) {
    memset(buf, i, BSIZE);
    *(int *)buf = i;
    EXPECT_IS(write(fd, buf, BSIZE), BSIZE);
  }
  EXPECT_IS(fstat(fd, &st), 0);
  EXPECT_IS(st.size, (uint64)n * BSIZE);
  close(fd);
  fd = open("a", O_RDONLY);
  for (int i = 0; i < n; i++) {
    EXPECT_IS(read(fd, buf, BSIZE), BSIZE);
    EXPECT_IS(*(int *)buf, i);
    EXPECT_IS(buf[BSIZE - 1], (char)i);
  }
  EXPECT_IS(read(fd, buf, 1), 0);
  close(fd);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static void
odd_sizes(void)
{
  uint at = 0;
  int fd, n;

  enter(DIR);
  fd = open("a", O_CREATE | O_RDWR);
  for (uint len = 1; len < 5000; len += 613) {
    for (uint i = 0; i < len; i++)
      buf[i] = (at + i) % 253;
    EXPECT_IS(write(fd, buf, len), len);
    at += len;
  }
  close(fd);
  fd = open("a", O_RDONLY);
  for (at = 0; (n = read(fd, buf, 777)) > 0; at += n)
    for (int i = 0; i < n; i++)
      EXPECT_IS((uchar)buf[i], (at + i) % 253);
  close(fd);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

// Many files at once by several processes, in one directory.
static void
many(void)
{
  char name[16];
  int status;

  enter(DIR);
  for (int p = 0; p < 4; p++) {
    if (fork() == 0) {
      for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "f%d.%d", p, i);
        close(make(name, name));
      }
      for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "f%d.%d", p, i);
        content_is(name, name);
        EXPECT_IS(unlink(name), 0);
      }
      exit(0);
    }
  }
  for (int p = 0; p < 4; p++) {
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
  leave(DIR);
}

static void
devices(void)
{
  struct stat st;
  int fd;

  enter(DIR);
  EXPECT_IS(mknod("con", 1, 0), 0);
  EXPECT_IS(mknod("con", 1, 0), -1);
  EXPECT_IS(stat("con", &st), 0);
  EXPECT_IS(st.type, T_DEVICE);
  EXPECT_IS(mknod("none", 9, 0), 0);
  fd = open("none", O_RDWR);
  if (fd >= 0) {
    EXPECT_IS(read(fd, buf, 1), -1);
    EXPECT_IS(write(fd, buf, 1), -1);
  }
  EXPECT_IS(unlink("con"), 0);
  EXPECT_IS(unlink("none"), 0);
  leave(DIR);
}

static void
syncs(void)
{
  int fd;

  enter(DIR);
  fd = make("a", "kept");
  EXPECT_IS(fsync(fd), 0);
  EXPECT_IS(sync(), 0);
  EXPECT_IS(fsync(99), -1);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static const struct guest_case cases[] = {
  { "write_and_read", write_and_read },
  { "modes", modes },
  { "offsets", offsets },
  { "appending", appending },
  { "lowest_descriptor", lowest_descriptor },
  { "large", large },
  { "odd_sizes", odd_sizes },
  { "many", many },
  { "devices", devices },
  { "syncs", syncs },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
