// shares.c - what a policy promises of the time that tasks get: each one what
// it should, and none too late.  Here what must be true after each slice;
// draws.c has what comes out by lot.
//
//   "equal"     any two of n equal tasks differ by less than two slices
//   "lag"       of any two, none is further ahead of its share than this
//   "nice"      none is more than two requests away from its share
//   "tickets"   if not by lot: nor than a slice for each task (TM-528: the
//               error of stride scheduling is of that order)
//   "transfer"  the same, with loans
//   "wait"      nobody waits for longer than n - 1 slices
//   "live"      nor than so long, with n tasks, some of which sleep and wake

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check/shares.h"

#define MS(t) ((double)(t) / 1e6)

bool
promise_of(const struct check *c, const char *name, struct sched_promise *p)
{
  for (int i = 0; c->policy->promise && i < 1000; i++) {
    if (!c->policy->promise(c->param, i, p))
      return false;
    if (strcmp(p->name, name) == 0)
      return true;
  }
  return false;
}

// ---- a contest -------------------------------------------------------------

// What the promise says that its share is in proportion to.
static double
due(const struct contest *k, int i)
{
  if (k->attr == 0)
    return 1;
  if (strcmp(k->attr, "nice") == 0)
    return pow(1.25, -k->value[i]);
  return k->value[i] + k->lent[i];
}

static void
come(struct contest *k)
{
  struct crowd *c = k->crowd;
  struct task *t = crowd_add(c);
  int i = t->id;

  if (k->attr)
    sched_set(c->rq, t, k->attr, k->value[i], c->now);
  if (k->lent[i])
    sched_lend(c->rq, t, k->lent[i], c->now);
  crowd_obey(c);
  k->wake[i] = 0;
  k->left[i] = MSEC(1);
  k->due[i] = due(k, i);
}

static void
begin(struct contest *k)
{
  struct crowd *c = k->crowd;

  crowd_begin(c);
  k->turn = 0;
  while (c->made < k->n - k->late)
    come(k);
  for (int i = 0; i < c->made; i++)
    k->weight[i] = sched_weight(c->rq, c->task[i]);
  k->began = c->now;
}

static bool
sleeps(const struct contest *k, int i)
{
  return i >= k->n - k->sleepers;
}

static bool
blinks(const struct contest *k, int i)
{
  return i >= k->n - k->blinkers;
}

// When the first of those that sleep wakes up.
static nsec
first_wake(const struct contest *k)
{
  nsec first = NSEC_NEVER;

  for (int i = k->n - k->sleepers; i < k->n; i++)
    if (k->wake[i] && k->wake[i] < first)
      first = k->wake[i];
  return first;
}

static void
wake(struct contest *k)
{
  struct crowd *c = k->crowd;

  for (int i = k->n - k->sleepers; i < k->n; i++)
    if (k->wake[i] && k->wake[i] <= c->now) {
      k->wake[i] = 0;
      k->left[i] = MSEC(1);
      crowd_wake(c, c->task[i]);
    }
}

// t runs for a while, and sleeps for one.
static void
run_sleeper(struct contest *k, struct task *t, nsec to)
{
  struct crowd *c = k->crowd;
  nsec before = c->now, ran;

  crowd_pass(c, c->now + k->left[t->id] < to ? c->now + k->left[t->id] : to);
  ran = c->now - before;
  k->left[t->id] = ran < k->left[t->id] ? k->left[t->id] - ran : 0;
  if (k->left[t->id] == 0 && c->on == t) {
    crowd_block(c);
    k->wake[t->id] = c->now + MSEC(3);
  }
}

// t sleeps just before its slice ends, until another has been picked.
static void
run_blinker(struct contest *k, struct task *t)
{
  struct crowd *c = k->crowd;

  crowd_pass(c, c->now + (t->slice > USEC(2) ? t->slice - USEC(1) : t->slice));
  if (c->on == t) {
    crowd_block(c);
    crowd_wake(c, t);
  }
}

// To the end of a slice, or to where one sleeps or wakes.
static void
turn(struct contest *k)
{
  struct crowd *c = k->crowd;
  struct task *t = c->on;

  k->who[k->turn++ % TURNS] = t ? t->id : -1;
  if (t && sleeps(k, t->id))
    run_sleeper(k, t, first_wake(k));
  else if (t && blinks(k, t->id))
    run_blinker(k, t);
  else
    crowd_pass(c, first_wake(k));
  wake(k);
  if (k->late && k->turn == k->slices / 2)
    come(k);
}

struct running {
  struct contest *k;
  void (*judge)(struct contest *k);
};

static void
run(void *arg)
{
  struct running *r = arg;
  struct contest *k = r->k;

  begin(k);
  while (k->turn < k->slices) {
    turn(k);
    for (int i = 0; i < k->crowd->made; i++) {
      struct task_stats st;

      sched_stats(k->crowd->rq, k->crowd->task[i], &st, 0, k->crowd->now);
      k->ran[i] = st.ran;
    }
    r->judge(k);
  }
}

// ---- when one fails --------------------------------------------------------

static const char *
name(int i)
{
  static char text[4][12];
  static int next;
  char *s = text[next++ % 4];

  snprintf(s, sizeof(text[0]), i < 26 ? "%c" : "task %d", i < 26 ? 'A' + i : i);
  return s;
}

const char *
contest_words(const struct contest *k)
{
  static char text[200];
  int n = snprintf(text, sizeof(text), "%d tasks", k->n);

  for (int i = 0; k->attr && i < k->n && n < 150; i++)
    n += snprintf(text + n, sizeof(text) - n, "%s%lld",
                  i == 0 ? k->attr[0] == 'n' ? " with nice " : " with tickets "
                  : i < k->n - 1 ? ", "
                                 : " and ",
                  (long long)k->value[i]);
  for (int i = 0; i < k->n && n < 150; i++)
    if (k->lent[i])
      n += snprintf(text + n, sizeof(text) - n, ", %s lent %lld more", name(i),
                    (long long)k->lent[i]);
  if (k->sleepers)
    snprintf(text + n, sizeof(text) - n, ", %d of which sleep by turns",
             k->sleepers);
  if (k->blinkers)
    snprintf(text + n, sizeof(text) - n,
             ", the last of which sleeps for a moment before its slice ends");
  if (k->late)
    snprintf(text + n, sizeof(text) - n, ", the last of which comes late");
  return text;
}

// Who ran in the last turns: a line a task, a column a turn.
static void
draw(const struct contest *k, const struct fault *f)
{
  long from = k->turn > TURNS ? k->turn - TURNS : 0;

  printf("%s%s\n", contest_words(k), from ? "; the last turns:" : ":");
  for (int i = 0; i < k->n; i++) {
    printf("%-8s", name(i));
    for (long t = from; t < k->turn; t++)
      putchar(k->who[t % TURNS] == i ? '#' : '.');
    printf("  %g ms\n", MS(k->ran[i]));
  }
  printf("%*s\n%s fails: %s\n", (int)(8 + k->turn - from), "^", f->name,
         f->what);
}

bool
contest(struct check *c, struct contest *k, void (*judge)(struct contest *k))
{
  struct running r = { k, judge };
  const struct fault *f;

  k->crowd = crowd_new(c->policy, c->param, k->n, c->seed);
  f = guard(run, &r);
  if (f && c->why)
    draw(k, f);
  else if (f)
    check_fails(c, f->name, "%s, after %ld turns: %s", contest_words(k),
                k->turn, f->what);
  crowd_free(k->crowd);
  return f == 0;
}

// ---- what must be true -----------------------------------------------------

#define FAILS(k, ...) guard_leave_as((k)->promise, "", -1, __VA_ARGS__)

static void
judge_equal(struct contest *k)
{
  for (int i = 0; i < k->n; i++)
    for (int j = 0; j < k->n; j++)
      if (k->ran[i] >= k->ran[j] + 2 * k->p.n[0])
        FAILS(k, "%s has run for %g ms, %s for %g ms: two slices less", name(i),
              MS(k->ran[i]), name(j), MS(k->ran[j]));
}

static void
judge_lag(struct contest *k)
{
  for (int i = 0; i < k->n; i++)
    for (int j = 0; j < k->n; j++) {
      double w = k->weight[i] + k->weight[j];
      double ahead =
        (k->ran[i] * (k->weight[j] / w)) - (k->ran[j] * (k->weight[i] / w));

      if (ahead > k->p.n[0] + 1000)
        FAILS(k,
              "of what %s and %s have run, %s is %g ms ahead of its share; at "
              "most %g are promised",
              name(i), name(j), name(i), MS(ahead), MS(k->p.n[0]));
    }
}

// None is further away from its share than so many slices. Who blinks wants
// less than its share, but may not get more.
static void
near_share(struct contest *k, int slices, double inexact)
{
  double all = 0, time = k->crowd->now - k->began;
  double most = slices * k->p.n[0] + inexact * time;

  for (int i = 0; i < k->n; i++)
    all += k->due[i];
  for (int i = 0; i < k->n; i++) {
    double share = time * k->due[i] / all, off = k->ran[i] - share;

    if (off > most && (k->blinkers == 0 || blinks(k, i)))
      FAILS(k,
            "%s has run for %g ms, and its share is %g ms: more than %d "
            "slices off",
            name(i), MS(k->ran[i]), MS(share), slices);
    if (-off > most && k->blinkers == 0)
      FAILS(k,
            "%s has run for %g ms, and its share is %g ms: more than %d "
            "slices off",
            name(i), MS(k->ran[i]), MS(share), slices);
  }
}

static void
judge_nice(struct contest *k)
{
  near_share(k, 2, 0.003); // weights are whole numbers
}

static void
judge_tickets(struct contest *k)
{
  near_share(k, k->n, 0);
}

static void
nobody_waits(struct contest *k, nsec most)
{
  for (int i = 0; i < k->crowd->made; i++) {
    const struct task *t = k->crowd->task[i];
    nsec waited = k->crowd->now - t->since;

    if (t->state == TASK_READY && waited > most)
      FAILS(k, "%s has waited for %g ms; at most %g are promised", name(i),
            MS(waited), MS(most));
  }
}

static void
judge_wait(struct contest *k)
{
  nobody_waits(k, (k->n - 1) * k->p.n[0]);
}

static void
judge_live(struct contest *k)
{
  nobody_waits(k, k->p.n[0] + k->n * k->p.n[1]);
}

// ---- what is tried ---------------------------------------------------------

// Two tasks first: what fails with these is easier to see.
static const struct contest tried[] = {
  { .n = 2, .slices = 1000 },
  { .n = 3, .slices = 1000 },
  { .n = 7, .slices = 1000 },
  { .n = 50, .slices = 2000 },
  { .n = 4, .slices = 20000, .sleepers = 3 },
  { .n = 9, .slices = 40000, .sleepers = 7 },
  { .n = 3, .slices = 10000, .late = true },
  { .n = 2, .slices = 1000, .attr = "tickets", .value = { 3, 1 } },
  { .n = 2, .slices = 50000, .attr = "tickets", .value = { 101, 100 } },
  { .n = 3, .slices = 1000, .attr = "tickets", .value = { 3, 2, 1 } },
  { .n = 3, .slices = 5000, .attr = "tickets", .value = { 100, 50, 250 } },
  { .n = 3, .slices = 5000, .attr = "tickets", .value = { 1000, 1, 7 } },
  { .n = 6,
    .slices = 5000,
    .attr = "tickets",
    .value = { 1, 1, 1, 1, 1, 100 } },
  { .n = 2,
    .slices = 5000,
    .attr = "tickets",
    .value = { 3, 1 },
    .blinkers = 1 },
  { .n = 2,
    .slices = 5000,
    .attr = "tickets",
    .value = { 100, 100 },
    .lent = { 0, 200 } },
  { .n = 3,
    .slices = 5000,
    .attr = "tickets",
    .value = { 1, 1, 100 },
    .lent = { 800, 300 } },
  { .n = 2, .slices = 2000, .attr = "nice", .value = { 0, 1 } },
  { .n = 2, .slices = 2000, .attr = "nice", .value = { 0, 5 } },
  { .n = 2, .slices = 20000, .attr = "nice", .value = { -20, 19 } },
  { .n = 3, .slices = 5000, .attr = "nice", .value = { 0, 10, -10 } },
  { .n = 5, .slices = 5000, .attr = "nice", .value = { 0, 0, 3, -3, 19 } },
  { .n = 11, .slices = 5000, .attr = "nice", .value = { -10 } },
  { .n = 2, .slices = 5000, .attr = "nice", .value = { 0, 5 }, .blinkers = 1 },
};

enum { PLAIN = 1, SLEEPING = 2, WITH = 4, LENT = 8, BLINKING = 16 };

static const struct {
  const char *name;
  const char *attr; // of those that are WITH one; 0: any
  int kinds;
  void (*judge)(struct contest *k);
} promises[] = {
  { "equal", 0, PLAIN, judge_equal },
  { "wait", 0, PLAIN | SLEEPING, judge_wait },
  { "live", 0, PLAIN | SLEEPING, judge_live },
  { "lag", 0, PLAIN | WITH | LENT, judge_lag },
  { "nice", "nice", PLAIN | WITH | BLINKING, judge_nice },
  { "tickets", "tickets", PLAIN | WITH | BLINKING, judge_tickets },
  { "transfer", "tickets", LENT, judge_tickets },
};

enum {
  NTRIED = sizeof(tried) / sizeof(tried[0]),
  NPROMISE = sizeof(promises) / sizeof(promises[0])
};

static int
kind_of(const struct contest *k)
{
  for (int i = 0; i < k->n; i++)
    if (k->lent[i])
      return LENT;
  if (k->blinkers)
    return BLINKING;
  if (k->late)
    return SLEEPING;
  return k->attr ? WITH : k->sleepers ? SLEEPING : PLAIN;
}

static bool
has_attr(const struct check *c, const char *attr)
{
  for (const struct sched_attr *a = c->policy->attrs; a && a->name; a++)
    if (strcmp(a->name, attr) == 0)
      return true;
  return false;
}

static bool
fits(const struct check *c, int promise, const struct contest *k)
{
  const char *attr = promises[promise].attr;

  return (kind_of(k) & promises[promise].kinds) &&
         (k->attr == 0 || attr == 0 || strcmp(attr, k->attr) == 0) &&
         (k->attr == 0 || has_attr(c, k->attr)) &&
         (kind_of(k) != LENT || c->policy->lend);
}

// By lot it is for draws.c to judge.
static bool
by_lot(const struct check *c, int promise)
{
  struct sched_promise p;

  return promises[promise].attr && strcmp(promises[promise].attr, "nice") &&
         promise_of(c, "tickets", &p) && p.n[1];
}

static bool
keeps(struct check *c, int i)
{
  static struct contest k;
  struct sched_promise p;

  if (!promise_of(c, promises[i].name, &p) || by_lot(c, i))
    return true;
  check_name(c, promises[i].name);
  if (strcmp(p.name, "transfer") == 0 && !promise_of(c, "tickets", &p))
    return true;
  for (int n = 0; n < NTRIED; n++) {
    if (!fits(c, i, &tried[n]))
      continue;
    k = tried[n];
    k.promise = promises[i].name;
    k.p = p;
    if (!contest(c, &k, promises[i].judge))
      return false;
  }
  return true;
}

bool
shares(struct check *c)
{
  bool all = true;

  for (int i = 0; i < NPROMISE && (all || !c->why); i++)
    all &= keeps(c, i);
  return all && draws(c);
}

void
part_shares(struct check *c)
{
  if (check_fit(c))
    shares(c);
}
