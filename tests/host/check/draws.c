// draws.c - promises of time that goes by lot: "tickets" with drawn = 1,
// "transfer", "compensation" (Waldspurger and Weihl, OSDI 1994).
//
// n draws that a task should win with probability p are won about n p times;
// five standard deviations, sqrt(n p (1 - p)) each, are exceeded less than once
// in a million. There are enough draws that one ticket too many in a hundred
// shows: of two tasks with 100 tickets each, one that counts as 101 is ten
// standard deviations off.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check/shares.h"

#define DEVIATIONS 5

struct lot {
  struct contest k;
  double part; // of its slice that the first task uses; 1: all
  bool yields; // and then it yields; else it sleeps, for less than a slice
  double most; // compensation, at the most
  // What has come of it.
  long draws, won[MOST_TASKS];
  long again;            // draws that the same won as the one before
  long plain, plain_won; // after a whole slice of the first task; it won
  double p[MOST_TASKS];
};

// ---- a lottery -------------------------------------------------------------

// All are there at each draw, so that each stands for itself.
static void
draw_plainly(struct lot *l)
{
  struct crowd *c = l->k.crowd;
  int last = -1;

  for (long i = 0; i < l->k.slices; i++) {
    crowd_slice(c);
    l->draws++;
    l->won[c->on->id]++;
    l->again += c->on->id == last;
    last = c->on->id;
  }
}

// The first task gives its slice up; who wins the draw that follows?
static void
draw_after_part(struct lot *l)
{
  struct crowd *c = l->k.crowd;
  struct task *first = c->task[0];

  while (l->draws < l->k.slices) {
    while (c->on != first)
      crowd_slice(c);
    crowd_pass(c, c->now + (nsec)(first->slice * l->part));
    if (l->yields) {
      crowd_yield(c);
    } else {
      crowd_block(c);
      crowd_wake(c, first);
      crowd_slice(c);
    }
    l->draws++;
    l->won[c->on->id]++;
    if (c->on == first) { // and now all of it
      crowd_slice(c);
      l->plain++;
      l->plain_won += c->on == first;
    }
  }
}

static void
set_up(struct lot *l)
{
  struct contest *k = &l->k;
  struct crowd *c = k->crowd;
  double all = 0, worth = 1 / l->part < l->most ? 1 / l->part : l->most;

  crowd_begin(c);
  for (int i = 0; i < k->n; i++) {
    struct task *t = crowd_add(c);

    sched_set(c->rq, t, "tickets", k->value[i], c->now);
    if (k->lent[i])
      sched_lend(c->rq, t, k->lent[i], c->now);
    crowd_obey(c);
    l->p[i] = k->value[i] + k->lent[i];
    l->p[i] *= i == 0 && l->part < 1 ? worth : 1;
    all += l->p[i];
  }
  for (int i = 0; i < k->n; i++)
    l->p[i] /= all;
}

// ---- what must be true -----------------------------------------------------

static double
off(double draws, double won, double p)
{
  return fabs(won - p * draws) / sqrt(draws * p * (1 - p));
}

// The same of draws that were won by who won the one before. Two such events
// that share a draw are not independent: of tasks that win with probabilities p,
// a variance of s2 - s2^2 a draw, and twice the covariance s3 - s2^2 of
// neighbours, where s2 is the sum of p^2, s3 that of p^3.
static double
off_again(const struct lot *l)
{
  double s2 = 0, s3 = 0;

  for (int i = 0; i < l->k.n; i++) {
    s2 += l->p[i] * l->p[i];
    s3 += l->p[i] * l->p[i] * l->p[i];
  }
  return fabs(l->again - s2 * l->draws) /
         sqrt(l->draws * (s2 + 2 * s3 - 3 * s2 * s2));
}

// Once it has used a whole slice, it has what it had.
static void
judge_plain(const struct lot *l)
{
  double all = 0, p;

  for (int i = 0; i < l->k.n; i++)
    all += l->k.value[i];
  p = l->k.value[0] / all;
  if (off(l->plain, l->plain_won, p) > DEVIATIONS)
    guard_leave_as(l->k.promise, "", -1,
                   "A has won %.5f of the draws after it used a whole slice; "
                   "expected %.5f",
                   (double)l->plain_won / l->plain, p);
}

static void
judge(const struct lot *l)
{
  double again = 0;

  for (int i = 0; i < l->k.n; i++) {
    double d = off(l->draws, l->won[i], l->p[i]);

    if (d > DEVIATIONS)
      guard_leave_as(l->k.promise, "", -1,
                     "%c has won %ld of %ld draws, %.5f of them; expected "
                     "%.5f: %.0f standard deviations off, and %d are much",
                     'A' + i, l->won[i], l->draws, (double)l->won[i] / l->draws,
                     l->p[i], d, DEVIATIONS);
    again += l->p[i] * l->p[i];
  }
  if (l->part == 1 && off_again(l) > DEVIATIONS)
    guard_leave_as(l->k.promise, "", -1,
                   "one draw does not stand for itself: %.5f of them were won "
                   "by who won the one before; expected %.5f",
                   (double)l->again / l->draws, again);
}

static void
run(void *arg)
{
  struct lot *l = arg;

  set_up(l);
  if (l->part < 1)
    draw_after_part(l);
  else
    draw_plainly(l);
  judge(l);
  if (l->part < 1)
    judge_plain(l);
}

static bool
fair(struct check *c, struct lot *l)
{
  const struct fault *f;
  char how[100] = "";

  l->k.crowd = crowd_new(c->policy, c->param, l->k.n, c->seed);
  f = guard(run, l);
  if (l->part < 1)
    snprintf(how, sizeof(how),
             ", the first of which uses %g of its slice and %s", l->part,
             l->yields ? "yields" : "sleeps a little");
  if (f && c->why)
    printf("%s%s\n%s fails: %s\n", contest_words(&l->k), how, f->name, f->what);
  else if (f)
    check_fails(c, f->name, "%s%s: %s", contest_words(&l->k), how, f->what);
  crowd_free(l->k.crowd);
  return f == 0;
}

// ---- what is tried ---------------------------------------------------------

#define LOT(name, count, ...)                                                  \
  .k = {                                                                       \
    .promise = name, .attr = "tickets", .n = count, .value = { __VA_ARGS__ }

static const struct lot tried[] = { { LOT("tickets", 3, 3, 2, 1),
                                      .slices = 200000 },
                                    .part = 1 },
                        { LOT("tickets", 5, 1, 2, 3, 4, 10), .slices = 500000 },
                        .part = 1
}
, { LOT("tickets", 2, 1000, 1), .slices = 500000 }, .part = 1
}
, { LOT("tickets", 2, 100, 100), .slices = 4000000 }, .part = 1
}
, { LOT("transfer", 2, 100, 100), .lent = { 0, 200 }, .slices = 500000 },
  .part = 1
}
, { LOT("transfer", 3, 1, 1, 100), .lent = { 80, 30 }, .slices = 500000 },
  .part = 1
}
, { LOT("compensation", 2, 100, 100), .slices = 200000 }, .part = 0.2
}
, { LOT("compensation", 2, 100, 100), .slices = 200000 }, .part = 0.2,
                                                          .yields = true
}
, { LOT("compensation", 3, 100, 300, 200), .slices = 200000 }, .part = 0.5,
                                                               .yields = true
}
,
}
;

bool
draws(struct check *c)
{
  static struct lot l;
  struct sched_promise p, compensation;
  bool all = true;

  if (!promise_of(c, "tickets", &p) || p.n[1] == 0)
    return true;
  for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
    const char *name = tried[i].k.promise;

    if (!promise_of(c, name, &p) || (c->why && !all))
      continue;
    check_name(c, name);
    l = tried[i];
    l.most =
      promise_of(c, "compensation", &compensation) ? compensation.n[0] : 1;
    all &= fair(c, &l);
  }
  return all;
}
