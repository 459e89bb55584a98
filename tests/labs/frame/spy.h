// spy.h - a policy that is watched: a copy of it whose hooks tell who is picked
// when, for how long, and what it has run; and a make-believe machine that
// plays a list of events under it.
//
// What is told comes from the harness's own books, not from the policy's
// memory: only the slice that a task is given, which the core goes by, and the
// columns that the policy shows ps, where an item asks for them.
//
//   hog@T          a task that only runs, from time T on
//   nap@T:RUN:OFF  one that runs and sleeps by turns
//   yield@T:RUN    one that yields each time it has run for so long
//   once@T:RUN     one that ends after that
//   child@T:N      a hog forked by task N
//   set@T:N:ATTR:V an attribute of task N becomes V
//   lend@T:N:V     from now on task N is lent V in all
//   mark@T:EVERY   from T on, once EVERY: what each has run until then
//   brief@T        from T on no "pick", but "order"
//   end@T          the end
//
// Tasks are numbered in order, from 0; times are in ns and do not decrease.
//
// It tells "pick" (time, task, slice, first column, time run), or "order" (who
// was picked, a letter each, A for task 0), "mark" (time, time run of each
// task), and at the end "job" (task, time run, longest wait after it woke or
// began, longest wait of all, times picked).

#ifndef TESTS_LABS_FRAME_SPY_H
#define TESTS_LABS_FRAME_SPY_H

#include "tests/labs/frame/host.h"

struct spy_job {
  bool woke;
  nsec ready; // when it became ready
  nsec ran, wake_wait, wait;
  long picks;
};

static struct spy_job spy_job[MAXJOB];
static const struct sched_policy *spied;
static struct sched_policy spy;
static bool spy_brief;
static char spy_order[10001];
static int spy_norder;

static void
spy_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct spy_job *j = &spy_job[t->id];

  if (why != READY_MOVED && why != READY_CHANGED) {
    j->ready = now;
    j->woke = why == READY_NEW || why == READY_WAKE;
  }
  spied->ready(rq, t, why, now);
}

static int64_t
spy_column(const struct runq *rq, const struct task *t)
{
  int64_t out[SCHED_MAXSTAT] = { -1 };

  if (spied->stats)
    spied->stats(rq, t, out);
  return out[0];
}

static void
spy_tell_order(void)
{
  spy_order[spy_norder] = 0;
  if (spy_norder > 0)
    lab_tell("order", "%s", spy_order);
  spy_norder = 0;
}

static void
spy_letter(char c)
{
  spy_order[spy_norder++] = c;
  if (spy_norder == sizeof(spy_order) - 1)
    spy_tell_order();
}

static struct task *
spy_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = spied->pick(rq, hart, now);
  struct spy_job *j;

  if (t == 0 || t->id < 0 || t->id >= MAXJOB)
    return t;
  j = &spy_job[t->id];
  j->picks++;
  if (now - j->ready > j->wait)
    j->wait = now - j->ready;
  if (j->woke && now - j->ready > j->wake_wait)
    j->wake_wait = now - j->ready;
  if (spy_brief)
    spy_letter('A' + t->id % 26);
  else
    lab_tell("pick", "%llu %d %llu %lld %llu", (unsigned long long)now, t->id,
             (unsigned long long)t->slice, (long long)spy_column(rq, t),
             (unsigned long long)j->ran);
  return t;
}

static void
spy_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  spy_job[t->id].ran += ran;
  if (spied->charge)
    spied->charge(rq, t, ran, now);
}

static const struct sched_policy *
spy_on(const struct sched_policy *policy)
{
  memset(spy_job, 0, sizeof(spy_job));
  spied = policy;
  spy = *policy;
  spy.ready = spy_ready;
  spy.pick = spy_pick;
  spy.charge = spy_charge;
  return &spy;
}

// ---- events ----------------------------------------------------------------

// What a task has run up to now: what it was charged, and since.
static nsec
spy_ran(struct machine *m, int id)
{
  nsec n = spy_job[id].ran;

  for (int h = 0; h < m->nhart; h++)
    if (m->on[h] && m->on[h]->id == id)
      n += m->now - m->rq[h % m->nqueue]->charged;
  return n;
}

static void
spy_mark(struct machine *m)
{
  char s[4096];
  int n = snprintf(s, sizeof(s), "%llu", (unsigned long long)m->now);

  for (int i = 0; i < m->njob && n < (int)sizeof(s) - 24; i++)
    n += snprintf(s + n, sizeof(s) - n, " %llu",
                  (unsigned long long)spy_ran(m, i));
  lab_tell("mark", "%s", s);
}

static nsec spy_next = NSEC_NEVER, spy_every;

static void
spy_until(struct machine *m, nsec at)
{
  while (spy_next <= at) {
    if (spy_next > m->now)
      machine_run(m, spy_next - m->now);
    spy_mark(m);
    spy_next += spy_every;
  }
  if (at > m->now)
    machine_run(m, at - m->now);
}

static void
spy_start(struct machine *m, struct job *parent, nsec run_for, nsec sleep_for,
          enum deed (*act)(struct machine *, struct job *))
{
  struct job *j = machine_job(m, parent, SCHED_ANYHART, act);

  j->run_for = run_for;
  j->sleep_for = sleep_for;
  machine_start(m, j, run_for);
}

static void
spy_event(struct machine *m, char *word)
{
  char *kind = strtok(word, "@"), *w;
  const char *name = "";
  nsec n[4] = { 0 };

  for (int i = 0; i < 4 && (w = strtok(0, ":")); i++)
    if (strcmp(kind, "set") == 0 && i == 2)
      name = w;
    else
      n[i] = strtoull(w, 0, 10);
  spy_until(m, n[0]);
  if (strcmp(kind, "hog") == 0)
    spy_start(m, 0, NSEC_NEVER, 0, 0);
  else if (strcmp(kind, "nap") == 0)
    spy_start(m, 0, n[1], n[2], act_sleep);
  else if (strcmp(kind, "yield") == 0)
    spy_start(m, 0, n[1], 0, act_yield);
  else if (strcmp(kind, "once") == 0)
    spy_start(m, 0, n[1], 0, act_exit);
  else if (strcmp(kind, "child") == 0)
    spy_start(m, &m->job[n[1]], NSEC_NEVER, 0, 0);
  else if (strcmp(kind, "set") == 0)
    machine_set(m, &m->job[n[1]], name, n[3]);
  else if (strcmp(kind, "lend") == 0)
    sched_lend(machine_queue(m, m->job[n[1]].t), m->job[n[1]].t, n[2], m->now);
  else if (strcmp(kind, "mark") == 0)
    spy_next = n[0], spy_every = n[1];
  else if (strcmp(kind, "brief") == 0)
    spy_brief = true;
  else if (strcmp(kind, "end") != 0)
    fail_msg("no such event: %s", kind);
}

// Play these words on one hart.
static void
spy_play(const struct sched_policy *policy, const char *params, uint64_t seed,
         char **words)
{
  struct machine *m = machine_new(spy_on(policy), 1, 1, params, seed);

  for (; *words; words++)
    spy_event(m, *words);
  spy_tell_order();
  for (int i = 0; i < m->njob; i++)
    lab_tell("job", "%d %llu %llu %llu %ld", i,
             (unsigned long long)spy_ran(m, i),
             (unsigned long long)spy_job[i].wake_wait,
             (unsigned long long)spy_job[i].wait, spy_job[i].picks);
  machine_free(m);
}

#endif
