// pipe.c - pipes: bytes in order, partial reads, ends that close, and
// processes that are killed while they wait for one.

#include "tests/guest/guest.h"

#define BIG 100000

static int fd[2];
static char buf[BIG];

static void
in_order(void)
{
  uint n = 0, got;
  int r;

  EXPECT_IS(pipe(fd), 0);
  if (fork() == 0) {
    close(fd[0]);
    for (uint i = 0; i < BIG; i++)
      buf[i] = i % 251;
    for (uint i = 0; i < BIG;) {
      uint len = i * 7 % 1500 + 1;

      len = len > BIG - i ? BIG - i : len;
      EXPECT_IS(write(fd[1], buf + i, len), len);
      i += len;
    }
    exit(0);
  }
  close(fd[1]);
  while ((r = read(fd[0], buf, 1 + n % 3000)) > 0) {
    for (got = 0; got < (uint)r; got++)
      EXPECT_IS((uchar)buf[got], (n + got) % 251);
    n += r;
  }
  EXPECT_IS(r, 0);
  EXPECT_IS(n, BIG);
  EXPECT(wait(0) > 0);
}

// One write of more than the pipe holds ends when all has been read.
static void
one_big_write(void)
{
  int status, n = 0, r;

  EXPECT_IS(pipe(fd), 0);
  if (fork() == 0) {
    close(fd[0]);
    exit(write(fd[1], buf, BIG) == BIG ? 0 : 1);
  }
  close(fd[1]);
  while ((r = read(fd[0], buf, BIG)) > 0)
    n += r;
  EXPECT_IS(n, BIG);
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, 0);
}

// A read takes what there is and does not wait for more.
static void
partial_read(void)
{
  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(write(fd[1], "hello", 5), 5);
  EXPECT_IS(read(fd[0], buf, 100), 5);
  EXPECT_IS(memcmp(buf, "hello", 5), 0);
  EXPECT_IS(write(fd[1], "abcdef", 6), 6);
  EXPECT_IS(read(fd[0], buf, 2), 2);
  EXPECT_IS(read(fd[0], buf + 2, 100), 4);
  EXPECT_IS(memcmp(buf, "abcdef", 6), 0);
}

static void
end_of_file(void)
{
  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(write(fd[1], "x", 1), 1);
  close(fd[1]);
  EXPECT_IS(read(fd[0], buf, 10), 1);
  EXPECT_IS(read(fd[0], buf, 10), 0);
  EXPECT_IS(read(fd[0], buf, 10), 0);
}

// A reader that waits learns that the last writer is gone.
static void
writer_goes(void)
{
  EXPECT_IS(pipe(fd), 0);
  for (int i = 0; i < 2; i++) {
    if (fork() == 0) {
      sleep_ns((i + 1) * 20 * MSEC);
      exit(0);
    }
  }
  close(fd[1]);
  EXPECT_IS(read(fd[0], buf, 1), 0);
  EXPECT(wait(0) > 0);
  EXPECT(wait(0) > 0);
}

static void
no_readers(void)
{
  EXPECT_IS(pipe(fd), 0);
  close(fd[0]);
  EXPECT_IS(write(fd[1], "x", 1), -1);
}

// A writer that waits for room learns that the last reader is gone.
static void
reader_goes(void)
{
  int pid, status;

  EXPECT_IS(pipe(fd), 0);
  pid = fork();
  if (pid == 0) {
    close(fd[0]);
    exit(write(fd[1], buf, BIG) < BIG ? 5 : 6);
  }
  close(fd[1]);
  WAIT_FOR(guest_sleeps(pid)[0]);
  EXPECT_IS(read(fd[0], buf, 10), 10);
  close(fd[0]);
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 5);
}

static void
wrong_end(void)
{
  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(read(fd[1], buf, 1), -1);
  EXPECT_IS(write(fd[0], buf, 1), -1);
  EXPECT_IS(write(fd[1], buf, 0), 0);
  EXPECT_IS(read(fd[0], buf, 0), 0);
  EXPECT_IS(write(fd[1], buf, -1), -1);
  EXPECT_IS(read(fd[0], buf, -1), -1);
}

// Kill one that waits to read, and one that waits to write.
static void
killed_waiters(void)
{
  int reader, writer, status;

  EXPECT_IS(pipe(fd), 0);
  reader = fork();
  if (reader == 0) {
    read(fd[0], buf, 1);
    exit(0);
  }
  WAIT_FOR(guest_sleeps(reader)[0]);
  EXPECT_IS(kill(reader), 0);
  EXPECT_IS(wait(&status), reader);
  EXPECT_IS(status, KILLED);
  writer = fork();
  if (writer == 0) {
    write(fd[1], buf, BIG);
    exit(0);
  }
  WAIT_FOR(guest_sleeps(writer)[0]);
  EXPECT_IS(kill(writer), 0);
  EXPECT_IS(wait(&status), writer);
  EXPECT_IS(status, KILLED);
  EXPECT(read(fd[0], buf, BIG) > 0);
  EXPECT_IS(write(fd[1], "z", 1), 1);
}

// Several writers: no byte is lost or doubled.
static void
many_writers(void)
{
  static uint count[8];
  int n, r, status;

  EXPECT_IS(pipe(fd), 0);
  for (int i = 0; i < 8; i++) {
    if (fork() == 0) {
      memset(buf, i, 1000);
      for (int k = 0; k < 50; k++)
        EXPECT_IS(write(fd[1], buf, k * 10 + 1), k * 10 + 1);
      exit(0);
    }
  }
  close(fd[1]);
  while ((r = read(fd[0], buf, 999)) > 0)
    for (int i = 0; i < r; i++)
      count[buf[i] & 7]++;
  EXPECT_IS(r, 0);
  for (int i = 0; i < 8; i++)
    EXPECT_IS(count[i], 50 * 49 / 2 * 10 + 50);
  for (n = 0; wait(&status) > 0; n++)
    EXPECT_IS(status, 0);
  EXPECT_IS(n, 8);
}

// Many readers share what is written.
static void
many_readers(void)
{
  int sum[2], total = 0, n;

  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(pipe(sum), 0);
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      int got = 0;

      close(fd[1]);
      while ((n = read(fd[0], buf, 100)) > 0)
        got += n;
      write(sum[1], &got, sizeof(got));
      exit(0);
    }
  }
  close(fd[0]);
  EXPECT_IS(write(fd[1], buf, BIG), BIG);
  close(fd[1]);
  for (int i = 0; i < 4; i++) {
    EXPECT_IS(read(sum[0], &n, sizeof(n)), sizeof(n));
    total += n;
    EXPECT(wait(0) > 0);
  }
  EXPECT_IS(total, BIG);
}

// No descriptor is lost when there is not room for two.
static void
no_descriptors(void)
{
  int last = -1, next;

  while ((next = dup(0)) >= 0)
    last = next;
  EXPECT(last > 2);
  EXPECT_IS(pipe(fd), -1);
  close(last);
  EXPECT_IS(pipe(fd), -1);
  EXPECT_IS(dup(0), last);
  close(last);
  close(last - 1);
  EXPECT_IS(pipe(fd), 0);
}

// A pipe's memory comes back.
static void
again(void)
{
  struct sysinfo before, after;

  for (int i = 0; i < 600; i++) {
    if (i == 100)
      sysinfo(&before);
    EXPECT_IS(pipe(fd), 0);
    EXPECT_IS(write(fd[1], buf, 500), 500);
    close(fd[0]);
    close(fd[1]);
  }
  sysinfo(&after);
  EXPECT(after.mem_free + 8 * PAGE >= before.mem_free);
}

static const struct guest_case cases[] = {
  { "in_order", in_order },
  { "one_big_write", one_big_write },
  { "partial_read", partial_read },
  { "end_of_file", end_of_file },
  { "writer_goes", writer_goes },
  { "no_readers", no_readers },
  { "reader_goes", reader_goes },
  { "wrong_end", wrong_end },
  { "killed_waiters", killed_waiters },
  { "many_writers", many_writers },
  { "many_readers", many_readers },
  { "no_descriptors", no_descriptors },
  { "again", again },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
