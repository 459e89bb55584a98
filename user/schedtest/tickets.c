// tickets.c - rows about shares by tickets.
//
// What is drawn by lot is held to the binomial distribution: of n draws, one
// with probability p comes n p times, with a standard deviation of
// sqrt(n p (1 - p)). A row allows five of them, which chance exceeds once in
// a million times.
//
// Draws come at the end of a slice, or earlier when who runs yields; rows that
// count picks let everybody yield at once, and so see thousands of draws in a
// moment. The rows about CPU time leave the slices whole.
//
// Where tickets go without luck, it is the CPU time of the yielders that goes
// by them, and it is never further off than a turn of each; a turn in which the
// host stops the hart is long.

#include "user/schedtest/rows.h"

#define TURN (100 * USEC)       // more than a yielder's mean turn

double
root(double x)
{
  double y;

  asm("fsqrt.d %0, %1" : "=f"(y) : "f"(x));
  return y;
}

long
spread(long p, long n)
{
  if (n < 1)
    return PART;
  if (!policy.drawn)
    return most(2 * PART / n, PART / 300);      // two turns
  return DEVIATIONS * root((double)p * (PART - p) / n);
}

void
find_shares(struct result *r, int k, const long *got, const long *want, long n)
{
  long all = 0, tickets = 0, worst = -1;

  for (int i = 0; i < k; i++) {
    all += got[i];
    tickets += want[i];
  }
  for (int i = 0; i < k; i++) {
    long share = all ? (double)got[i] / all * PART : 0;
    long p = want[i] * PART / tickets;
    long off = share > p ? share - p : p - share;
    long bad = off * PART / most(spread(p, n), 1);

    if (bad <= worst)
      continue;
    worst = bad;
    find(r, ABOUT, UNIT_SHARE, share, p, spread(p, n));
    note(r, "%ld of %ld tickets, %ld %s", want[i], tickets, n,
         policy.drawn ? "draws" : "turns");
  }
}

static void
set_tickets(int pid, long n)
{
  // Where there are none, the shares will tell.
  sched_setattr(pid, "tickets", n);
}

// ---- CPU time, by whole slices ---------------------------------------------

void
ticket_hog(struct member *m)
{
  set_tickets(0, m->arg);
  hog(m);
}

static bool
run_slices(struct result *r, int k, const long *tickets, long span)
{
  if (span > TOO_LONG) {
    skip(r, "with slices of %ld ms it would take too long",
         policy.draw / MSEC);
    return false;
  }
  crew_begin();
  for (int i = 0; i < k; i++)
    crew_hire(ticket_hog, tickets[i], 0, true);
  crew_ready();
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  r->span = span;
  return true;
}

static void
cpu_shares(struct result *r, int k, const long *tickets)
{
  long span = most(least(200 * policy.draw, 2 * SEC), 30 * policy.draw);
  long got[TOLD], n = 0;

  if (!run_slices(r, k, tickets, span))
    return;
  for (int i = 0; i < k; i++) {
    got[i] = ran(&crew[i]);
    n += picked(&crew[i]);
  }
  find_shares(r, k, got, tickets, n);
  crew_end();
}

void
row_shares(struct result *r)
{
  static const long tickets[] = { 3, 2, 1 };

  cpu_shares(r, 3, tickets);
}

void
row_shares10(struct result *r)
{
  static const long tickets[] = { 10, 1 };

  cpu_shares(r, 2, tickets);
}

// At the end, each that was not drawn yet is once more, and stops at once.
void
row_slice(struct result *r)
{
  static const long tickets[] = { 1, 1 };
  long span = 40 * policy.draw, late = late_sum(policy.hart), time, n;

  if (!run_slices(r, 2, tickets, span))
    return;
  time = ran(&crew[0]) + ran(&crew[1]);
  n = picked(&crew[0]) + picked(&crew[1]);
  late = late_sum(policy.hart) - late;
  find(r, ABOUT, UNIT_NS, time / n, policy.draw, policy.draw / 10);
  r->late = late / n;                   // it makes some slices longer
  r->own_late = true;
  note(r, "%ld draws in %ld ms", n, time / MSEC);
  crew_end();
}

// ---- picks -----------------------------------------------------------------

static void
yielder(struct member *m)
{
  set_tickets(0, m->arg);
  while (clock_ns() < m->end)
    yield();
}

// How often the process was picked; or, without luck, how many turns its CPU
// time comes to, in parts. Asked by one who runs on the same hart, so nobody is
// picked meanwhile.
static long
picks_of(int pid)
{
  struct procinfo p;

  if (procinfo(pid, &p) <= 0)
    return 0;
  return policy.drawn ? (long)p.switches : (long)p.ran;
}

static long
all_picks(int k, const int *pid, long *picks)
{
  long sum = 0;

  for (int i = 0; i < k; i++)
    sum += picks[i] = picks_of(pid[i]);
  return sum;
}

void
yield_for(int k, const int *pid, long n, uint64 end, long *got)
{
  long before[TOLD], after[TOLD];
  long sum = all_picks(k, pid, before);

  n *= policy.drawn ? 1 : TURN;

  do {
    for (int i = 0; i < 8; i++)
      yield();
  } while (all_picks(k, pid, after) - sum < n && clock_ns() < end);
  for (int i = 0; i < k; i++)
    got[i] = after[i] - before[i];
}

// The pids of all members so far, and the caller's.
static int
pids(int *pid)
{
  for (int i = 0; i < ncrew; i++)
    pid[i] = crew[i].pid;
  pid[ncrew] = getpid();
  return ncrew + 1;
}

// The shares of what yield_for put into got. Of CPU time, the turn in which
// the host stops the hart is as much too long.
static void
find_picks(struct result *r, int k, const long *got, const long *want)
{
  long all = 0;

  for (int i = 0; i < k; i++)
    all += got[i];
  if (!policy.drawn)
    r->span = all;
  find_shares(r, k, got, want, policy.drawn ? all : all / TURN);
}

// How many picks, or turns, are enough: those that a host makes longer have to
// weigh little among them.
static long
enough(void)
{
  return policy.drawn || !options.det ? 6000 : 1000;
}

// The last one hired, who counts.
static void
counting_yielder(struct member *m)
{
  int pid[TOLD], k = pids(pid);

  set_tickets(0, m->arg);
  yield_for(k, pid, enough(), m->end, m->told);
}

static void
draw_shares(struct result *r, int k, const long *tickets)
{
  struct member *last = 0;

  crew_begin();
  for (int i = 0; i < k; i++)
    last = crew_hire(i < k - 1 ? yielder : counting_yielder, tickets[i], 0,
                     true);
  crew_ready();
  crew_go(0, clock_ns() + 10 * SEC);
  crew_wait(last);
  find_picks(r, k, last->told, tickets);
  crew_end();
}

void
row_draws(struct result *r)
{
  static const long tickets[] = { 3, 2, 1 };

  draw_shares(r, 3, tickets);
}

void
row_draws10(struct result *r)
{
  static const long tickets[] = { 10, 1 };

  draw_shares(r, 2, tickets);
}

// 1:1 to 10:1, of which the worst is the row's.
void
row_ratios(struct result *r)
{
  long worst = -1;

  for (long k = 1; k <= 10; k++) {
    const long tickets[] = { k, 1 };
    struct result one = { 0 };
    long bad;

    draw_shares(&one, 2, tickets);
    bad = most(one.measured - one.expected, one.expected - one.measured) *
          PART / most(one.tolerance, 1);
    if (bad <= worst)
      continue;
    worst = bad;
    *r = one;
  }
}

// ---- changes, and children -------------------------------------------------

#define EVEN 5          // tickets of both before the change
#define MANY 10         // after it, of the counting one
#define FEW 1           // and of the other, which waits at the time

// Before the change, and after it: not many, so that an effect that comes late
// shows; but turns that the host makes longer must not weigh too much.
static long
soon(void)
{
  return policy.drawn ? 300 : 2000;
}

static void
changing_yielder(struct member *m)
{
  int pid[TOLD], k = pids(pid);

  set_tickets(0, EVEN);
  yield_for(k, pid, soon(), m->end, m->told);
  set_tickets(0, MANY);
  set_tickets(pid[0], FEW);
  yield_for(k, pid, soon(), m->end, m->told);
}

void
row_change(struct result *r)
{
  static const long tickets[] = { FEW, MANY };
  struct member *last;

  crew_begin();
  crew_hire(yielder, EVEN, 0, true);
  last = crew_hire(changing_yielder, 0, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + 10 * SEC);
  crew_wait(last);
  find_picks(r, 2, last->told, tickets);
  crew_end();
}

static void
parent_of_yielder(struct member *m)
{
  int pid[TOLD], child;

  set_tickets(0, m->arg);
  child = fork();
  if (child < 0)
    give_up("fork fails");
  if (child > 0)
    crew_park(child);
  yield_for(pids(pid), pid, 3000, m->end, m->told);
}

void
row_child(struct result *r)
{
  static const long tickets[] = { 5, 10 };
  struct member *last;

  crew_begin();
  crew_hire(yielder, tickets[0], 0, true);
  last = crew_hire(parent_of_yielder, tickets[1], 0, true);
  crew_ready();
  crew_go(0, clock_ns() + 10 * SEC);
  crew_wait(last);
  find_picks(r, 2, last->told, tickets);
  crew_end();
}
