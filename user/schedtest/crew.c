// crew.c - the processes that a row lets run against each other.
//
//     hired --> at the gate --> acting --> done: parked --> ended
//
// Each tells the runner through one pipe when it is at its gate and when it is
// done. Between the two nobody else has to run: members know by the clock when
// to stop, and the runner sleeps in a read. A parked member stays alive until
// the runner has read what the kernel counted for it.

#include "user/schedtest/schedtest.h"

struct message {
  int member;
  bool done;
  long told[TOLD];
};

struct member crew[CREW];
int ncrew;

static int gate[GROUPS][2];
static int reports[2];
static int park[2];             // nobody writes: a read ends when it is closed

void
give_up(const char *why)
{
  warn("schedtest", "%s", why);
  exit(3);
}

void
burn(void)
{
  for (volatile int i = 0; i < 400; i++)
    ;
}

void
sleep_until(uint64 at)
{
  uint64 now = clock_ns();

  if (now < at)
    sleep_ns(at - now);
}

void
pin(int hart)
{
  if (sched_setaffinity(0, hart < 0 ? ~0UL : 1UL << hart) < 0)
    give_up("cannot choose a hart");
}

void
hog(struct member *m)
{
  while (clock_ns() < m->end)
    burn();
}

void
work(long time)
{
  struct procinfo p;
  long enough;

  procinfo(0, &p);
  enough = p.ran + time;
  do {
    burn();
    procinfo(0, &p);
  } while ((long)p.ran < enough);
}

// ---- waits -----------------------------------------------------------------

long
late_sum(int hart)
{
  struct hartinfo h;

  return hartinfo(hart, &h) == 0 ? h.late_sum : 0;
}

void
watch_begin(struct watch *w)
{
  memset(w, 0, sizeof(*w));
  watch_step(w);
  w->wait = w->wait_late = w->waits = 0;
}

// The two readings belong together if no timer interrupt came in between.
void
watch_step(struct watch *w)
{
  struct procinfo p;
  long late;

  do {
    late = late_sum(policy.hart);
    procinfo(0, &p);
  } while (late_sum(policy.hart) != late);
  w->wait = p.waited - w->waited;
  w->wait_late = late - w->late;
  w->waits = p.switches - w->picked;
  w->ran = p.ran;
  w->waited = p.waited;
  w->late = late;
  w->picked = p.switches;
}

// ---- a member's side -------------------------------------------------------

static void
report(struct member *m, bool done)
{
  struct message msg = { .member = m - crew, .done = done };

  memcpy(msg.told, m->told, sizeof(msg.told));
  if (write(reports[1], &msg, sizeof(msg)) != sizeof(msg))
    exit(1);
}

void
crew_park(int child)
{
  char c;

  read(park[0], &c, 1);
  if (child > 0) {
    kill(child);
    waitpid(child, 0, 0);
  }
  exit(0);
}

static void __attribute__((noreturn))
member_main(struct member *m, bool pinned)
{
  close(park[1]);
  for (int i = 0; i < GROUPS; i++)
    close(gate[i][1]);
  if (pinned)
    pin(policy.hart);
  watch_begin(&m->watch);
  report(m, false);
  if (read(gate[m->group][0], &m->end, sizeof(m->end)) != sizeof(m->end))
    exit(1);
  m->act(m);
  report(m, true);
  crew_park(0);
  exit(0);
}

// ---- the runner's side -----------------------------------------------------

void
crew_begin(void)
{
  bool ok = pipe(reports) == 0 && pipe(park) == 0;

  for (int i = 0; i < GROUPS; i++)
    ok = ok && pipe(gate[i]) == 0;
  if (!ok)
    give_up("no pipes");
  ncrew = 0;
}

struct member *
crew_hire(void (*act)(struct member *), long arg, int group, bool pinned)
{
  struct member *m = &crew[ncrew];

  if (ncrew == CREW)
    give_up("too many processes in a row");
  memset(m, 0, sizeof(*m));
  m->act = act;
  m->arg = arg;
  m->group = group;
  m->pid = fork();
  if (m->pid == 0)
    member_main(m, pinned);
  if (m->pid < 0)
    give_up("fork fails");
  ncrew++;
  return m;
}

void
crew_look(struct member *m, struct procinfo *pi)
{
  if (procinfo(m->pid, pi) != m->pid)
    give_up("a process has ended unexpectedly");
}

static struct member *
next_report(void)
{
  struct message msg;
  struct member *m;

  if (read(reports[0], &msg, sizeof(msg)) != sizeof(msg))
    give_up("no report");
  m = &crew[msg.member];
  m->done = msg.done;
  memcpy(m->told, msg.told, sizeof(m->told));
  return m;
}

void
crew_ready(void)
{
  for (int i = 0; i < ncrew; i++)
    next_report();
  for (int i = 0; i < ncrew; i++)
    crew_look(&crew[i], &crew[i].before);
}

// One write, so that all become ready at once.
void
crew_go(int group, uint64 end)
{
  static uint64 orders[CREW];
  int n = 0;

  for (int i = 0; i < ncrew; i++)
    if (crew[i].group == group)
      orders[n++] = end;
  if (write_all(gate[group][1], orders, n * sizeof(orders[0])) < 0)
    give_up("cannot open a gate");
}

void
crew_wait(struct member *m)
{
  while (!m->done)
    next_report();
  crew_look(m, &m->after);
}

void
crew_wait_all(void)
{
  for (int i = 0; i < ncrew; i++)
    crew_wait(&crew[i]);
}

static void
close_both(const int *fd)
{
  close(fd[0]);
  close(fd[1]);
}

void
crew_end(void)
{
  close_both(reports);
  close_both(park);
  for (int i = 0; i < GROUPS; i++)
    close_both(gate[i]);
  for (int i = 0; i < ncrew; i++)
    if (!crew[i].done)
      kill(crew[i].pid);
  for (int i = 0; i < ncrew; i++)
    waitpid(crew[i].pid, 0, 0);
}

long
ran(const struct member *m)
{
  return m->after.ran - m->before.ran;
}

long
picked(const struct member *m)
{
  return m->after.switches - m->before.switches;
}

// ---- how far two are from their shares ---------------------------------------

static long
ran_of(int pid)
{
  struct procinfo p;

  return procinfo(pid, &p) > 0 ? (long)p.ran : 0;
}

long
ahead(const struct pair *p, long a, long b)
{
  return (p->others * a - p->mine * b) / (p->mine + p->others);
}

void
run_and_watch(struct member *m, const struct pair *p)
{
  int me = getpid();

  m->told[0] = m->told[1] = ahead(p, ran_of(me), ran_of(crew[0].pid));
  while (clock_ns() < m->end) {
    long now = ahead(p, ran_of(me), ran_of(crew[0].pid));

    m->told[0] = least(m->told[0], now);
    m->told[1] = most(m->told[1], now);
    burn();
  }
}
