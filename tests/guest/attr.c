// attr.c - what the kernel tells of policy and processes, and attributes by
// name, whatever the policy is; and the calls of courses over them.

#include "kernel/param.h"
#include "kernel/pstat.h"
#include "tests/guest/guest.h"

static struct sched_attr_info attr;

static long
get(int pid, const char *name)
{
  long value = -12345;

  EXPECT_IS(sched_getattr(pid, name, &value), 0);
  return value;
}

// Each attribute: its default, both ends of its range, and what lies beyond.
static void
ranges(void)
{
  for (int i = 0; sched_attr(i, &attr) == 0; i++) {
    EXPECT(attr.name[0] != 0);
    EXPECT(attr.min <= attr.dflt && attr.dflt <= attr.max);
    EXPECT_IS(get(0, attr.name), attr.dflt);
    EXPECT_IS(sched_setattr(0, attr.name, attr.max), 0);
    EXPECT_IS(get(getpid(), attr.name), attr.max);
    EXPECT_IS(sched_setattr(getpid(), attr.name, attr.min), 0);
    EXPECT_IS(get(0, attr.name), attr.min);
    if (attr.min > -0x7fffffff)
      EXPECT_IS(sched_setattr(0, attr.name, attr.min - 1), -1);
    if (attr.max < 0x7fffffff)
      EXPECT_IS(sched_setattr(0, attr.name, attr.max + 1), -1);
    EXPECT_IS(get(0, attr.name), attr.min);
    EXPECT_IS(sched_setattr(0, attr.name, attr.dflt), 0);
  }
}

static void
unknown(void)
{
  long value;

  EXPECT_IS(sched_setattr(0, "nosuchattr", 1), -1);
  EXPECT_IS(sched_getattr(0, "nosuchattr", &value), -1);
  EXPECT_IS(sched_setattr(0, "", 1), -1);
  EXPECT_IS(sched_attr(-1, &attr), -1);
  EXPECT_IS(sched_attr(1000, &attr), -1);
  if (sched_attr(0, &attr) == 0) {
    EXPECT_IS(sched_setattr(1000000, attr.name, attr.dflt), -1);
    EXPECT_IS(sched_getattr(1000000, attr.name, &value), -1);
    EXPECT_IS(sched_setattr(-1, attr.name, attr.dflt), -1);
  }
}

static void
inherited(void)
{
  int status;

  for (int i = 0; sched_attr(i, &attr) == 0; i++) {
    EXPECT_IS(sched_setattr(0, attr.name, attr.max), 0);
    if (fork() == 0) {
      EXPECT_IS(get(0, attr.name), attr.max);
      EXPECT_IS(sched_setattr(0, attr.name, attr.min), 0);
      exit(0);
    }
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
    EXPECT_IS(get(0, attr.name), attr.max);
    EXPECT_IS(sched_setattr(0, attr.name, attr.dflt), 0);
  }
}

// Of a process that runs, is ready, or sleeps.
static void
of_others(void)
{
  int pid[6];

  for (int i = 0; i < 6; i++) {
    pid[i] = fork();
    if (pid[i] == 0) {
      for (;;)
        if (i % 2)
          sleep_ns(MSEC);
    }
  }
  for (int i = 0; sched_attr(i, &attr) == 0; i++)
    if (strcmp(attr.name, "tickets") == 0)      // or we would hardly ever run
      EXPECT_IS(sched_setattr(0, "tickets", attr.max), 0);
  for (int i = 0; sched_attr(i, &attr) == 0; i++) {
    for (int k = 0; k < 60; k++) {
      long value = k % 2 ? attr.min : attr.max;

      EXPECT_IS(sched_setattr(pid[k % 6], attr.name, value), 0);
      EXPECT_IS(get(pid[k % 6], attr.name), value);
      if (k % 10 == 0)
        sleep_ns(2 * MSEC);
    }
  }
  for (int i = 0; i < 6; i++) {
    EXPECT_IS(kill(pid[i]), 0);
    EXPECT(wait(0) > 0);
  }
}

static void
parameters(void)
{
  struct sched_param_info p;
  struct sched_promise_info q;
  int i;

  for (i = 0; sched_param(i, &p) == 0; i++) {
    EXPECT(p.name[0] != 0);
    EXPECT(p.min <= p.value && p.value <= p.max);
    EXPECT(p.min <= p.dflt && p.dflt <= p.max);
  }
  EXPECT_IS(sched_param(i + 1, &p), -1);
  EXPECT_IS(sched_param(-1, &p), -1);
  for (i = 0; sched_promise(i, &q) == 0; i++)
    EXPECT(q.name[0] != 0);
  EXPECT(i > 0);
}

static void
processes(void)
{
  struct sysinfo si;
  struct procinfo p;
  int last = 0, self = 0, n = 0;

  EXPECT_IS(sysinfo(&si), 0);
  EXPECT(si.policy[0] && si.runq[0]);
  EXPECT(si.nhart >= 1 && si.hz >= 1);
  EXPECT(si.mem_free <= si.mem_total);
  for (int pid = 1; (pid = procinfo(pid, &p)) > 0; pid++) {
    EXPECT_IS(p.pid, pid);
    EXPECT(p.pid > last);
    EXPECT(p.state >= PROC_SLEEPING && p.state <= PROC_ZOMBIE);
    last = p.pid;
    n++;
    if (p.pid == getpid()) {
      self = 1;
      EXPECT_IS(p.state, PROC_RUNNING);
      EXPECT_IS(p.ppid, getppid());
      EXPECT_IS(p.pgid, getpgid(0));
      EXPECT_IS(strcmp(p.name, "t_attr"), 0);
      EXPECT(p.pages > 0 && p.pages < 100);
    }
  }
  EXPECT(self);
  EXPECT(n <= si.nproc); // some of before may have ended meanwhile
  EXPECT_IS(procinfo(last + 1, &p), -1);
}

static void
a_zombie(void)
{
  struct procinfo p;
  int pid = fork();

  if (pid == 0)
    exit(0);
  WAIT_FOR(procinfo(pid, &p) == pid && p.state == PROC_ZOMBIE);
  EXPECT_IS(wait(0), pid);
  EXPECT(procinfo(pid, &p) != pid);
}

static void
courses(void)
{
  static struct pstat ps;
  int self = -1;
  long value;

  EXPECT_IS(yield(), 0);
  EXPECT_IS(getpinfo(&ps), 0);
  for (int i = 0; i < NPROC; i++)
    if (ps.inuse[i] && ps.pid[i] == getpid())
      self = i;
  EXPECT(self >= 0);
  EXPECT_IS(settickets(0), -1);
  if (sched_getattr(0, "tickets", &value) == 0) {
    long one = get(0, "tickets");

    EXPECT_IS(ps.tickets[self], 1);
    EXPECT_IS(settickets(7), 0);
    EXPECT_IS(get(0, "tickets"), 7 * one);
    EXPECT_IS(getpinfo(&ps), 0);
    EXPECT_IS(ps.tickets[self], 7);
    EXPECT_IS(settickets(10000), 0);
    EXPECT_IS(getpinfo(&ps), 0);
    EXPECT_IS(ps.tickets[self], 10000);
    EXPECT_IS(settickets(1), 0);
    EXPECT_IS(get(0, "tickets"), one);
  } else {
    EXPECT_IS(settickets(7), -1);
  }
  EXPECT_IS(set_priority(101, getpid()), -1);
  EXPECT_IS(set_priority(-1, getpid()), -1);
  EXPECT_IS(set_priority(50, 1000000), -1);
}

static void
niceness(void)
{
  long value;

  if (sched_getattr(0, "nice", &value) < 0) {
    EXPECT_IS(nice(1), -1);
    EXPECT_IS(set_priority(50, getpid()), -1);
    return;
  }
  EXPECT_IS(nice(5), 5);
  EXPECT_IS(nice(0), 5);
  EXPECT_IS(nice(100), 19);
  EXPECT_IS(nice(-100), -20);
  EXPECT_IS(nice(20), 0);
  EXPECT_IS(set_priority(0, getpid()), 60);
  EXPECT_IS(get(0, "nice"), -20);
  EXPECT_IS(set_priority(100, getpid()), 0);
  EXPECT_IS(get(0, "nice"), 19);
  EXPECT_IS(set_priority(60, getpid()), 100);
  EXPECT_IS(get(0, "nice"), 0);
}

static const struct guest_case cases[] = {
  { "ranges", ranges },
  { "unknown", unknown },
  { "inherited", inherited },
  { "of_others", of_others },
  { "parameters", parameters },
  { "processes", processes },
  { "a_zombie", a_zombie },
  { "courses", courses },
  { "niceness", niceness },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
