// act.c - a task: its steps, on the real hart.
//
// When it had the hart it knows by the clock: it reads it every few
// microseconds, and if too much time has passed since, asks the kernel whether
// it was picked again in between. How much CPU time it used the kernel says
// too, so that what a system call or an interrupt takes is a part of the time
// that the task is to run, and adds nothing.

#include "user/work/play.h"

#define GAP (8 * USEC)          // between two readings: somebody else ran?
#define EARLY (12 * USEC)       // how much before its time a run ends: what
                                // comes next takes CPU time as well

#define LATE (11 * USEC)        // from a sleeper's time until it has the hart
#define ORDER (3 * USEC)

static struct {
  struct report r;
  struct work_at at;
  long last;                    // reading of the clock
  long ran_at, ran;             // CPU time used at that reading
  long base_ran, base_waited, base_switches;
  long switches, woken;
  long target;                  // CPU time to be used by the end of this step
  long due;                     // when that will be, or was
  bool open;                    // the last piece goes on
} me;

static struct piece pieces[PIECES];

static long
now(void)
{
  return clock_ns() - play.begin;
}

static void
ask(struct procinfo *p)
{
  if (procinfo(0, p) < 0)
    give_up("no procinfo");
}

static bool
over(void)
{
  return me.last >= play.work.limit;
}

static void
begin_piece(long at, int hart)
{
  me.open = !over();
  if (!me.open)
    return;
  if (me.r.first == NEVER)
    me.r.first = at;
  if (me.r.npiece == PIECES)
    give_up("a task had the hart more than %d times", PIECES);
  pieces[me.r.npiece++] = (struct piece){ at, at, hart, me.r.task };
}

static void
end_piece(long at)
{
  if (me.open)
    pieces[me.r.npiece - 1].end = at;
}

// Ask the kernel at a time when nothing comes in between, which is returned.
static long
ask_now(struct procinfo *p)
{
  long t;

  do {
    t = now();
    ask(p);
    me.ran_at = me.last = now();
  } while (me.last - t > 3 * GAP);
  me.ran = p->ran - me.base_ran;
  return t;
}

// Read the clock. Was there a switch since the last reading?
static void
look(void)
{
  long t = now(), before = me.last;
  struct procinfo p;

  me.last = t;
  if (t - before <= GAP)
    return;
  t = ask_now(&p);
  if ((long)p.switches != me.switches) {
    end_piece(before);
    begin_piece(t, p.hart);
  }
  me.switches = p.switches;
}

static void
spin(void)
{
  for (volatile int i = 0; i < 40; i++)
    ;
}

// CPU time used at the last reading.
static long
used(void)
{
  return me.ran + me.last - me.ran_at;
}

static void
run(long ns)
{
  me.target += ns;
  for (;;) {
    look();
    me.due = me.last + me.target - used();
    if (over() || me.due - me.last <= EARLY)
      return;
    spin();
  }
}

// ---- steps -----------------------------------------------------------------

// A sleep counts from when the run before it was due to end. What was done
// since, such as a fork, comes first, and the next run is the shorter for it.
static void
nap(long ns)
{
  long more = used() - me.target;
  long until = me.due + ns - LATE + (more > 0 ? more : 0);

  if (until > play.work.limit)
    until = play.work.limit;
  ns = until - now();
  if (ns > 0)
    sleep_ns(ns);
}

static void
message(int channel)
{
  char c;

  if (read(play.channel[channel][0], &c, 1) != 1)
    give_up("a channel is closed");
}

static void
send(int channel, int n)
{
  static char bytes[1000];

  if (write(play.channel[channel][1], bytes, n) != n)
    give_up("cannot send");
}

// Nobody writes: it ends when the last of them has.
static void
wait_for(int kind)
{
  char c;

  read(play.ended[kind][0], &c, 1);
}

// Close the ends that say that a task of that kind may still come.
static void
let_go(bool all)
{
  for (int k = 0; k < play.work.nkind; k++) {
    int fd = play.ended[k][1];

    if (fd == 0 || (!all && (play.task[me.r.task].kind == k ||
                             may_create(me.r.task, me.at.child, k))))
      continue;
    close(fd);
    play.ended[k][1] = 0;
  }
}

static void
create(int first, int n)
{
  long at = now();

  for (int i = 0; i < n; i++) {
    int pid = fork();

    if (pid < 0)
      give_up("cannot fork");
    if (pid == 0)
      act(first + i, at, 0);
  }
  let_go(false);
}

static void
step(const struct work_step *s)
{
  const struct work *w = &play.work;

  switch (s->op) {
  case WORK_RUN:
    run(s->n);
    break;
  case WORK_SLEEP:
    nap(s->n);
    break;
  case WORK_YIELD:
    yield();
    break;
  case WORK_SET:
    sched_setattr(0, w->attr[s->to], s->n);
    break;
  case WORK_FORK:
    create(me.at.forked, w->kind[s->to].count);
    break;
  case WORK_WAIT:
    wait_for(s->to);
    break;
  case WORK_SEND:
    send(s->to, s->n);
    break;
  case WORK_RECV:
    message(s->to);
    break;
  case WORK_LEND:
    sched_lend(play.pid[work_first(play.task, s->to)]);
    break;
  default:
    break;
  }
}

// ---- beginning and end -----------------------------------------------------

// The task is to start then: sleep until that, if it is not at once. What it
// has run since it was last picked counts against it under some policies; that
// is little, and more for a later task, so that of equal ones the first runs
// first.
static void
begin(long start)
{
  struct procinfo p;
  long t;

  if (start > now()) {
    yield();
    t = now();
    while (now() < t + me.r.task * ORDER)
      ;
    ask(&p);
    me.base_ran = p.ran;
    me.base_waited = p.waited;
    me.base_switches = p.switches;
    sleep_ns(start - now());
  }
  t = ask_now(&p);
  me.switches = p.switches;
  begin_piece(t, p.hart);
}

static void
tell(void)
{
  uint size = me.r.npiece * sizeof(pieces[0]);
  char c;

  close(play.done[1]);
  if (read(play.ask[0], &c, 1) != 1)
    exit(1);
  if (write_all(play.reports[1], &me.r, sizeof(me.r)) < 0 ||
      write_all(play.reports[1], pieces, size) < 0)
    exit(1);
  exit(0);
}

void
act(int task, long start, long later)
{
  const struct work_step *s;
  struct procinfo p;

  memset(&me, 0, sizeof(me));
  me.r = (struct report){ .task = task, .start = start, .first = NEVER };
  work_begin(&play.work, &play.task[task], &me.at);
  let_go(false);
  begin(start + later);
  while (!over() &&
         (s = work_next(&play.work, &me.at, me.last))->op != WORK_EXIT) {
    step(s);
    look();
    if (s->op == WORK_SLEEP || s->op == WORK_RECV || s->op == WORK_WAIT)
      me.due = me.last;
  }
  end_piece(me.last);
  ask(&p);
  me.r.ended = !over();
  me.r.end = me.last;
  me.r.ran = p.ran - me.base_ran;
  me.r.waited = p.waited - me.base_waited;
  me.r.switches = p.switches - me.base_switches;
  let_go(true);
  tell();
  exit(1);
}
