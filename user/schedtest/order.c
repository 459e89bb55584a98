// order.c - rows about who goes first.

#include "user/schedtest/rows.h"

#define JOBS 3
#define UNIT (20 * MSEC)

// ---- in the order of arrival -----------------------------------------------

// A job, which tells when it ran.
static void
whole_job(struct member *m)
{
  m->told[0] = clock_ns();
  work(m->arg);
  m->told[1] = clock_ns();
}

// Two of one group come before one of the other: it has to begin when they
// have ended, and none may be picked twice.
void
row_arrival(struct result *r)
{
  long wrong = 0;

  crew_begin();
  for (int i = 0; i < JOBS; i++)
    crew_hire(whole_job, UNIT, i == JOBS - 1, true);
  crew_ready();
  crew_go(0, 0);
  crew_go(1, 0);
  crew_wait_all();
  for (int i = 0; i < JOBS; i++) {
    wrong += picked(&crew[i]) != 1;
    wrong += i < JOBS - 1 && crew[i].told[1] > crew[JOBS - 1].told[0];
  }
  find(r, ABOUT, UNIT_PIECES, wrong, 0, 0);
  note(r, "of %d jobs that overtook another, or were stopped", JOBS);
  crew_end();
}

// Let all go from the hart that they are for. Released from another hart, the
// first may run alone for as long as the host lets that other hart wait.
static void
go_from_their_hart(void)
{
  pin(policy.hart);
  crew_go(0, 0);
  crew_wait_all();
  pin(-1);
}

// ---- the shortest first ----------------------------------------------------

static void
told_job(struct member *m)
{
  m->told[0] = clock_ns();
  sched_setattr(0, "burst", m->arg);
  work(m->arg);
  m->told[1] = clock_ns();
}

// Bursts of 3, 1 and 2 units: done after 6, 1 and 3, from when the first of
// them ran.
void
row_shortest(struct result *r)
{
  static const int units[JOBS] = { 3, 1, 2 };
  long start, sum = 0;

  crew_begin();
  for (int i = 0; i < JOBS; i++)
    crew_hire(told_job, units[i] * UNIT, 0, true);
  crew_ready();
  go_from_their_hart();
  start = crew[0].told[0];
  for (int i = 0; i < JOBS; i++)
    start = least(start, crew[i].told[0]);
  for (int i = 0; i < JOBS; i++)
    sum += crew[i].told[1] - start;
  find(r, ABOUT, UNIT_NS, sum / JOBS, 10 * UNIT / JOBS, MSEC);
  note(r, "mean turnaround of bursts of %ld, %ld and %ld ms",
       3 * UNIT / MSEC, UNIT / MSEC, 2 * UNIT / MSEC);
  crew_end();
}

// ---- by priority -----------------------------------------------------------

// A job whose priority is worse by m->arg, which tells when it ended.
static void
ranked_job(struct member *m)
{
  long own = 0;

  sched_getattr(0, "priority", &own);
  sched_setattr(0, "priority", own + m->arg);
  work(UNIT);
  m->told[0] = clock_ns();
}

// Jobs that let themselves be worse than they were, by 3, 1 and 2. All that are
// there when one says so are as good as it was, so the first two make way.
void
row_priority(struct result *r)
{
  static const int worse[JOBS] = { 3, 1, 2 };
  long wrong = 0, own;

  if (sched_getattr(0, "priority", &own) == 0 &&
      (sched_setattr(0, "priority", own + JOBS) < 0 ||
       sched_setattr(0, "priority", own) < 0)) {
    skip(r, "there are no %d priorities worse than that of the row", JOBS);
    return;
  }
  crew_begin();
  for (int i = 0; i < JOBS; i++)
    crew_hire(ranked_job, worse[i], 0, true);
  crew_ready();
  go_from_their_hart();
  for (int i = 0; i < JOBS; i++)
    for (int k = 0; k < JOBS; k++)
      wrong += worse[i] < worse[k] && crew[i].told[0] > crew[k].told[0];
  find(r, ABOUT, UNIT_PIECES, wrong, 0, 0);
  note(r, "of %d pairs of jobs in which the worse ended first", JOBS);
  crew_end();
}
