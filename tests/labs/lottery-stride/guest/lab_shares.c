// lab_shares.c - stride in the kernel: what three hogs get by their tickets;
// then what a server with one ticket gets whose client lends it its own, beside
// a hog with as many.

#include "tests/labs/frame/guest.h"

#define SPAN (600 * LAB_MSEC)

static void
burn(uint64 ns)
{
  struct procinfo p;
  uint64 end;

  procinfo(getpid(), &p);
  end = p.ran + ns;
  do
    for (volatile int i = 0; i < 500; i++)
      ;
  while (procinfo(getpid(), &p) > 0 && p.ran < end);
}

static int
hog(long tickets)
{
  int pid = fork();

  if (pid < 0)
    exit(1);
  if (pid > 0)
    return pid;
  sched_setattr(0, "tickets", tickets);
  for (;;)
    ;
}

static void
stop(int pid)
{
  kill(pid);
  waitpid(pid, 0, 0);
}

static long
ran(int pid)
{
  struct procinfo p;

  return procinfo(pid, &p) == pid ? (long)p.ran : 0;
}

static void
shares(void)
{
  int pid[3];
  long n[3];

  for (int i = 0; i < 3; i++)
    pid[i] = hog(60 * (3 - i));
  sleep_ns(100 * LAB_MSEC);
  for (int i = 0; i < 3; i++)
    n[i] = ran(pid[i]);
  sleep_ns(SPAN);
  for (int i = 0; i < 3; i++)
    n[i] = ran(pid[i]) - n[i];
  for (int i = 0; i < 3; i++)
    stop(pid[i]);
  lab_tell("shares", "%ld %ld %ld", n[0], n[1], n[2]);
}

// It takes a byte, works for 3 ms, and answers.
static int
server(int request, int reply)
{
  int pid = fork();
  char c;

  if (pid != 0)
    return pid;
  sched_setattr(0, "tickets", 1);
  while (read(request, &c, 1) == 1) {
    burn(3 * LAB_MSEC);
    write(reply, &c, 1);
  }
  exit(0);
}

static int
client(int request, int reply, int serves)
{
  int pid = fork();
  char c = 'x';

  if (pid != 0)
    return pid;
  sched_setattr(0, "tickets", 200);
  for (;;) {
    write(request, &c, 1);
    sched_lend(serves);
    read(reply, &c, 1);
  }
}

static void
served(void)
{
  int request[2], reply[2], s, c, h;
  long n, m;

  if (pipe(request) < 0 || pipe(reply) < 0)
    exit(1);
  s = server(request[0], reply[1]);
  c = client(request[1], reply[0], s);
  h = hog(200);
  sleep_ns(100 * LAB_MSEC);
  n = ran(s);
  m = ran(h);
  sleep_ns(SPAN);
  n = ran(s) - n;
  m = ran(h) - m;
  stop(c);
  stop(h);
  stop(s);
  lab_tell("served", "%ld %ld", n, m);
}

int
main(int argc, char **argv)
{
  lab_begin();
  sched_setattr(0, "tickets", 1000);
  shares();
  served();
  return lab_end();
}
