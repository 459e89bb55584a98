// latency.c - how long one that wakes up has to wait beside hogs, whether it
// keeps its deadlines, and groups that do nothing but wake each other up.
//
// The longest wait follows from what is promised. Where nothing is, there is
// nothing to be held to, and the row only tells what it measured.

#include "user/schedtest/rows.h"

#define BURST (100 * USEC)      // more than it runs between two sleeps

// The longest that one may wait which sleeps most of the time, beside n hogs;
// or -1.
static long
longest_wait(int n)
{
  if (policy.promised & SHORTEST)
    return 0;
  if (policy.promised & WAIT)
    return n * policy.wait;
  if (policy.promised & STRICT && policy.nlevel > 1)
    return n * policy.slice[0]; // it stays on the best level; they may come up
  if (policy.promised & LIVE)
    return policy.live + (n + 1) * policy.live_each;
  return -1;
}

// ---- wake-ups --------------------------------------------------------------

#define WAKES 200
#define AT_MOST_FOR (8 * SEC)

static void
sort(long *a, int n)
{
  for (int i = 1; i < n; i++) {
    long x = a[i];
    int k = i;

    for (; k > 0 && a[k - 1] > x; k--)
      a[k] = a[k - 1];
    a[k] = x;
  }
}

// The part in hundredths of the waits that are sorted is not above this.
static long
part_of(const long *a, int n, int hundredths)
{
  return a[least((long)n * hundredths / 100, n - 1)];
}

// Sleep for 1 to 9 ms by turns, and look how long it then had to wait.
static void
waker(struct member *m)
{
  static long waits[WAKES];
  struct watch w;
  int n = 0;

  sched_setattr(0, "burst", BURST);
  watch_begin(&w);
  for (int i = 0; n < WAKES && clock_ns() < m->end; i++) {
    watch_step(&w);
    sleep_ns((1 + i * 7 % 9) * MSEC - 100 * USEC);
    watch_step(&w);
    if (w.waits == 1)
      waits[n++] = most(w.wait - w.wait_late, 0);
  }
  sort(waits, n);
  m->told[0] = n;
  if (n == 0)
    return;
  m->told[1] = part_of(waits, n, 50);
  m->told[2] = part_of(waits, n, 99);
  m->told[3] = waits[n - 1];
}

// What %ld.%02ld shows as ms.
#define MS(ns) (ns) / MSEC, (ns) % MSEC / (10 * USEC)

static void
wake_beside(struct result *r, int hogs)
{
  long bound = longest_wait(hogs), *told;

  crew_begin();
  crew_hire(waker, 0, 0, true);
  for (int i = 0; i < hogs; i++)
    crew_hire(hog, 0, 1, true);
  crew_ready();
  crew_go(0, clock_ns() + AT_MOST_FOR);
  crew_go(1, clock_ns() + AT_MOST_FOR);
  crew_wait(&crew[0]);
  told = crew[0].told;
  if (bound >= 0)
    find(r, AT_MOST, UNIT_NS, told[3], bound, 500 * USEC);
  else
    just(r, UNIT_NS, told[3]);
  note(r, "longest of %ld waits; half below %ld.%02ld, 99 %% below %ld.%02ld ms",
       told[0], MS(told[1]), MS(told[2]));
  r->own_late = true;           // it was taken off each wait
  r->disturbed = told[0] == 0;
  crew_end();
}

void
row_wake1(struct result *r)
{
  wake_beside(r, 1);
}

void
row_wake4(struct result *r)
{
  wake_beside(r, 4);
}

void
row_wake16(struct result *r)
{
  wake_beside(r, 16);
}

void
row_wake64(struct result *r)
{
  wake_beside(r, 64);
}

// ---- deadlines -------------------------------------------------------------

#define PERIODS 25              // or fewer, if they are long
#define NEED (200 * USEC)       // in each
#define HOGS 4

static long
periods(long period)
{
  return least(PERIODS, AT_MOST_FOR / period);
}

// Run for NEED in each period; report the periods in which that was not done
// by the end, and the longest that it took.
static void
periodic(struct member *m)
{
  uint64 begin = clock_ns();

  sched_setattr(0, "burst", 2 * NEED);
  for (int i = 0; i < periods(m->arg); i++) {
    begin += m->arg;
    sleep_until(begin);
    work(NEED);
    m->told[0] += clock_ns() > begin + m->arg;
    m->told[1] = most(m->told[1], clock_ns() - begin);
  }
}

// A deadline is at the end of its period, which is as long as the longest wait
// that is promised, and what it runs for twice over.
void
row_periodic(struct result *r)
{
  long bound = longest_wait(HOGS);
  long period = most(bound + 2 * NEED, 20 * MSEC);
  long n = periods(period);
  struct member *m;

  if (n < 5) {
    skip(r, "a wait of %ld s is promised, which is too long", bound / SEC);
    return;
  }
  crew_begin();
  m = crew_hire(periodic, period, 0, true);
  for (int i = 0; i < HOGS; i++)
    crew_hire(hog, 0, 1, true);
  crew_ready();
  crew_go(0, 0);
  crew_go(1, clock_ns() + (n + 1) * period);
  crew_wait(m);
  if (bound >= 0)
    find(r, ABOUT, UNIT_PIECES, m->told[0], 0, 0);
  else
    just(r, UNIT_PIECES, m->told[0]);
  note(r, "of %ld deadlines missed, each %ld ms; the longest took %ld.%02ld ms",
       n, period / MSEC, MS(m->told[1]));
  crew_end();
}

// ---- groups ----------------------------------------------------------------

#define TEAMS 4
#define EACH 4                  // senders of a team, and receivers
#define ROUNDS 100
#define LENGTH 100              // of a message

static int box[TEAMS][EACH][2]; // a pipe for each receiver

// A message to each receiver of the team, again and again.
static void
sender(struct member *m)
{
  char message[LENGTH];

  memset(message, m->arg, LENGTH);
  for (int i = 0; i < ROUNDS; i++)
    for (int k = 0; k < EACH; k++)
      if (write_all(box[m->arg][k][1], message, LENGTH) < 0)
        m->told[1]++;
}

// Report the bytes that came, and those that were not the team's own.
static void
receiver(struct member *m)
{
  static char buf[LENGTH];
  int team = m->arg / EACH, n;

  while (m->told[0] < EACH * ROUNDS * LENGTH &&
         (n = read(box[team][m->arg % EACH][0], buf, LENGTH)) > 0) {
    m->told[0] += n;
    for (int i = 0; i < n; i++)
      m->told[1] += buf[i] != team;
  }
}

static long
idle_time(void)
{
  struct hartinfo h;
  long sum = 0;

  for (int i = 0; i <= policy.hart; i++)
    if (hartinfo(i, &h) == 0)
      sum += h.idle;
  return sum;
}

static void
hire_teams(void)
{
  for (int t = 0; t < TEAMS; t++)
    for (int k = 0; k < EACH; k++) {
      crew_hire(sender, t, 0, false);
      crew_hire(receiver, t * EACH + k, 0, false);
    }
}

// As hackbench does. On one hart somebody can always go on.
void
row_groups(struct result *r)
{
  long idle, start, time, bytes = 0, wrong = 0;

  crew_begin();
  for (int t = 0; t < TEAMS; t++)
    for (int k = 0; k < EACH; k++)
      if (pipe(box[t][k]) < 0)
        give_up("no pipes");
  hire_teams();
  crew_ready();
  idle = idle_time();
  start = clock_ns();
  crew_go(0, 0);
  crew_wait_all();
  time = clock_ns() - start;
  idle = idle_time() - idle;
  for (int i = 0; i < ncrew; i++) {
    bytes += crew[i].told[0];
    wrong += crew[i].told[1];
  }
  r->wrong = wrong || bytes != TEAMS * EACH * EACH * ROUNDS * LENGTH;
  find(r, AT_MOST, UNIT_NS, idle, 0, 100 * USEC);
  r->own_late = true;
  note(r, "idle in %ld ms; %ld ns for each of %ld messages%s", time / MSEC,
       time / (bytes / LENGTH), bytes / LENGTH, r->wrong ? ", not all" : "");
  crew_end();
}
