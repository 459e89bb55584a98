// spread.c - rows about several harts: shares of all of them together, and
// strict levels across them.
//
// They hold with one run queue for all as with one a hart, where the kernel
// has to make up for what queues cannot know of each other; so there the
// tolerance is wider. -L measures for ten seconds instead of two, and without
// an allowance for slices that were cut off at either end; so what is left is
// 5 %, or 2 % for equal shares with one queue, and luck where lots are drawn.
//
// When the host stops a hart, who runs there has that time as well, beyond his
// slice. By and by that comes to all; that one gets a third of it more than
// the others is rare enough, so lateness counts for a third here.

#include "user/schedtest/rows.h"

static long
span(void)
{
  return options.all_time ? 10 * SEC : 2 * SEC;
}

// ---- equal shares ----------------------------------------------------------

// n+1 hogs on n harts: n / (n+1) of a hart each.
static void
share_equally(struct result *r, long slice)
{
  long p = PART * policy.nhart / (policy.nhart + 1), off = -1, tolerance;

  if (20 * slice > span()) {
    skip(r, "slices of %ld ms are too long", slice / MSEC);
    return;
  }
  tolerance = p / (policy.shared ? 50 : 20);
  if (!options.all_time)
    tolerance += 2 * slice * PART / span();
  crew_begin();
  for (int i = 0; i <= policy.nhart; i++)
    crew_hire(hog, 0, 0, false);
  crew_ready();
  crew_go(0, clock_ns() + span());
  crew_wait_all();
  for (int i = 0; i < ncrew; i++) {
    long share = (double)ran(&crew[i]) / span() * PART;
    long d = share > p ? share - p : p - share;

    if (d <= off)
      continue;
    off = d;
    find(r, ABOUT, UNIT_SHARE, share, p, tolerance);
  }
  r->span = 3 * span();
  note(r, "of a hart, the oddest of %d hogs on %d harts for %ld s", ncrew,
       policy.nhart, span() / SEC);
  crew_end();
}

void
row_equal_all(struct result *r)
{
  share_equally(r, policy.equal);
}

void
row_bottom_all(struct result *r)
{
  if (has_levels(r))
    share_equally(r, policy.slice[policy.nlevel - 1]);
}

// ---- shares by tickets -----------------------------------------------------

#define KINDS 3

static const long tickets[KINDS] = { 3, 2, 1 };

// Of all that there was, one with p got share; n draws. The worst is the row's.
static void
find_worse(struct result *r, long *worst, long share, long p, long n,
           const char *who)
{
  long off = share > p ? share - p : p - share;
  long luck = policy.drawn || !options.all_time ? spread(p, n) : 0;
  long tolerance = luck + p / 20;

  if (off * PART / tolerance <= *worst)
    return;
  *worst = off * PART / tolerance;
  find(r, ABOUT, UNIT_SHARE, share, p, tolerance);
  note(r, "of all harts, for %s; %ld %s", who, n,
       policy.drawn ? "draws" : "turns");
}

static void
find_worst(struct result *r, int copies)
{
  static const char *const one[] = { "a 3", "a 2", "a 1" };
  static const char *const all[] = { "all 3s", "all 2s", "all 1s" };
  long kind[KINDS] = { 0 }, time = 0, n = 0, worst = -1;

  for (int i = 0; i < ncrew; i++) {
    kind[i / copies] += ran(&crew[i]);
    time += ran(&crew[i]);
    n += picked(&crew[i]);
  }
  for (int i = 0; i < ncrew; i++)
    find_worse(r, &worst, (double)ran(&crew[i]) / time * PART,
               tickets[i / copies] * PART / (6 * copies), n, one[i / copies]);
  for (int k = 0; k < KINDS; k++)
    find_worse(r, &worst, (double)kind[k] / time * PART, tickets[k] * PART / 6,
               n, all[k]);
}

// Start in the worst place, which is left for the kernel to correct: the 1s
// have all harts but one for themselves.
static void
misplaced_hog(struct member *m)
{
  pin(m->arg > 1 ? 0 : 1 + (m - crew) % policy.hart);
  pin(-1);
  ticket_hog(m);
}

// As many of each kind as there are harts.
void
row_shares_all(struct result *r)
{
  int copies = least(policy.nhart, CREW / KINDS);

  if (20 * policy.draw > span()) {
    skip(r, "slices of %ld ms are too long", policy.draw / MSEC);
    return;
  }
  crew_begin();
  for (int i = 0; i < KINDS * copies; i++)
    crew_hire(misplaced_hog, tickets[i / copies], 0, false);
  crew_ready();
  crew_go(0, clock_ns() + span());
  crew_wait_all();
  find_worst(r, copies);
  r->span = 3 * span();
  crew_end();
}

// ---- strict levels ---------------------------------------------------------

static void
pinned_hog(struct member *m)
{
  pin(m->arg);
  hog(m);
}

// What those on the last level ran so far, all together.
static long
ran_below(void)
{
  struct procinfo p;
  long sum = 0;

  for (int i = 0; i < ncrew && crew[i].group == 0; i++) {
    crew_look(&crew[i], &p);
    sum += p.ran;
  }
  return sum;
}

// Run for nine tenths of what is left before the last level, and report what
// those below had run by then.
static void
newcomer(struct member *m)
{
  struct watch w;
  long begun, need;

  watch_begin(&w);
  begun = w.ran;
  procinfo(0, &m->before);
  need = allotments_left(m) * 9 / 10;
  while (w.ran - begun < need && clock_ns() < m->end) {
    burn();
    watch_step(&w);
  }
  m->told[0] = ran_below();
}

// How late the harts have been since boot, as far as those below may run for
// it: each for its own hart, and all for the last, where the others start.
static long
late_for_those_below(void)
{
  long sum = late_sum(policy.hart) * (policy.nhart - 1);

  for (int i = 0; i < policy.hart; i++)
    sum += late_sum(i);
  return sum;
}

// On each hart is a hog on the last level. Then as many newcomers as there are
// harts become ready on the last hart, and are free to leave it. They do, if
// not at once then when a slice ends, and push out the hogs. So while none of
// them has come down, the hogs run for no longer than that; which says more on
// a busy host than how long the newcomers waited.
void
row_across(struct result *r)
{
  long sum = policy_allotments();
  long need = 7 * sum / 2 + 3 * policy.slice[0] + 30 * MSEC;
  int n = least(policy.nhart, CREW / 2);
  long begun, ran;
  uint64 end;

  if (!quiet(r, need))
    return;
  pin(0);
  crew_begin();
  for (int i = 0; i < n; i++)
    crew_hire(pinned_hog, i, 0, false);
  for (int i = 0; i < n; i++)
    crew_hire(newcomer, 0, 1, true);
  crew_ready();
  end = clock_ns() + need - 10 * MSEC;
  crew_go(0, end);
  for (int i = 0; i < n; i++)
    wait_sunk(&crew[i], end);
  r->late = -late_for_those_below();
  crew_go(1, end);
  for (int i = n; i < 2 * n; i++)
    sched_setaffinity(crew[i].pid, ~0UL);
  begun = ran_below();
  crew_wait(&crew[n]);
  ran = crew[n].told[0];
  for (int i = n; i < 2 * n; i++) {
    crew_wait(&crew[i]);
    ran = least(ran, crew[i].told[0]);
  }
  r->late += late_for_those_below();
  r->own_late = true;
  find(r, AT_MOST, UNIT_NS, ran - begun,
       policy.shared ? 0 : (n - 1) * policy.slice[0],
       (n - 1) * least(MSEC, policy.slice[0] / 4));
  note(r, "that %d below ran beside %d above, who began on one hart", n, n);
  crew_end();
}
