// preempt.c - rows about an interactive process beside n hogs.
//
// It sleeps a little, by turns, and looks how long it waited to run. New hogs
// are on its own level until each has used up its first allotment: so long it
// may have to wait for a slice of each. After that it pushes them out at once.

#include "user/schedtest/rows.h"

#define HOGS 4
#define ENOUGH 25       // waits after the window

static long
window(void)
{
  return HOGS * policy.allot[0];
}

// Time for it all, on a host that takes a good part of it away.
static long
duration(void)
{
  long short_one = window() * 5 / 4 + 10 * policy.slice[0];
  long long_one = window() * 2 + 30 * policy.slice[0];

  if (policy.promised & BOOST)
    long_one = least(long_one, policy.boost - 40 * MSEC);
  return most(short_one, long_one);
}

// Waits in the window, or after it.
struct waits {
  long n;
  long longest, late;   // the longest less the host's part, and that part
};

static void
count_wait(struct waits *s, const struct watch *w)
{
  s->n++;
  if (s->n > 1 && w->wait - w->wait_late <= s->longest - s->late)
    return;
  s->longest = w->wait;
  s->late = w->wait_late;
}

// Report on the waits in the window, or, if arg is 1, on those after it.
static void
interactive(struct member *m)
{
  static const int rhythm[] = { 7, 11, 13, 17 };
  struct waits waits[2] = { 0 };
  long start = m->end - duration(), ran, late;
  struct watch w;

  watch_begin(&w);
  ran = w.ran;
  late = w.late;
  for (int i = 0; waits[1].n < ENOUGH && clock_ns() < m->end; i++) {
    long nap = most(policy.slice[0] * rhythm[i % 4] / 40, 20 * USEC);
    long when = clock_ns() + nap - start;
    int after = when > window() + policy.slice[0] / 4 + w.late - late;

    watch_step(&w);
    sleep_ns(nap);
    watch_step(&w);
    if (w.waits == 1)   // or it was stopped on the way to its nap
      count_wait(&waits[after], &w);
    if (w.ran - ran > policy.allot[0] / 2)      // or it would sink itself
      break;
  }
  m->told[0] = waits[m->arg].longest;
  m->told[1] = waits[m->arg].late;
  m->told[2] = waits[m->arg].n;
}

static void
beside_hogs(struct result *r, bool after)
{
  struct member *m;
  uint64 end;

  if (!quiet(r, duration() + 20 * MSEC))
    return;
  if (policy.allot[0] < 2 * MSEC) {
    skip(r, "the allotment is too short for an interactive process");
    return;
  }
  crew_begin();
  m = crew_hire(interactive, after, 0, true);
  for (int i = 0; i < HOGS; i++)
    crew_hire(hog, 0, 1, true);
  crew_ready();
  end = clock_ns() + duration();
  crew_go(0, end);                      // it goes to sleep before they run
  crew_go(1, end);
  crew_wait(m);
  find(r, AT_MOST, UNIT_NS, m->told[0], after ? 0 : HOGS * policy.slice[0],
       least(500 * USEC, policy.slice[0] / 4));
  r->late = m->told[1];
  r->own_late = true;
  note(r, "longest of %ld waits beside %d hogs", m->told[2], HOGS);
  r->disturbed = m->told[2] == 0;
  crew_end();
}

void
row_window(struct result *r)
{
  beside_hogs(r, false);
}

void
row_preempt(struct result *r)
{
  beside_hogs(r, true);
}
