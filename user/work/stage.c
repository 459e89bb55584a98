// stage.c - the director: makes a process of each task that starts by itself,
// lets them begin together, and collects their reports.
//
// Nothing is written while they play. The end of a pipe tells the director
// that the last has ended; a timekeeper sleeps until the limit, and then sends
// so many messages that nobody waits for one any more.

#include "user/work/play.h"

#define EACH (2 * MSEC)         // more than it takes to create a task
#define QUIET SEC               // then the journal's thread sleeps for good
#define APART (5 * USEC)        // between those that start at the same time, so
                                // that they do in the order of the file

struct play play;

static void
make_pipe(int fd[2])
{
  if (pipe(fd) < 0)
    give_up("too many channels");
}

// The first task after i's children; they follow each other.
static int
last_child(int i)
{
  return i + 1 < play.ntask ? play.task[i + 1].child : play.ntask;
}

bool
may_create(int i, int child, int kind)
{
  for (int c = child; c < last_child(i); c++)
    if (play.task[c].kind == kind ||
        may_create(c, play.task[c].child, kind))
      return true;
  return false;
}

void
stage_open(void)
{
  const struct work *w = &play.work;

  make_pipe(play.done);
  make_pipe(play.ask);
  make_pipe(play.reports);
  for (int i = 0; i < w->nchannel; i++)
    make_pipe(play.channel[i]);
  for (int i = 0; i < w->nstep; i++)
    if (w->step[i].op == WORK_WAIT && play.ended[w->step[i].to][1] == 0)
      make_pipe(play.ended[w->step[i].to]);
}

// How often the policy treats all tasks alike; the run begins at such a time.
static long
period(void)
{
  struct sched_promise_info p;

  for (int i = 0; sched_promise(i, &p) == 0; i++)
    if (strcmp(p.name, "boost") == 0 && p.n[0] > 0)
      return p.n[0];
  return 100 * MSEC;
}

static void
sleep_until(long at)
{
  long left = at - (long)clock_ns();

  if (left > 0)
    sleep_ns(left);
}

static void
let_go(void)
{
  for (int k = 0; k < play.work.nkind; k++)
    if (play.ended[k][1])
      close(play.ended[k][1]);
  close(play.done[1]);
}

// The timekeeper's whole life.
static void __attribute__((noreturn))
keep_time(void)
{
  static char bytes[TASKS];

  let_go();
  sleep_until(play.begin + play.work.limit);
  for (int i = 0; i < play.work.nchannel; i++)
    write(play.channel[i][1], bytes, sizeof(bytes));
  exit(0);
}

static int
start(void (*fn)(void), int task)
{
  int pid = fork();

  if (pid < 0)
    give_up("cannot fork");
  if (pid == 0 && fn)
    fn();
  if (pid == 0)
    act(task, play.task[task].at, task * APART);
  return pid;
}

// What a policy has seen of a task so far it is to forget: how long its bursts
// are, and what it left of its slices, for which it would be compensated.
static void
forget(void)
{
  struct sched_param_info p;
  long burst = 0, tickets;

  for (int i = 0; sched_param(i, &p) == 0; i++)
    if (strcmp(p.name, "guess") == 0)
      burst = p.value;
  for (int i = 0; i < play.ntask && play.task[i].parent < 0; i++) {
    if (burst)
      sched_setattr(play.pid[i], "burst", burst);
    if (sched_getattr(play.pid[i], "tickets", &tickets) == 0)
      sched_setattr(play.pid[i], "tickets", tickets);
  }
}

// The state of chance, from which the policy's draws follow.
static uint64
chance(void)
{
  struct sysinfo si;

  if (sysinfo(&si) < 0)
    give_up("no sysinfo");
  return si.chance;
}

void
stage_play(void)
{
  long each = period();
  int timekeeper;
  char c;

  sync();
  play.begin = clock_ns() + QUIET + (play.ntask + 10) * EACH;
  play.begin = (play.begin + each - 1) / each * each;
  timekeeper = start(keep_time, 0);
  for (int i = 0; i < play.ntask && play.task[i].parent < 0; i++) {
    play.pid[i] = start(0, i);
    sleep_ns(EACH); // until it sleeps as well
  }
  let_go();
  if ((long)clock_ns() > play.begin - MSEC)
    give_up("it took too long to create the tasks");
  sleep_until(play.begin - MSEC);
  forget();
  play.chance = chance();
  read(play.done[0], &c, 1);
  kill(timekeeper);
}

static void
read_all(void *to, int size)
{
  for (int got = 0, n; got < size; got += n) {
    n = read(play.reports[0], (char *)to + got, size - got);
    if (n <= 0)
      give_up("a report breaks off");
  }
}

int
stage_report(struct report *r, struct piece *pieces)
{
  static int asked;

  if (asked++ == play.ntask || write(play.ask[1], "?", 1) != 1)
    return 0;
  read_all(r, sizeof(*r));
  read_all(pieces, r->npiece * sizeof(pieces[0]));
  return 1;
}

void
stage_close(void)
{
  while (wait(0) >= 0)
    ;
}
