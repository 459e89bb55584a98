// failalloc_procs.h - calls about processes and memory, of which each
// allocation fails once.

#ifndef TESTS_GUEST_FAILALLOC_PROCS_H
#define TESTS_GUEST_FAILALLOC_PROCS_H

#include "tests/guest/failalloc.h"

static int
do_fork(void)
{
  int pid = TRY(fork()), status;

  if (pid == 0)
    exit(buf[5 * PAGE] == 5 ? 7 : 8);
  if (pid < 0)
    return 0;
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 7);
  return 1;
}

// The child's writes are copies. Without memory for one it is killed.
static void
write_copies(void)
{
  failalloc(nth);
  for (int i = 0; i < BIG; i += PAGE)
    buf[i] = 9;
  exit(failalloc(0) > 0 ? 7 : 6);
}

static int
do_copies(void)
{
  int status = guest_status(write_copies);

  EXPECT(status == 7 || status == 6 || status == KILLED);
  for (int i = 0; i < BIG; i += PAGE)
    EXPECT_IS(buf[i], i / PAGE);
  left = status == 7;
  return status != KILLED;
}

static char *program = "/t_failalloc";

static void
run_self(void)
{
  char *args[] = { program, "=left", 0 };

  failalloc(nth);
  exec(args[0], args);
  failalloc(0);
  exit(5);
}

// The new program says whether the failing was still to come. It may fail in
// its first page faults, too, which is the end of it.
static int
do_exec(void)
{
  int status = guest_status(run_self);

  EXPECT(status == 7 || status == 6 || status == 5 || status == KILLED);
  left = status == 7;
  return status == 7 || status == 6;
}

static int
do_exec_disk(void)
{
  int ok;

  program = "there";
  ok = do_exec();
  program = "/t_failalloc";
  return ok;
}

static int
do_pipe(void)
{
  int p[2];

  if (TRY(pipe(p)) < 0)
    return 0;
  EXPECT_IS(write(p[1], "x", 1), 1);
  EXPECT_IS(read(p[0], buf + 1, 1), 1);
  close(p[0]);
  close(p[1]);
  return 1;
}

// The reader takes what comes, so a writer that lacks a page goes on.
static int
do_pipe_write(void)
{
  int p[2], status, n;

  EXPECT_IS(pipe(p), 0);
  if (fork() == 0) {
    int all = 0;

    close(p[1]);
    while ((n = read(p[0], lazy, BIG)) > 0)
      all += n;
    exit(all == BIG ? 0 : 1);
  }
  close(p[0]);
  n = TRY(write(p[1], buf, BIG));
  close(p[1]);
  EXPECT(wait(&status) > 0);
  EXPECT_IS(n, BIG);
  EXPECT_IS(status, 0);
  return 1;
}

static void
stay(void)
{
  char c;

  close(fd[1]);
  read(fd[0], &c, 1);
  exit(0);
}

// A process for each kernel stack that there is, so that the next one needs a
// new stack.
static void
use_stacks(void)
{
  struct cacheinfo ci = objects("stack");

  if (fd[1] == 0)
    EXPECT_IS(pipe(fd), 0);
  while (ci.used * ci.size / PAGE < ci.pages - 2) {
    if (fork() == 0)
      stay();
    ci = objects("stack");
  }
}

static void
end_all(void)
{
  close(fd[0]);
  close(fd[1]);
  fd[1] = 0;
  while (wait(0) > 0)
    ;
}

#define MANY 70

// Pages for what a process needs.
static uint64
room_for_processes(void)
{
  return objects("process").pages + objects("stack").pages +
         objects("root").pages + objects("space").pages +
         objects("files").pages;
}

// Fork a child that stays, after one attempt for each allocation to fail. If an
// attempt leaves room for processes behind, what comes after that has another
// number from then on, so it begins anew. How many have failed.
static int
fork_at_last(void)
{
  uint64 room = room_for_processes();
  int n = 0;

  for (nth = 1;; nth++, n++) {
    int pid;

    left = nth;
    pid = TRY(fork());
    if (pid == 0)
      stay();
    EXPECT(pid > 0 || left == 0);
    if (left > 0)
      return n;
    if (room_for_processes() != room)
      nth = 0;
    room = room_for_processes();
  }
}

// So many processes that there is no room for their stacks in the tables of
// pages that there are.
static void
do_many(void)
{
  struct memory before;
  int n = 0;

  fd[1] = nth = left = 0;       // so that they have their page
  before = memory_now();
  EXPECT_IS(pipe(fd), 0);
  for (int i = 0; i < MANY; i++)
    n += fork_at_last();
  end_all();
  expect_same("many forks", before);
  printf("many forks: %d allocations have failed\n", n);
}

// ---- no room for another pipe ----------------------------------------------

#define SLAB 48         // bytes at the beginning of a page of objects

static int held[60], nheld;

static void
fill_pipes(void)
{
  struct cacheinfo ci = objects("pipe");

  while (ci.used < ci.pages * ((PAGE - SLAB) / ci.size)) {
    EXPECT(nheld + 2 < (int)COUNT(held));
    EXPECT_IS(pipe(held + nheld), 0);
    nheld += 2;
    ci = objects("pipe");
  }
}

static void
empty_pipes(void)
{
  while (nheld > 0)
    close(held[--nheld]);
}

static int
do_sbrk(void)
{
  char *end = sbrk(0), *got = (char *)TRY(sbrk(600 * PAGE));

  if (got == SBRK_ERROR) {
    EXPECT(sbrk(0) == end);
    return 0;
  }
  EXPECT(sbrk(-600 * PAGE) == got + 600 * PAGE);
  return 1;
}

// It has its object until it ends.
static void
set_alarm(void)
{
  int r;

  failalloc(nth);
  r = sigalarm(1000, set_alarm);
  left = failalloc(0);
  exit(r == 0 ? left > 0 ? 7 : 6 : 5);
}

static int
do_alarm(void)
{
  int status = guest_status(set_alarm);

  EXPECT(status == 7 || status == 6 || status == 5);
  left = status == 7;
  return status != 5;
}

// Memory that comes when touched; for want of it, the toucher dies.
static void
touch_lazily(void)
{
  more_heap();
  failalloc(nth);
  for (int i = 0; i < BIG; i += PAGE)
    lazy[i] = 9;
  exit(failalloc(0) > 0 ? 7 : 6);
}

static int
do_touch(void)
{
  int status = guest_status(touch_lazily);

  EXPECT(status == 7 || status == KILLED);
  left = status == 7;
  return left;
}

// Tracing has its pages from its start on.
static int
do_trace(void)
{
  long n = TRY(trace_ctl(TRACE_START, 3000));

  if (n < 0) {
    EXPECT_IS(trace_ctl(TRACE_STOP, (uint64)buf), -1);
    return 0;
  }
  EXPECT(n >= 3000);
  EXPECT_IS(trace_ctl(TRACE_FREE, 0), 0);
  return 1;
}

// A wait that cannot store the status leaves the child to be waited for.
static int
do_wait(void)
{
  int pid = fork(), got;

  if (pid == 0)
    exit(3);
  got = TRY(wait((int *)(lazy + 8)));
  if (got < 0) {
    EXPECT_IS(wait((int *)(lazy + 8)), pid);
    EXPECT_IS(*(int *)(lazy + 8), 3);
  }
  return got == pid;
}

#endif
