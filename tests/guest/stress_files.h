// stress_files.h - the jobs of t_stress that are about pipes and files.

#ifndef TESTS_GUEST_STRESS_FILES_H
#define TESTS_GUEST_STRESS_FILES_H

#include "tests/guest/stress.h"

#define PIPE_ROOM 100000        // more than a pipe can hold

// ---- pipes -----------------------------------------------------------------

// Bytes from `from` to `to`, in pieces of any size, until there are no more.
static void
pass_on(int from, int to)
{
  int n;

  while ((n = read(from, buf, 1 + rnd(sizeof(buf)))) > 0)
    MUST(write_all(to, buf, n), 0);
  MUST(n, 0);
}

static void
pour(int fd, uint64 s, int n)
{
  while (n > 0) {
    int k = 1 + rnd(rnd(2) ? 10 : sizeof(buf));

    k = k < n ? k : n;
    for (int i = 0; i < k; i++)
      buf[i] = next(&s);
    MUST(write_all(fd, buf, k), 0);
    n -= k;
  }
}

static void
drink(int fd, uint64 s, int want)
{
  int n, all = 0;

  while ((n = read(fd, buf, 1 + rnd(sizeof(buf)))) > 0) {
    for (int i = 0; i < n; i++)
      if (buf[i] != (char)next(&s))
        fail("a wrong byte came at", all + i, -1);
    all += n;
  }
  MUST(n, 0);
  MUST(all, want);
}

// A chain of processes: the first writes, the others pass on, we check.
static void
job_pipes(void)
{
  int stages = 1 + rnd(4), n = rnd(60000), in = -1;
  uint64 s = 1 + rnd(1UL << 40);

  for (int i = 0; i < stages; i++) {
    int p[2];

    MUST(pipe(p), 0);
    if (fork_one() == 0) {
      close(p[0]);
      if (in < 0)
        pour(p[1], s, n);
      else
        pass_on(in, p[1]);
      exit(0);
    }
    close(p[1]);
    if (in >= 0)
      close(in);
    in = p[0];
  }
  drink(in, s, n);
  close(in);
  for (int i = 0; i < stages; i++)
    wait_for(-1, 0);
}

// Two processes hand a number to and fro: no wake-up may be lost.
static void
job_pingpong(void)
{
  int there[2], back[2], n = rnd(300), pid, got;

  MUST(pipe(there), 0);
  MUST(pipe(back), 0);
  pid = fork_one();
  if (pid == 0) {
    close(there[1]);
    close(back[0]);
    while (read(there[0], &got, sizeof(got)) == sizeof(got)) {
      got++;
      MUST(write(back[1], &got, sizeof(got)), sizeof(got));
    }
    exit(3);
  }
  close(there[0]);
  close(back[1]);
  for (int i = 0; i < n; i++) {
    MUST(write(there[1], &i, sizeof(i)), sizeof(i));
    MUST(read(back[0], &got, sizeof(got)), sizeof(got));
    MUST(got, i + 1);
  }
  close(there[1]);
  MUST(read(back[0], &got, sizeof(got)), 0);
  close(back[0]);
  wait_for(pid, 3);
}

// The reader goes away: the writer is told.
static void
job_broken_pipe(void)
{
  int p[2], pid, r, all = 0;

  MUST(pipe(p), 0);
  pid = fork_one();
  if (pid == 0) {
    close(p[1]);
    if (read(p[0], buf, 1 + rnd(sizeof(buf))) <= 0)
      fail("read", 0, 1);
    exit(0);
  }
  close(p[0]);
  while ((r = write(p[1], buf, 1 + rnd(sizeof(buf)))) > 0)
    all += r;
  MUST(r, -1);
  if (all == 0 || all > PIPE_ROOM)
    fail("bytes before the pipe broke", all, PIPE_ROOM);
  close(p[1]);
  wait_for(pid, 0);
}

// ---- files -----------------------------------------------------------------

static void
check_file(const char *path, uint64 s, int size, int links)
{
  struct stat st;
  int fd = open(path, O_RDONLY);

  if (fd < 0)
    fail(path, fd, 0);
  MUST(fstat(fd, &st), 0);
  MUST(st.size, size);
  MUST(st.nlink, links);
  drink(fd, s, size);
  close(fd);
}

// A file is written, gets other names, is read here and in a child.
static void
job_file(void)
{
  char a[32], b[32];
  uint64 s = 1 + rnd(1UL << 40);
  int size = rnd(rnd(4) ? 3000 : 60000), fd, pid;

  snprintf(a, sizeof(a), "%s/a%d", folder, (int)rnd(3));
  snprintf(b, sizeof(b), "%s/b%d", folder, (int)rnd(3));
  fd = open(a, O_CREATE | O_TRUNC | O_RDWR);
  if (fd < 0)
    fail(a, fd, 0);
  pour(fd, s, size);
  if (rnd(20) == 0)
    MUST(fsync(fd), 0);
  close(fd);
  check_file(a, s, size, 1);
  MUST(link(a, b), 0);
  pid = fork_one();
  if (pid == 0) {
    check_file(b, s, size, 2);
    exit(0);
  }
  wait_for(pid, 0);
  if (rnd(2)) {
    MUST(unlink(a), 0);
    MUST(rename(b, a), 0);
  } else {
    MUST(unlink(b), 0);
  }
  check_file(a, s, size, 1);
  MUST(unlink(a), 0);
  MUST(open(a, O_RDONLY), -1);
}

// An open file without a name keeps what is in it.
static void
job_unlinked(void)
{
  char path[32];
  uint64 s = 1 + rnd(1UL << 40);
  int size = rnd(20000), fd, in;

  snprintf(path, sizeof(path), "%s/u", folder);
  fd = open(path, O_CREATE | O_TRUNC | O_RDWR);
  in = open(path, O_RDONLY);
  if (fd < 0 || in < 0)
    fail(path, fd, in);
  MUST(unlink(path), 0);
  pour(fd, s, size);
  close(fd);
  drink(in, s, size);
  close(in);
}

// Files that all workers fight for. A record is written and read in one call,
// so it is whole, or not there.
#define RECORD 16

static void
check_record(const char *path)
{
  uint64 r[RECORD], s;
  int fd = open(path, O_RDONLY), n;

  if (fd < 0)
    return;
  n = read(fd, r, sizeof(r));
  close(fd);
  if (n == -1) // a folder's entries may be of any size, or gone
    return;
  s = r[0];
  if (n == sizeof(r))
    for (int i = 1; i < RECORD; i++)
      if (r[i] != next(&s))
        fail("half a record, at word", i, -1);
}

static void
job_shared(void)
{
  char a[32], b[32];
  uint64 r[RECORD], s;
  int fd;

  snprintf(a, sizeof(a), "/st.all/%d", (int)rnd(6));
  snprintf(b, sizeof(b), "/st.all/%d", (int)rnd(6));
  switch (rnd(6)) {
  case 0:
    unlink(a);
    break;
  case 1:
    link(a, b);
    break;
  case 2:
    rename(a, b);
    break;
  case 3:
    check_record(a);
    break;
  default:
    r[0] = s = 1 + rnd(1UL << 40);
    for (int i = 1; i < RECORD; i++)
      r[i] = next(&s);
    fd = open(a, O_CREATE | O_RDWR | (rnd(2) ? O_TRUNC : 0));
    if (fd >= 0) {
      MUST(write(fd, r, sizeof(r)), sizeof(r));
      close(fd);
    }
  }
}

// Folders that come and go, with .. of each.
static void
job_folders(void)
{
  char path[60];
  struct stat st, up;

  snprintf(path, sizeof(path), "%s/d", folder);
  MUST(mkdir(path), 0);
  MUST(mkdir(path), -1);
  strlcat(path, "/e", sizeof(path));
  MUST(mkdir(path), 0);
  MUST(stat(folder, &st), 0);
  strlcat(path, "/../..", sizeof(path));
  MUST(stat(path, &up), 0);
  MUST(up.ino, st.ino);
  snprintf(path, sizeof(path), "%s/d", folder);
  MUST(unlink(path), -1);
  strlcat(path, "/e", sizeof(path));
  MUST(unlink(path), 0);
  snprintf(path, sizeof(path), "%s/d", folder);
  MUST(unlink(path), 0);
}

static void
unlink_all(const char *path)
{
  struct dir d;
  char entry[64];

  if (dir_open(&d, path) < 0)
    return;
  while (dir_next(&d))
    if (path_join(entry, sizeof(entry), path, d.name))
      unlink(entry);
  dir_close(&d);
}

#endif
