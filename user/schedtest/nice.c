// nice.c - rows about shares by nice: weights, lag, and what sleep is worth.
//
// The weights are Linux's: 1024 at nice 0, 1.25 times less with each step up.
// None is ever more than a request, or two, away from its share, so a share of
// a span may be two requests off, and no more than a hundredth of all.

#include "user/schedtest/rows.h"

static void
nice_hog(struct member *m)
{
  sched_setattr(0, "nice", m->arg);
  hog(m);
}

// What nice 0 gets beside another, whose weight is w of its 1024.
static void
beside(struct result *r, int nice, long w)
{
  long span = most(SEC, 200 * policy.request), all;

  if (span > TOO_LONG) {
    skip(r, "with requests of %ld ms it would take too long",
         policy.request / MSEC);
    return;
  }
  crew_begin();
  crew_hire(nice_hog, 0, 0, true);
  crew_hire(nice_hog, nice, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  all = ran(&crew[0]) + ran(&crew[1]);
  find(r, ABOUT, UNIT_SHARE, (double)ran(&crew[0]) / all * PART,
       1024 * PART / (1024 + w), 2 * PART * policy.request / span);
  r->span = span;
  note(r, "of %ld ms", all / MSEC);
  crew_end();
}

void
row_nice1(struct result *r)
{
  beside(r, 1, 819);    // 1024 / 1.25
}

void
row_nice5(struct result *r)
{
  beside(r, 5, 336);    // 1024 / 1.25^5
}

void
row_nice10(struct result *r)
{
  beside(r, 10, 110);   // 1024 / 1.25^10
}

void
row_nice19(struct result *r)
{
  beside(r, 19, 15);    // 1024 / 1.25^19
}

// ---- lag -------------------------------------------------------------------

#define REQUESTS 400

static const struct pair zero_three = { 1024, 524 };    // 1024 / 1.25^3

static void
zero_watching(struct member *m)
{
  run_and_watch(m, &zero_three);
}

// Each lag is between one request less than 0 and one more; what both had when
// they began is not known, but not how far apart its extremes are.
void
row_lag(struct result *r)
{
  struct member *m;

  if (REQUESTS * policy.request > TOO_LONG) {
    skip(r, "with requests of %ld ms it would take too long",
         policy.request / MSEC);
    return;
  }
  crew_begin();
  crew_hire(hog, 0, 0, true);
  m = crew_hire(zero_watching, 0, 0, true);
  crew_ready();
  sched_setattr(crew[0].pid, "nice", 3);
  crew_go(0, clock_ns() + REQUESTS * policy.request);
  crew_wait(m);
  find(r, AT_MOST, UNIT_NS, m->told[1] - m->told[0], 2 * policy.lag,
       policy.lag / 20);
  r->own_late = true;           // the lateness of one request, which is charged
  note(r, "between most behind and most ahead, at nice 0 and 3; a request is"
       " %ld ms", policy.request / MSEC);
  crew_end();
}

// ---- sleep -----------------------------------------------------------------

// Run for most of a request, and sleep for a moment, again and again.
static void
sleepy(struct member *m)
{
  while (clock_ns() < m->end) {
    work(policy.request * 9 / 10);
    sleep_ns(policy.request / 20);
  }
}

// Beside a hog of nice 0. Were what it is ahead forgotten, it would run a
// request for each of the hog's.
void
row_credit(struct result *r)
{
  long span = most(2 * SEC, 200 * policy.request), all;

  if (span > TOO_LONG) {
    skip(r, "with requests of %ld ms it would take too long",
         policy.request / MSEC);
    return;
  }
  crew_begin();
  crew_hire(sleepy, 0, 0, true);
  crew_hire(hog, 0, 0, true);
  crew_ready();
  sched_setattr(crew[0].pid, "nice", 5);
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  all = ran(&crew[0]) + ran(&crew[1]);
  find(r, AT_MOST, UNIT_SHARE, (double)ran(&crew[0]) / all * PART,
       336 * PART / (1024 + 336), 2 * PART * policy.request / span);
  r->span = span;
  note(r, "of %ld ms, for nice 5 that sleeps before each request ends", all / MSEC);
  crew_end();
}
