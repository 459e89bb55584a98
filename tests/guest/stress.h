// stress.h - what the jobs of t_stress share, and those that are about
// processes and memory. A job leaves nothing behind, and ends its worker with
// a message if anything is not as it must be.

#ifndef TESTS_GUEST_STRESS_H
#define TESTS_GUEST_STRESS_H

#include "tests/guest/guest.h"

static uint64 seed;             // of this process
static char folder[20];         // this worker's own
static char buf[4 * PAGE];

static inline uint64
next(uint64 *s)
{
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s >> 11;
}

static inline uint64
rnd(uint64 n)
{
  return next(&seed) % n;
}

static void __attribute__((noreturn))
fail(const char *what, long got, long want)
{
  printf("t_stress: pid %d: %s: %ld, not %ld\n", getpid(), what, got, want);
  exit(99);
}

#define MUST(expr, want)                                                \
  do {                                                                  \
    long must_got = (long)(expr), must_want = (long)(want);             \
    if (must_got != must_want)                                          \
      fail(#expr, must_got, must_want);                                 \
  } while (0)

// ---- processes -------------------------------------------------------------

static int
fork_one(void)
{
  int pid = fork();

  if (pid < 0)
    fail("fork", pid, 1);
  if (pid == 0)
    seed += (uint64)getpid() << 20;
  return pid;
}

// The child pid, or any, ends with this status.
static int
wait_for(int pid, int status)
{
  int got = -2, who = waitpid(pid, &got, 0);

  if (who <= 0 || (pid > 0 && who != pid))
    fail("waitpid", who, pid);
  if (got != status)
    fail("the status of a child", got, status);
  return who;
}

// A tree of processes; each knows how its children end.
static void
tree(int depth)
{
  int pids[3], n = depth > 0 ? 1 + rnd(3) : 0;

  for (int i = 0; i < n; i++) {
    pids[i] = fork_one();
    if (pids[i] == 0) {
      tree(depth - 1);
      exit(depth * 10 + i);
    }
  }
  for (int i = n - 1; i >= 0; i--)
    wait_for(pids[i], depth * 10 + i);
}

static void
job_tree(void)
{
  tree(1 + rnd(3));
}

// t_stress -x NUMBER TEXT: prints TEXT and ends with NUMBER.
static int
executed(int argc, char **argv)
{
  if (argc != 4 || write_all(1, argv[3], strlen(argv[3])) < 0)
    return 1;
  return atoi(argv[2]);
}

static void
job_exec(void)
{
  char number[8], text[] = "what comes through an exec", got[sizeof(text)];
  char *argv[] = { "t_stress", "-x", number, text, 0 };
  int p[2], status = rnd(200), pid, n = 0, r;

  snprintf(number, sizeof(number), "%d", status);
  MUST(pipe(p), 0);
  pid = fork_one();
  if (pid == 0) {
    close(1);
    MUST(dup(p[1]), 1);
    close(p[0]);
    close(p[1]);
    exec("/t_stress", argv);
    fail("exec", -1, 0);
  }
  close(p[1]);
  while ((r = read(p[0], got + n, sizeof(got) - n)) > 0)
    n += r;
  close(p[0]);
  wait_for(pid, status);
  MUST(n, strlen(text));
  MUST(memcmp(got, text, n), 0);
}

// A child ends while it is killed: it has one of the two statuses.
static void
job_race(void)
{
  int pid = fork_one(), status;

  if (pid == 0) {
    if (rnd(2))
      sleep_ns(rnd(100000));
    exit(7);
  }
  if (rnd(2))
    sleep_ns(rnd(200000));
  kill(pid);
  MUST(waitpid(pid, &status, 0), pid);
  if (status != KILLED && status != 7)
    fail("the status of a killed child", status, KILLED);
  MUST(kill(pid), -1);
}

static void
never_end(int how)
{
  int p[2];
  char c;

  pipe(p);
  switch (how) {
  case 0:
    for (;;)
      ;
  case 1:
    for (;;)
      sleep_ns(1000 * SEC);
  case 2:
    read(p[0], &c, 1);
    break;
  case 3:
    for (;;)
      write(p[1], buf, sizeof(buf));
  case 4:
    if (fork() == 0)
      sleep_ns(1000 * SEC);
    wait(0);
    break;
  case 5:
    for (;;) {
      close(open("/README", O_RDONLY));
      yield();
    }
  default:
    for (;;)
      sleep_ns(rnd(50000));
  }
  fail("went on after it should have been killed", how, -1);
}

static void
job_kill(void)
{
  int pids[4], n = 1 + rnd(4);

  for (int i = 0; i < n; i++) {
    pids[i] = fork_one();
    if (pids[i] == 0) {
      setpgid(0, 0);
      never_end(rnd(7));
    }
    setpgid(pids[i], pids[i]);  // whoever is first
  }
  sleep_ns(rnd(3 * MSEC));
  for (int i = 0; i < n; i++)
    MUST(kill(-pids[i]), 0);    // with a child that it may have
  for (int i = n - 1; i >= 0; i--)
    wait_for(pids[i], KILLED);
  // Such a child may have been forked just as its group was killed.
  for (int i = 0; i < n; i++)
    while (kill(-pids[i]) == 0)
      sleep_ns(100000);
}

// Grandchildren become init's; each writes its byte all the same.
static void
job_orphans(void)
{
  int p[2], n = 1 + rnd(4), pid, got = 0;
  char c;

  MUST(pipe(p), 0);
  pid = fork_one();
  if (pid == 0) {
    for (int i = 0; i < n; i++)
      if (fork_one() == 0) {
        sleep_ns(rnd(2 * MSEC));
        MUST(write(p[1], "o", 1), 1);
        exit(0);
      }
    exit(5);
  }
  close(p[1]);
  while (read(p[0], &c, 1) == 1)
    got++;
  close(p[0]);
  wait_for(pid, 5);
  MUST(got, n);
}

// ---- time and harts --------------------------------------------------------

static void
job_sleep(void)
{
  uint64 ns = rnd(3 * MSEC), began = clock_ns();

  MUST(sleep_ns(ns), 0);
  if (clock_ns() - began < ns)
    fail("a sleep was short", clock_ns() - began, ns);
}

static void
job_harts(void)
{
  struct sysinfo s;
  struct procinfo p;
  uint64 mask;

  sysinfo(&s);
  mask = 1 + rnd((1UL << s.nhart) - 1);
  for (int i = rnd(10); i >= 0; i--) {
    MUST(sched_setaffinity(0, mask), 0);
    yield();
    procinfo(0, &p);
    if (!(mask >> p.hart & 1))
      fail("runs on a hart that it may not", p.hart, mask);
    mask = 1 + rnd((1UL << s.nhart) - 1);
  }
  sched_setattr(0, "nice", rnd(10));
  sched_setattr(0, "tickets", 1 + rnd(100));
  sched_lend(1 + rnd(200));             // whoever that is, if anybody
  MUST(sched_setaffinity(0, ~0UL), 0);
}

// ---- memory ----------------------------------------------------------------

static void
paint(uint64 *p, int pages, uint64 s)
{
  for (int i = 0; i < pages; i++)
    p[i * (PAGE / 8) + i] = s + i;
}

static void
check_paint(const uint64 *p, int pages, uint64 s)
{
  for (int i = 0; i < pages; i++)
    if (p[i * (PAGE / 8) + i] != s + i)
      fail("memory has changed, in page", i, -1);
}

// Heap that is touched, shared by a fork, and written to on both sides.
static void
job_heap(void)
{
  int pages = 1 + rnd(100), pid;
  uint64 *p = (uint64 *)(rnd(2) ? sbrk(pages * PAGE) : sbrklazy(pages * PAGE));

  if (p == (uint64 *)-1)
    fail("sbrk", -1, pages);
  paint(p, pages, seed);
  pid = fork_one();
  if (pid == 0) {
    uint64 mine = rnd(1UL << 40);

    paint(p, pages / 2, mine);
    if (fork_one() == 0) {
      check_paint(p, pages / 2, mine);
      exit(1);
    }
    wait_for(-1, 1);
    check_paint(p, pages / 2, mine);
    exit(4);
  }
  check_paint(p, pages, seed);
  wait_for(pid, 4);
  check_paint(p, pages, seed);
  if (sbrk(-pages * PAGE) == (char *)-1)
    fail("sbrk down", -1, pages);
}

#endif
