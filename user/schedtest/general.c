// general.c - rows that hold for every policy: nobody starves, the accounts
// add up, and no hart idles beside work.

#include "user/schedtest/rows.h"

// ---- no process starves ----------------------------------------------------

// Where no bound is promised, each runs at last when the others have ended,
// which is when they have seen that their time is over.
void
row_starve(struct result *r)
{
  int n = policy.nhart + 2;
  bool bound = policy.promised & LIVE;
  long most_wait = policy.live + (n + 1) * policy.live_each;
  long span = bound ? least(most(most_wait * 21 / 20, 200 * MSEC), 3 * SEC)
                    : 500 * MSEC;
  long longest = 0;
  int hungry = 0;

  crew_begin();
  for (int i = 0; i < n; i++)
    crew_hire(hog, 0, 0, false);
  crew_ready();
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  for (int i = 0; i < n; i++) {
    longest = most(longest, crew[i].after.max_wait);
    hungry += ran(&crew[i]) == 0;
  }
  find(r, AT_MOST, UNIT_NS, longest, bound ? most_wait : span,
       bound ? MSEC : span / 10);
  note(r, "longest wait of %d hogs", n);
  if (hungry) {
    r->wrong = true;
    note(r, "%d of %d hogs never ran", hungry, n);
  }
  crew_end();
}

// ---- CPU time adds up ------------------------------------------------------

// The time that all processes ran and all harts idled, as counted at some
// moments between from and to.
struct account {
  uint64 from, to, sum;
};

static void
take_account_once(struct account *a)
{
  struct procinfo p;
  struct hartinfo h;

  a->sum = 0;
  a->from = clock_ns();
  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1)
    a->sum += p.ran;
  for (int i = 0; i <= policy.hart; i++)
    if (hartinfo(i, &h) == 0)
      a->sum += h.idle;
  a->to = clock_ns();
}

// Again if others ran in between.
static void
take_account(struct account *a)
{
  int tries = 0;

  do
    take_account_once(a);
  while (a->to - a->from > MSEC && ++tries < 10);
}

// Run and sleep by turns, each member at a rhythm of its own.
static void
varied(struct member *m)
{
  uint64 step = 300 * USEC + m->arg * 170 * USEC;

  while (clock_ns() < m->end) {
    uint64 stop = clock_ns() + step;

    while (clock_ns() < stop)
      burn();
    sleep_ns(step * (1 + m->arg % 3));
  }
}

void
row_adds_up(struct result *r)
{
  long span = 500 * MSEC, passed;
  struct account a, b;

  crew_begin();
  for (int i = 0; i <= policy.nhart / 2; i++)
    crew_hire(hog, 0, 0, false);
  for (int i = 0; i < 3; i++)
    crew_hire(varied, i, 0, false);
  crew_ready();
  crew_go(0, clock_ns() + 2 * span);
  take_account(&a);
  sleep_ns(span);
  take_account(&b);
  passed = (b.from + b.to) / 2 - (a.from + a.to) / 2;
  find(r, ABOUT, UNIT_SHARE,
       (double)(b.sum - a.sum) / policy.nhart / passed * PART, PART,
       PART / 100);
  note(r, "of %ld ms on %d hart%s; the readings took %ld us", passed / MSEC,
       policy.nhart, policy.nhart > 1 ? "s" : "",
       (long)(a.to - a.from + b.to - b.from) / USEC);
  // What runs while the accounts are read is in one or the other.
  r->tolerance += (a.to - a.from + b.to - b.from) * PART / 2 / passed;
  crew_end();
}

// ---- work is conserved -----------------------------------------------------

// The same as varied(), with short-lived children.
static void
varied_family(struct member *m)
{
  uint64 end = m->end;

  while (clock_ns() < end) {
    int pid;

    m->end = least(end, clock_ns() + 20 * MSEC);
    varied(m);
    pid = fork();
    if (pid == 0) {
      burn();
      exit(0);
    }
    if (pid > 0)
      waitpid(pid, 0, 0);
  }
}

static long
idle_faults(void)
{
  struct hartinfo h;
  long n = 0;

  for (int i = 0; i <= policy.hart; i++)
    if (hartinfo(i, &h) == 0)
      n += h.idle_faults;
  return n;
}

void
row_conserved(struct result *r)
{
  int n = 2 * policy.nhart + 2;
  long faults = idle_faults();

  n = least(n, CREW);
  crew_begin();
  for (int i = 0; i < n; i++)
    crew_hire(varied_family, i, 0, false);
  crew_ready();
  crew_go(0, clock_ns() + 400 * MSEC);
  crew_wait_all();
  find(r, ABOUT, UNIT_PIECES, idle_faults() - faults, 0, 0);
  note(r, "times that a hart idled beside a waiting process");
  crew_end();
}
