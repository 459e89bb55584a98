// life.c - fork, exit, wait, kill: statuses, orphans, groups, and processes
// that are killed in whatever they do.

#include "kernel/syscall.h"
#include "tests/guest/guest.h"

static int fd[2];
static char byte;

// A child that has told that it runs, then calls act.
static int
start(void (*act)(void))
{
  int pid;

  EXPECT_IS(pipe(fd), 0);
  pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) {
    write(fd[1], "", 1);
    act();
    exit(0);
  }
  EXPECT_IS(read(fd[0], &byte, 1), 1);
  close(fd[0]);
  close(fd[1]);
  return pid;
}

static void
spin(void)
{
  for (volatile int i = 0;; i++)
    ;
}

static void
sleep_long(void)
{
  sleep(100000);
}

static void
wait_forever(void)
{
  if (fork() == 0) {
    sleep_ns(SEC);
    exit(0);
  }
  wait(0);
}

static void
read_forever(void)
{
  int mine[2];

  pipe(mine);
  read(mine[0], &byte, 1);
}

static void
call_forever(void)
{
  for (;;)
    getpid();
}

static void
statuses(void)
{
  static const int values[] = { 0, 1, 42, 255, 256, -2, 0x7fffffff };
  int status;

  for (uint i = 0; i < COUNT(values); i++) {
    int pid = fork();

    if (pid == 0)
      exit(values[i]);
    EXPECT_IS(wait(&status), pid);
    EXPECT_IS(status, values[i]);
  }
}

static void
wait_corners(void)
{
  int status = 77;

  EXPECT_IS(wait(0), -1);
  EXPECT_IS(wait(&status), -1);
  EXPECT_IS(status, 77);
  if (fork() == 0)
    exit(3);
  EXPECT(wait(0) > 0);
  EXPECT_IS(wait(0), -1);
  if (fork() == 0)
    exit(4);
  EXPECT_IS(wait((int *)0x80000000), -1);       // the child is not lost
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, 4);
}

static void
wait_for_one(void)
{
  int status, slow = start(sleep_long), quick = fork();

  if (quick == 0)
    exit(9);
  EXPECT_IS(waitpid(slow, &status, WNOHANG), 0);
  EXPECT_IS(waitpid(quick, &status, 0), quick);
  EXPECT_IS(status, 9);
  EXPECT_IS(waitpid(quick, &status, 0), -1);
  EXPECT_IS(waitpid(-1, &status, WNOHANG), 0);
  EXPECT_IS(kill(slow), 0);
  EXPECT_IS(waitpid(slow, &status, 0), slow);
  EXPECT_IS(status, KILLED);
  EXPECT_IS(waitpid(-1, &status, WNOHANG), -1);
  EXPECT_IS(waitpid(1, &status, WNOHANG), -1);
}

static void
kill_it(void (*act)(void))
{
  int status, pid = start(act);

  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, KILLED);
}

static void
kill_any(void)
{
  kill_it(spin);
  kill_it(sleep_long);
  kill_it(read_forever);
  kill_it(wait_forever);
  kill_it(call_forever);
}

// Killed before it has ever run, or at whatever point of its life.
static void
kill_early(void)
{
  int status;

  for (int i = 0; i < 100; i++) {
    int pid = fork();

    if (pid == 0) {
      fork();
      exit(0);
    }
    if (i % 3 == 0)
      yield();
    kill(pid);
    EXPECT_IS(waitpid(pid, &status, 0), pid);
    EXPECT(status == KILLED || status == 0);
  }
}

static void
kill_self(void)
{
  kill(getpid());
  exit(5);
}

static void
kill_corners(void)
{
  int pid = fork(), status;

  if (pid == 0)
    exit(0);
  EXPECT_IS(kill(0), -1);
  EXPECT_IS(kill(-1), -1);
  EXPECT_IS(kill(1000000), -1);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(kill(pid), -1);
  EXPECT_IS(guest_status(kill_self), KILLED);
}

// A process whose parent ends becomes init's.
static void
orphans(void)
{
  int up[2], down[2], parent;

  EXPECT_IS(pipe(up), 0);
  EXPECT_IS(pipe(down), 0);
  if (fork() == 0) {
    if (fork() == 0) {
      EXPECT_IS(read(down[0], &byte, 1), 1);
      parent = getppid();
      write(up[1], &parent, sizeof(parent));
    }
    exit(0);
  }
  EXPECT(wait(0) > 0);
  EXPECT_IS(write(down[1], "", 1), 1);
  EXPECT_IS(read(up[0], &parent, sizeof(parent)), sizeof(parent));
  EXPECT_IS(parent, 1);
  EXPECT_IS(wait(0), -1);
}

static void
parents(void)
{
  int me = getpid(), pid = fork(), status;

  if (pid == 0)
    exit(getppid() == me && getpid() != me ? 0 : 1);
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 0);
}

// As many as there may be, and one more; then as many again.
static void
too_many(void)
{
  struct sysinfo si;
  int n[2];

  EXPECT_IS(sysinfo(&si), 0);
  for (int round = 0; round < 2; round++) {
    int ends[2], pid;

    EXPECT_IS(pipe(ends), 0);
    for (n[round] = 0; n[round] < si.maxproc; n[round]++) {
      pid = fork();
      if (pid < 0)
        break;
      if (pid == 0) {
        close(ends[1]);
        read(ends[0], &byte, 1);
        exit(0);
      }
    }
    close(ends[0]);
    close(ends[1]);
    for (int i = 0; i < n[round]; i++)
      EXPECT(wait(0) > 0);
    EXPECT_IS(wait(0), -1);
  }
  EXPECT(n[0] >= si.maxproc / 2 || si.mem_total < 80 << 20);
  EXPECT(n[0] < si.maxproc);
  EXPECT(n[1] >= n[0] - 2 && n[1] <= n[0] + 2);
}

// A tree of processes that all fork and end at once.
static void
storm(void)
{
  int status, n = 0;

  for (int i = 0; i < 6; i++)
    fork();
  while (wait(&status) > 0)
    n += status;
  exit(n + 1);
}

static void
forks_of_forks(void)
{
  EXPECT_IS(guest_status(storm), 64);
}

static void
leave_open(void)
{
  exit(read(fd[0], &byte, 1));
}

// Exit closes: the reader sees the end when the last writer is gone.
static void
exit_closes(void)
{
  int pid, status;

  EXPECT_IS(pipe(fd), 0);
  pid = fork();
  if (pid == 0) {
    close(fd[1]);
    leave_open();
  }
  if (fork() == 0)
    exit(0);
  close(fd[1]);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
  EXPECT(wait(0) > 0);
}

static void
groups(void)
{
  int pid = start(sleep_long), group = getpgid(0);

  EXPECT(group > 0);
  EXPECT_IS(getpgid(getpid()), group);
  EXPECT_IS(getpgid(pid), group);
  EXPECT_IS(setpgid(pid, 0), 0);
  EXPECT_IS(getpgid(pid), pid);
  EXPECT_IS(setpgid(pid, group), 0);
  EXPECT_IS(getpgid(pid), group);
  EXPECT_IS(setpgid(pid, -5), -1);
  EXPECT_IS(setpgid(1000000, 0), -1);
  EXPECT_IS(setpgid(1, 0), -1);
  EXPECT_IS(getpgid(1000000), -1);
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(wait(0), pid);
}

static void
numbers_out_of_range(void)
{
  static const long bad[] = {
    0, -1, SYS_MAX + 1, 1000, 1L << 40, 1L << 32 | SYS_getpid,
  };

  for (uint i = 0; i < COUNT(bad); i++) {
    register long a7 asm("a7") = bad[i];
    register long a0 asm("a0") = 0;

    asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
    EXPECT_IS(a0, -1);
  }
}

static const struct guest_case cases[] = {
  { "statuses", statuses },
  { "wait_corners", wait_corners },
  { "wait_for_one", wait_for_one },
  { "kill_any", kill_any },
  { "kill_early", kill_early },
  { "kill_corners", kill_corners },
  { "orphans", orphans },
  { "parents", parents },
  { "too_many", too_many },
  { "forks_of_forks", forks_of_forks },
  { "exit_closes", exit_closes },
  { "groups", groups },
  { "numbers_out_of_range", numbers_out_of_range },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
