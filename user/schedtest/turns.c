// turns.c - rows about policies that give each process its turn: equal shares,
// and a longest wait.

#include "user/schedtest/rows.h"

// Let n hogs run on one hart for some rounds of the given slice.
static bool
run_hogs(struct result *r, int n, long slice, void (*act)(struct member *))
{
  long span = most(300 * MSEC, 3 * n * slice);

  if (span > TOO_LONG) {
    skip(r, "with slices of %ld s it would take too long", slice / SEC);
    return false;
  }
  crew_begin();
  for (int i = 0; i < n; i++)
    crew_hire(act, 0, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + span);
  crew_wait_all();
  return true;
}

void
row_equal(struct result *r)
{
  long low, high;

  if (!run_hogs(r, 4, policy.equal, hog))
    return;
  low = high = ran(&crew[0]);
  for (int i = 1; i < ncrew; i++) {
    low = least(low, ran(&crew[i]));
    high = most(high, ran(&crew[i]));
  }
  find(r, AT_MOST, UNIT_NS, high - low, 2 * policy.equal, 200 * USEC);
  note(r, "%d hogs, of which the luckiest ran %ld ms", ncrew, high / MSEC);
  crew_end();
}

// Run, and report the longest wait, less the host's part, and that part, and
// how many waits there were. Two in one step cannot be told from a long one;
// the way here from the gate may hold several.
static void
watching_hog(struct member *m)
{
  struct watch *w = &m->watch;

  watch_begin(w);
  do {
    burn();
    watch_step(w);
    if (w->waits != 1)
      continue;
    m->told[2]++;
    if (w->wait - w->wait_late > m->told[0] - m->told[1]) {
      m->told[0] = w->wait;
      m->told[1] = w->wait_late;
    }
  } while (clock_ns() < m->end);
}

void
row_wait(struct result *r)
{
  struct member *worst = crew;
  long waits = 0;

  if (!run_hogs(r, 5, policy.wait, watching_hog))
    return;
  for (int i = 0; i < ncrew; i++) {
    waits += crew[i].told[2];
    if (crew[i].told[0] - crew[i].told[1] > worst->told[0] - worst->told[1])
      worst = &crew[i];
  }
  find(r, AT_MOST, UNIT_NS, worst->told[0], (ncrew - 1) * policy.wait,
       500 * USEC);
  r->late = worst->told[1];
  r->own_late = true;
  note(r, "longest of %ld waits of %d hogs: %d slices", waits, ncrew,
       ncrew - 1);
  r->disturbed = waits < ncrew;
  crew_end();
}
