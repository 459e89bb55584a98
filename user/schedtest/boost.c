// boost.c - rows about the boost, which comes at the multiples of its period.

#include "user/schedtest/rows.h"

#define HOGS 4
#define SLACK (60 * MSEC)       // before a boost, for a busy host

// The first boost that is at least so far away, or 0: *r says why.
static uint64
boost_after(struct result *r, long lead)
{
  uint64 now = clock_ns();

  if (!has_levels(r))
    return 0;
  if (lead + 20 * MSEC > policy.boost)
    skip(r, "boosts come faster than a hog sinks");
  else if (policy.boost > TOO_LONG)
    skip(r, "a boost comes only every %ld s", policy.boost / SEC);
  if (r->skipped)
    return 0;
  return ((now + lead) / policy.boost + 1) * policy.boost;
}

// ---- a starved process -----------------------------------------------------

// Report when the first wait of half a slice, or more, was over, and how late
// the host was meanwhile.
static void
wait_once(struct member *m)
{
  struct watch w;

  watch_begin(&w);
  do {
    burn();
    watch_step(&w);
  } while (w.wait < policy.slice[0] / 2 && clock_ns() < m->end);
  m->told[0] = clock_ns();
  m->told[1] = w.wait_late;
}

// The victim has sunk before the hogs come, and they keep it from running
// until long after the boost, were there none: n hogs need n times what one
// needs to sink. The boost sets it free in n slices.
void
row_boost(struct result *r)
{
  long sum = policy_allotments();
  long starved = HOGS * sum / 3;        // until the boost
  uint64 boost, end;

  boost = boost_after(r, sum * 5 / 4 + starved + 20 * MSEC);
  if (!r->skipped && sum < 2 * policy.slice[0])
    skip(r, "hogs sink so fast that it makes no difference");
  if (r->skipped)
    return;
  end = boost + HOGS * sum;
  crew_begin();
  crew_hire(wait_once, 0, 0, true);
  for (int i = 0; i < HOGS; i++)
    crew_hire(hog, 0, 1, true);
  crew_ready();
  sleep_until(boost - starved - sum * 5 / 4 - 2 * MSEC);
  crew_go(0, end);
  sleep_until(boost - starved);
  crew_go(1, end);
  r->disturbed = clock_ns() > boost;
  crew_wait(&crew[0]);
  find(r, UP_TO, UNIT_NS, crew[0].told[0] - boost, HOGS * policy.slice[0],
       least(500 * USEC, policy.slice[0] / 4));
  r->late = crew[0].told[1];
  r->own_late = true;
  note(r, "from the boost until it ran, beside %d hogs; starved for %ld ms",
       HOGS, starved / MSEC);
  crew_end();
}

// ---- a sleeping process ----------------------------------------------------

// How long the hogs go on when the sleeper wakes up: longer than the host is
// late, mostly.
#define REST (100 * MSEC)

// How long after the boost the sleeper wakes, when the hogs have left the top.
static long
lie_in(void)
{
  return HOGS * policy.allot[0] * 3 / 2 + 20 * MSEC;
}

// Sink, sleep through the boost, and report how long the first wait was after
// waking up, and when sleep began.
static void
sleeper(struct member *m)
{
  struct watch w;
  long enough;

  watch_begin(&w);
  enough = w.ran + policy_allotments();
  while (w.ran < enough && clock_ns() < m->end) {
    burn();
    watch_step(&w);
  }
  m->told[1] = clock_ns();
  sleep_until(m->end - REST);
  watch_step(&w);
  m->told[0] = w.wait;
  m->told[2] = w.wait_late;
  m->told[3] = w.waits;
}

void
row_asleep(struct result *r)
{
  long lead = policy_allotments() * 5 / 4 + SLACK + 10 * MSEC;
  uint64 boost = boost_after(r, lead + 10 * MSEC), end;

  if (!r->skipped && lie_in() + REST + 20 * MSEC > policy.boost)
    skip(r, "boosts come too fast");
  if (r->skipped)
    return;
  end = boost + lie_in() + REST;
  crew_begin();
  crew_hire(sleeper, 0, 0, true);
  for (int i = 0; i < HOGS; i++)
    crew_hire(hog, 0, 1, true);
  crew_ready();
  sleep_until(boost - lead);
  crew_go(0, end);
  sleep_until(boost - SLACK / 2);
  crew_go(1, end);
  crew_wait(&crew[0]);
  r->disturbed = crew[0].told[1] > (long)boost || crew[0].told[3] != 1;
  find(r, AT_MOST, UNIT_NS, crew[0].told[0], 0,
       least(500 * USEC, policy.slice[0] / 4));
  r->late = crew[0].told[2];
  r->own_late = true;
  note(r, "wait at its wake-up, beside %d hogs below the top", HOGS);
  crew_end();
}

// ---- the allotment ---------------------------------------------------------

// Use up most of the first allotment, sleep through the boost, and report what
// it then ran before another had a turn.
static void
spender(struct member *m)
{
  struct watch w;
  long start, late;

  watch_begin(&w);
  start = w.ran;
  while (w.ran - start < policy.allot[0] * 3 / 5 && clock_ns() < m->end) {
    burn();
    watch_step(&w);
  }
  m->told[1] = clock_ns();
  sleep_until(m->arg);
  watch_step(&w);
  start = w.ran;
  late = w.late;
  do {
    burn();
    watch_step(&w);
  } while (w.wait < policy.slice[0] / 2 && clock_ns() < m->end);
  m->told[0] = w.ran - start;
  m->told[2] = w.late - late;
}

static void
late_hog(struct member *m)
{
  sleep_until(m->arg);
  hog(m);
}

void
row_renewed(struct result *r)
{
  long lead = policy.allot[0] + SLACK;
  uint64 boost = boost_after(r, lead + 10 * MSEC);
  long both = boost + MSEC;             // when both wake up

  if (r->skipped)
    return;
  crew_begin();
  crew_hire(spender, both, 0, true);
  crew_hire(late_hog, both, 0, true);
  crew_ready();
  sleep_until(boost - lead);
  crew_go(0, boost + 4 * policy.slice[0] + policy.allot[0]);
  crew_wait(&crew[0]);
  r->disturbed = crew[0].told[1] > (long)boost;
  find(r, ABOUT, UNIT_NS, crew[0].told[0], policy.slice[0],
       least(MSEC, policy.slice[0] / 4));
  r->late = crew[0].told[2];
  r->own_late = true;
  note(r, "ran at once after the boost, with most of it used before");
  crew_end();
}
