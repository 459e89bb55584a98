// lottery.c - what OSTEP and the papers claim of shares by tickets, over many
// draws: how fair a lottery is, how its error grows, and that there is next to
// none where tickets go without luck.
//
// A row about many draws cannot afford whole slices. It lets a process run for
// a quantum, which is less than a slice, and yield: the next draw comes then.

#include "user/schedtest/rows.h"

#define QUANTUM least(500 * USEC, policy.draw * 4 / 5)

// ---- OSTEP 9.4: F, of two equal jobs ---------------------------------------

#define RUNS 30

static void
quanta_job(struct member *m)
{
  for (long i = 0; i < m->arg; i++) {
    uint64 stop;

    if (i > 0)
      yield();
    stop = clock_ns() + QUANTUM;
    while (clock_ns() < stop)
      burn();
  }
  m->told[0] = clock_ns();
}

// When the first of two such jobs ends, as a share of when the second does.
static double
first_by_second(long quanta)
{
  long start, a, b;

  crew_begin();
  crew_hire(quanta_job, quanta, 0, true);
  crew_hire(quanta_job, quanta, 0, true);
  crew_ready();
  start = clock_ns();
  crew_go(0, 0);
  crew_wait_all();
  a = crew[0].told[0] - start;
  b = crew[1].told[0] - start;
  crew_end();
  return (double)least(a, b) / most(a, b);
}

// The first has ended after t of the 2 R draws with probability
// 2 C(t-1, R-1) / 2^t. The mean of t / 2R is 1 - C(2R, R) / 4^R; the variance
// of one run is found by summing up.
static double
expected_fairness(long quanta)
{
  double c = 1;

  for (long i = 1; i <= quanta; i++)
    c *= 1 - 0.5 / i;
  return 1 - c;
}

static double
variance_of_fairness(long quanta)
{
  double mean = expected_fairness(quanta), p = 2, sum = 0;

  for (long i = 0; i < quanta; i++)
    p /= 2;
  for (long t = quanta; t < 2 * quanta; t++) {
    double d = t / (2.0 * quanta) - mean;

    sum += p * d * d;
    p = p * t / (t + 1 - quanta) / 2;
  }
  return sum;
}

// A fiftieth of a quantum more, for what starting takes.
static void
fairness(struct result *r, long quanta)
{
  double sum = 0, sd;

  for (int i = 0; i < RUNS; i++)
    sum += first_by_second(quanta);
  sd = root(variance_of_fairness(quanta) / RUNS);
  find(r, ABOUT, UNIT_NUMBER, sum / RUNS * PART,
       expected_fairness(quanta) * PART, (DEVIATIONS * sd + 0.02 / quanta) * PART);
  note(r, "F, the mean of %d runs of two jobs of %ld", RUNS, quanta);
}

void
row_fair1(struct result *r)
{
  fairness(r, 1);
}

void
row_fair10(struct result *r)
{
  fairness(r, 10);
}

void
row_fair100(struct result *r)
{
  fairness(r, 100);
}

// ---- 2:1, window by window -------------------------------------------------

#define WINDOW (8 * SEC)
#define WINDOWS 3

// Each window is a sample of its own; the worst is the row's.
void
row_windows(struct result *r)
{
  long two = 0, one = 0, n = 0, worst = -1;

  crew_begin();
  crew_hire(ticket_hog, 2, 0, true);
  crew_hire(ticket_hog, 1, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + WINDOWS * WINDOW + SEC);
  for (int i = 0; i <= WINDOWS; i++) {
    long had_two = two, had_one = one, had_n = n, share, p = PART * 2 / 3;

    for (int k = 0; k < 2; k++)
      crew_look(&crew[k], &crew[k].after);
    two = ran(&crew[0]);
    one = ran(&crew[1]);
    n = picked(&crew[0]) + picked(&crew[1]);
    share = (double)(two - had_two) / (two - had_two + one - had_one) * PART;
    if (i > 0 && most(share - p, p - share) > worst) {
      worst = most(share - p, p - share);
      find(r, ABOUT, UNIT_SHARE, share, p, spread(p, n - had_n));
    }
    if (i < WINDOWS)
      sleep_ns(WINDOW);
  }
  r->span = WINDOW;
  note(r, "2 of 3 tickets, the worst of %d windows of %ld s", WINDOWS,
       WINDOW / SEC);
  crew_end();
}

// ---- how the error of a lottery grows --------------------------------------

#define SAMPLES 100
#define P 0.3                   // 3 of 10 tickets

static void
loser(struct member *m)
{
  while (clock_ns() < m->end)
    yield();
}

// Report the sum of the squares of how far its picks are from their number by
// tickets, in each of so many samples of m->arg draws, and of what is expected.
static void
winner(struct member *m)
{
  int pid[] = { getpid(), crew[0].pid };
  double sum = 0, expected = 0;

  for (int i = 0; i < SAMPLES; i++) {
    long got[2];
    double n, off;

    yield_for(2, pid, m->arg, m->end, got);
    n = got[0] + got[1];
    off = got[0] - P * n;
    sum += off * off;
    expected += P * (1 - P) * n;
    m->told[2] += got[0] + got[1];
  }
  m->told[0] = sum;
  m->told[1] = expected;
}

// After n draws, with a standard deviation of sqrt(n p (1 - p)). The sum of the
// squares of k such errors, as parts of that, has a mean of k and a variance of
// 2 k; so their root mean square is known to within 1 / sqrt(2 k).
static void
error_grows(struct result *r, long draws)
{
  struct member *m;

  crew_begin();
  crew_hire(loser, 0, 0, true);
  m = crew_hire(winner, draws, 0, true);
  crew_ready();
  sched_setattr(crew[0].pid, "tickets", 7);
  sched_setattr(m->pid, "tickets", 3);
  crew_go(0, clock_ns() + 30 * SEC);
  crew_wait(m);
  find(r, ABOUT, UNIT_NUMBER, root((double)m->told[0] / SAMPLES) * PART,
       root((double)m->told[1] / SAMPLES) * PART,
       root((double)m->told[1] / SAMPLES / (2 * SAMPLES)) * DEVIATIONS * PART);
  note(r, "draws too many or too few of %ld, root mean square of %d times",
       m->told[2] / SAMPLES, SAMPLES);
  crew_end();
}

void
row_error64(struct result *r)
{
  error_grows(r, 64);
}

void
row_error1024(struct result *r)
{
  error_grows(r, 1024);
}

// ---- and that there is next to none without luck ---------------------------

#define SLICES 400

static const struct pair seven_three = { 7, 3 };

static void
seven_watching(struct member *m)
{
  run_and_watch(m, &seven_three);
}

// Never a quantum ahead, or behind, of 7 parts to 3.
void
row_error(struct result *r)
{
  const struct pair *p = &seven_three;
  struct member *m;
  long zero, off;

  if (SLICES * policy.draw > TOO_LONG) {
    skip(r, "with slices of %ld ms it would take too long",
         policy.draw / MSEC);
    return;
  }
  crew_begin();
  crew_hire(hog, 0, 0, true);
  m = crew_hire(seven_watching, 0, 0, true);
  crew_ready();
  sched_setattr(crew[0].pid, "tickets", p->others);
  sched_setattr(m->pid, "tickets", p->mine);
  zero = ahead(p, m->before.ran, crew[0].before.ran);
  crew_go(0, clock_ns() + SLICES * policy.draw);
  crew_wait(m);
  off = most(m->told[1] - zero, zero - m->told[0]);
  find(r, AT_MOST, UNIT_NS, off, policy.lag, policy.lag / 20);
  r->own_late = true;           // the lateness of one slice, which is charged
  note(r, "farthest from 7:3 in %d slices of %ld ms", SLICES,
       policy.draw / MSEC);
  crew_end();
}

// ---- a part of a slice -----------------------------------------------------

#define PARTS 5

// Run for a fifth of a slice and give up the rest.
static void
part_user(struct member *m)
{
  while (clock_ns() < m->end) {
    work(policy.draw / PARTS);
    yield();
  }
}

// Of n draws a part q goes to the part user, with a variance of q (1 - q) / n.
// It then has q / (5 - 4 q) of the time; the slope of that is the factor.
static long
part_spread(double q, long n)
{
  double slope = PARTS / ((PARTS - 4 * q) * (PARTS - 4 * q));

  if (!policy.drawn)
    return spread(PART / 2, n);
  return DEVIATIONS * slope * root(q * (1 - q) / n) * PART;
}

// Beside a hog with as many tickets. With five times the tickets until it is
// drawn again, it wins 5 draws of 6, and so has half of the time; else it wins
// every other one, and has a part of it where the hog has five.
static void
use_a_part(struct result *r, long share, double q)
{
  long span = 400 * policy.draw, all, n;

  if (span > TOO_LONG) {
    skip(r, "with slices of %ld ms it would take too long",
         policy.draw / MSEC);
    return;
  }
  crew_begin();
  crew_hire(part_user, 0, 0, true);
  crew_hire(hog, 0, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  all = ran(&crew[0]) + ran(&crew[1]);
  n = picked(&crew[0]) + picked(&crew[1]);
  find(r, ABOUT, UNIT_SHARE, (double)ran(&crew[0]) / all * PART, share,
       part_spread(q, n));
  r->span = span;
  note(r, "of %ld ms in %ld slices, of which it uses a fifth each", all / MSEC,
       n);
  crew_end();
}

void
row_part(struct result *r)
{
  use_a_part(r, PART / 2, (double)PARTS / (PARTS + 1));
}

void
row_part_lot(struct result *r)
{
  use_a_part(r, PART / (PARTS + 1), 0.5);
}
