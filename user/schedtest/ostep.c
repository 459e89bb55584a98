// ostep.c - the examples that OSTEP explains its policies by, chapters 7 and 8.
//
// The book's second is a unit here: 10 ms, so that jobs of 10 s take 100 ms, or
// a slice where the example is about slices. Each job takes a little less than
// it says, or what its process does before and after would cost it another
// slice, or make it outrun what it told of itself.
//
// What is measured follows from the order in which jobs run and from nothing
// else, so the tolerance is a tenth of a unit, for switches and rounding.

#include "user/schedtest/rows.h"

#define SECOND (10 * MSEC)

struct job {
  long at;     // when it arrives, in units; in order
  long length; // in units
};

// What came out, in ns: means over all jobs.
struct outcome {
  long turnaround, response, last; // last: the latest end
};

static void
job(struct member *m)
{
  m->told[0] = clock_ns();
  work(m->arg);
  m->told[1] = clock_ns();
}

// Each job of its own group: they arrive one after the other, also those that
// arrive at one time.
static void
hire_jobs(int k, const struct job *jobs, long unit)
{
  crew_begin();
  for (int i = 0; i < k; i++)
    crew_hire(job, jobs[i].length * unit - unit / 50, i, true);
  crew_ready();
  for (int i = 0; i < k; i++)
    sched_setattr(crew[i].pid, "burst", jobs[i].length * unit);
}

static struct outcome
run_jobs(int k, const struct job *jobs, long unit)
{
  struct outcome o = { 0 };
  long arrival[GROUPS], start;

  hire_jobs(k, jobs, unit);
  sched_setattr(0, "burst", MSEC); // or the second would come after the first
  start = clock_ns();
  for (int i = 0; i < k; i++) {
    sleep_until(start + jobs[i].at * unit);
    arrival[i] = clock_ns();
    crew_go(i, 0);
  }
  crew_wait_all();
  for (int i = 0; i < k; i++) {
    o.response += (crew[i].told[0] - arrival[i]) / k;
    o.turnaround += (crew[i].told[1] - arrival[i]) / k;
    o.last = most(o.last, crew[i].told[1] - start);
  }
  crew_end();
  return o;
}

// ---- chapter 7: first in first out, the shortest first ---------------------

static const struct job tens[] = { { 0, 10 }, { 0, 10 }, { 0, 10 } };
static const struct job convoy[] = { { 0, 100 }, { 0, 10 }, { 0, 10 } };
static const struct job late_ones[] = { { 0, 100 }, { 10, 10 }, { 10, 10 } };
static const struct job fives[] = { { 0, 5 }, { 0, 5 }, { 0, 5 } };

static void
mean_turnaround(struct result *r, const struct job *jobs, long units)
{
  struct outcome o = run_jobs(3, jobs, SECOND);

  find(r, ABOUT, UNIT_NS, o.turnaround, units * SECOND, SECOND / 10);
  note(r, "mean turnaround of jobs of %ld, %ld and %ld ms",
       jobs[0].length * SECOND / MSEC, jobs[1].length * SECOND / MSEC,
       jobs[2].length * SECOND / MSEC);
}

void
row_fifo(struct result *r)
{
  mean_turnaround(r, tens, 20);
}

void
row_convoy(struct result *r)
{
  mean_turnaround(r, convoy, 110);
}

void
row_sjf(struct result *r)
{
  mean_turnaround(r, convoy, 50);
}

void
row_stcf(struct result *r)
{
  mean_turnaround(r, late_ones, 50);
}

// ---- a slice each ----------------------------------------------------------

void
row_rr_turn(struct result *r)
{
  struct outcome o = run_jobs(3, fives, policy.equal);

  find(r, ABOUT, UNIT_NS, o.turnaround, 14 * policy.equal, policy.equal / 10);
  note(r, "mean turnaround of three jobs of 5 slices");
}

void
row_rr_resp(struct result *r)
{
  struct outcome o = run_jobs(3, fives, policy.equal);

  find(r, ABOUT, UNIT_NS, o.response, policy.equal, policy.equal / 10);
  note(r, "mean response of three jobs of 5 slices");
}

// ---- input and output ------------------------------------------------------

#define PIECES 5

// Compute for a unit, wait for the disk for one, five times.
static void
reader(struct member *m)
{
  for (int i = 0; i < PIECES; i++) {
    if (i > 0)
      sleep_ns(SECOND);
    work(m->arg);
  }
  m->told[1] = clock_ns();
}

// A reads, B computes for as long in one piece: the disk and the hart are
// busy together, and all is done after ten units, whoever of them is last.
void
row_overlap(struct result *r)
{
  long start, last;

  crew_begin();
  crew_hire(reader, SECOND - SECOND / 250, 0, true);
  crew_hire(job, PIECES * SECOND - SECOND / 50, 1, true);
  crew_ready();
  sched_setattr(crew[0].pid, "burst", SECOND);
  sched_setattr(crew[1].pid, "burst", PIECES * SECOND);
  sched_setattr(0, "burst", MSEC);
  start = clock_ns();
  crew_go(0, 0);
  crew_go(1, 0);
  crew_wait_all();
  last = most(crew[0].told[1], crew[1].told[1]);
  find(r, ABOUT, UNIT_NS, last - start, 2 * PIECES * SECOND, SECOND / 10);
  note(r, "until both are done: one computes, one reads by turns");
  crew_end();
}

// ---- chapter 8: along came a short job -------------------------------------

// A has come down; B needs two slices of the best level, and less than would
// bring it down to A, so it is done as if it were alone.
void
row_short_job(struct result *r)
{
  long need = least(2 * policy.slice[0], policy_allotments() * 9 / 10);
  struct member *b;
  long start;

  if (!quiet(r, 5 * policy_allotments() / 4 + 2 * need + 20 * MSEC))
    return;
  crew_begin();
  crew_hire(hog, 0, 0, true);
  b = crew_hire(job, need, 1, true);
  crew_ready();
  crew_go(0, clock_ns() + policy_allotments() * 5 / 4 + 2 * need + 10 * MSEC);
  wait_sunk(&crew[0], clock_ns() + policy_allotments() * 5 / 4);
  start = clock_ns();
  crew_go(1, 0);
  crew_wait(b);
  find(r, ABOUT, UNIT_NS, b->told[1] - start, need, policy.slice[0] / 10);
  note(r, "turnaround beside a hog that has come down");
  crew_end();
}

// ---- chapter 8: gaming -----------------------------------------------------

// Leave the hart just before a slice of the best level ends.
static void
gamer(struct member *m)
{
  long piece = policy.slice[0] * 99 / 100;

  while (clock_ns() < m->end) {
    work(piece);
    sleep_ns(policy.slice[0] / 100);
  }
}

// Between two boosts both come down alike. On the way, or when the time is up,
// one may be ahead by a slice of the last level, and by the allotments.
void
row_gaming(struct result *r)
{
  bool boosted = policy.promised & BOOST;
  long period = boosted ? policy.boost : 10 * policy_allotments();
  int n = boosted ? 4 : 1;
  long ahead = policy.slice[most(policy.nlevel - 1, 0)] + policy_allotments();
  long share, all;

  if (!has_levels(r))
    return;
  if (period > TOO_LONG / n || ahead > period / 4) {
    skip(r, "the time between boosts does not suit it");
    return;
  }
  crew_begin();
  crew_hire(gamer, 0, 0, true);
  crew_hire(hog, 0, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + n * period);
  crew_wait_all();
  all = ran(&crew[0]) + ran(&crew[1]);
  share = (double)ran(&crew[0]) / all * PART;
  find(r, AT_MOST, UNIT_SHARE, share, PART / 2, ahead * PART / period / 2);
  note(r, "of %ld ms, for one that sleeps before each slice ends", all / MSEC);
  crew_end();
}
