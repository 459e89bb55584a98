// levels.c - rows about going down the levels, and what all rows about levels
// share.
//
// How long a process takes to the last level is seen by its behaviour, not by
// what the policy tells. Two hogs are there already. A newcomer, the climber,
// pushes them out whenever it is ready, so it never waits until it has come
// down to them; then it must wait for the turn of at least one. What it ran
// until then is what its allotments let it run, no matter which trick it plays
// in between.

#include "user/schedtest/rows.h"

#define SHORTEST MSEC   // of slices and allotments, to be measured

bool
has_levels(struct result *r)
{
  if (policy.nlevel < 2)
    skip(r, "there is one level");
  else if (policy.slice[0] < SHORTEST || policy_allotments() < SHORTEST)
    skip(r, "used up before a process gets to its work");
  return !r->skipped;
}

bool
quiet(struct result *r, long need)
{
  uint64 now = clock_ns(), left;

  if (!has_levels(r))
    return false;
  if (policy.promised & BOOST && need > policy.boost) {
    skip(r, "no time for it between boosts: it takes %ld ms", need / MSEC);
    return false;
  }
  if (need > TOO_LONG) {
    skip(r, "it would take %ld s", need / SEC);
    return false;
  }
  if (!(policy.promised & BOOST))
    return true;
  left = policy.boost - now % policy.boost;
  if ((long)left < least(need * 5 / 4, policy.boost))
    sleep_ns(left + 50 * USEC);         // a busy host makes it longer
  r->quiet_end = (clock_ns() / policy.boost + 1) * policy.boost;
  return true;
}

// The policy may tell where m stands; else it is at the top.
long
allotments_left(const struct member *m)
{
  long left = policy_allotments();

  if (policy.level_column >= 0)
    for (int l = 0; l < m->before.column[policy.level_column]; l++)
      left -= l < policy.nlevel - 1 ? policy.allot[l] : 0;
  if (policy.used_column >= 0 && left > 0)
    left -= m->before.column[policy.used_column];
  return most(left, 0);
}

void
wait_sunk(struct member *m, uint64 end)
{
  struct procinfo p;
  long left;

  do {
    crew_look(m, &p);
    left = m->before.ran + allotments_left(m) - p.ran;
    if (left > 0)
      sleep_ns(left + 100 * USEC);
  } while (left > 0 && clock_ns() < end);
}

// ---- the climber -----------------------------------------------------------

struct climb {
  long before;          // what its ancestors ran
  long chunk;           // what it runs between two tricks
  struct watch w;
};

static void
no_trick(struct climb *c)
{
}

static void
trick_yield(struct climb *c)
{
  yield();
  watch_step(&c->w);
}

static void
trick_nap(struct climb *c)
{
  sleep_ns(50 * USEC);
  watch_step(&c->w);
}

// The child goes on, the parent stops.
static void
trick_fork(struct climb *c)
{
  int pid = fork();

  if (pid < 0)
    give_up("fork fails");
  if (pid > 0)
    crew_park(pid);
  c->before += c->w.ran;
  watch_begin(&c->w);
}

// A wait that is not the host's doing, for at least half a slice of those on
// the last level.
static bool
long_wait(const struct watch *w)
{
  return w->wait - w->wait_late >= policy.slice[policy.nlevel - 1] / 2;
}

// Report what was run before the first long wait, how late the host was until
// it was over, how many tricks were played, and whether there was a long wait.
static void
climb(struct member *m, void (*trick)(struct climb *))
{
  struct climb c = { .chunk = policy.allot[0] * 9 / 10 };
  long late = late_sum(policy.hart), begun;
  bool waited = false;

  watch_begin(&c.w);
  begun = c.w.ran;
  while (!waited && clock_ns() < m->end) {
    if (c.w.ran - begun >= c.chunk) {
      trick(&c);
      waited = long_wait(&c.w);
      begun = c.w.ran;
      m->told[2]++;
    }
    if (waited)
      break;
    burn();
    watch_step(&c.w);
    waited = long_wait(&c.w);
  }
  // It may have been late to stop where it came down.
  m->told[1] = c.w.late - late;
  m->told[0] = c.before + c.w.ran;
  m->told[3] = waited;
}

static void
climb_down(struct member *m)
{
  climb(m, no_trick);
}

static void
climb_yielding(struct member *m)
{
  climb(m, trick_yield);
}

static void
climb_napping(struct member *m)
{
  climb(m, trick_nap);
}

static void
climb_forking(struct member *m)
{
  climb(m, trick_fork);
}

// each: what one trick may cost or gain.
static void
sink(struct result *r, void (*act)(struct member *), long each)
{
  long sum = policy_allotments();
  long need = 7 * sum / 2 + 3 * policy.slice[most(policy.nlevel - 1, 0)]
              + 20 * MSEC;
  struct member *climber;
  uint64 end;

  if (!quiet(r, need))
    return;
  crew_begin();
  crew_hire(hog, 0, 0, true);
  crew_hire(hog, 0, 0, true);
  climber = crew_hire(act, 0, 1, true);
  crew_ready();
  end = clock_ns() + need - 10 * MSEC;
  crew_go(0, end);
  wait_sunk(&crew[0], end);
  wait_sunk(&crew[1], end);
  crew_go(1, end);
  crew_wait(climber);
  find(r, ABOUT, UNIT_NS, climber->told[0] - climber->before.ran,
       allotments_left(climber),
       least(MSEC, sum / 10) + climber->told[2] * each);
  r->late = climber->told[1];
  r->own_late = true;
  note(r, "ran before the others had a turn");
  if (!climber->told[3]) {
    r->wrong = true;
    note(r, "ran and never waited for the others' turns");
  }
  crew_end();
}

void
row_sink(struct result *r)
{
  sink(r, climb_down, 0);
}

void
row_yielder(struct result *r)
{
  sink(r, climb_yielding, 0);
}

void
row_napper(struct result *r)
{
  sink(r, climb_napping, 0);
}

void
row_forker(struct result *r)
{
  sink(r, climb_forking, 300 * USEC);
}

// ---- the last level --------------------------------------------------------

void
row_bottom(struct result *r)
{
  long last = policy.slice[most(policy.nlevel - 1, 0)];
  long need = 2 * policy_allotments() + 3 * last + 10 * MSEC;
  long a, b;

  if (!quiet(r, need))
    return;
  crew_begin();
  crew_hire(hog, 0, 0, true);
  crew_hire(hog, 0, 0, true);
  crew_ready();
  crew_go(0, clock_ns() + need - 10 * MSEC);
  crew_wait_all();
  a = ran(&crew[0]);
  b = ran(&crew[1]);
  find(r, AT_MOST, UNIT_NS, a > b ? a - b : b - a, last, 500 * USEC);
  note(r, "difference, where a slice is %ld ms", last / MSEC);
  crew_end();
}
