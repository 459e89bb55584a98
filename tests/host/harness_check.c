// harness_check.c - what the tests ask of the make-believe machine, and what
// is checked after each of its events.  See harness.h.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/harness.h"

#define X(name) &name##_policy,
const struct sched_policy *const all_policies[] = { POLICIES 0 };
#undef X

struct broken broken;

void
sched_broken(const struct runq *rq, const struct task *t, const char *hook,
             int promise, const char *what)
{
  snprintf(broken.hook, sizeof(broken.hook), "%s", hook);
  snprintf(broken.what, sizeof(broken.what), "%s", what);
  broken.promise = promise;
  if (broken.armed) {
    broken.armed = false;
    longjmp(broken.back, 1);
  }
  fprintf(stderr, "%s: %s broke promise (%d): %s (task %d)\n", rq->policy->name,
          hook, promise, what, t ? t->id : -1);
  abort();
}

uint64_t
test_seed(void)
{
  const char *s = getenv("SEED");
  uint64_t seed = s ? strtoull(s, 0, 0) : 1;

  printf("seed %llu (set SEED to repeat)\n", (unsigned long long)seed);
  return seed;
}

uint64_t
rnd(uint64_t *state, uint64_t n)
{
  *state = *state * 6364136223846793005 + 1442695040888963407;
  return (*state >> 33) % n;
}

static void
too_long(int sig)
{
  static const char text[] = "time is up: a hook or a test does not end\n";
  ssize_t n = write(2, text, sizeof(text) - 1);

  _exit(n > 0 ? 124 : 125);
}

void
limit(int seconds)
{
  signal(SIGALRM, too_long);
  alarm(seconds);
}

const struct shape shapes[] = { { 1, 1 }, { 2, 1 }, { 4, 1 }, { 16, 1 },
                                { 2, 2 }, { 4, 4 }, { 4, 2 }, { 0 } };

void
each_shape(uint64_t seed, void (*body)(struct machine *m))
{
  for (int i = 0; all_policies[i]; i++)
    for (const struct shape *s = shapes; s->nhart > 0; s++) {
      struct machine *m =
        machine_new(all_policies[i], s->nhart, s->nqueue, "", seed);

      body(m);
      machine_free(m);
    }
}

void
each_policy(uint64_t seed, void (*body)(struct machine *m))
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 1, 1, "", seed);

    body(m);
    machine_free(m);
  }
}

// --- questions ---------------------------------------------------------------

struct task_stats
stats(struct machine *m, struct job *j)
{
  struct task_stats st;

  sched_stats(machine_queue(m, j->t), j->t, &st, 0, m->now);
  return st;
}

nsec
ran(struct machine *m, struct job *j)
{
  return stats(m, j).ran;
}

int64_t
stat(struct machine *m, struct job *j, const char *name)
{
  int64_t out[SCHED_MAXSTAT];

  sched_stats(machine_queue(m, j->t), j->t, 0, out, m->now);
  for (int i = 0; m->policy->stat_names && m->policy->stat_names[i]; i++)
    if (strcmp(m->policy->stat_names[i], name) == 0)
      return out[i];
  fail_msg("%s has no statistic %s", m->policy->name, name);
  return 0;
}

bool
promised(const struct machine *m, const char *name, int i,
         struct sched_promise *out)
{
  if (m->policy->promise == 0)
    return false;
  for (int k = 0; m->policy->promise(m->param, k, out); k++)
    if (strcmp(out->name, name) == 0 && i-- == 0)
      return true;
  return false;
}

// --- acts --------------------------------------------------------------------

enum deed
act_sleep(struct machine *m, struct job *j)
{
  j->burst = j->run_for;
  j->wake = m->now + j->sleep_for;
  j->count++;
  return SLEEP;
}

enum deed
act_yield(struct machine *m, struct job *j)
{
  j->burst = j->run_for;
  j->count++;
  return YIELD;
}

enum deed
act_exit(struct machine *m, struct job *j)
{
  return EXIT;
}

// --- checks ------------------------------------------------------------------

// Count what the core says against what the jobs are.
static void
check_counts(struct machine *m, const struct runq *rq)
{
  int nready = 0, nfree = 0, nfor[SCHED_MAXHART] = { 0 };

  for (int i = 0; i < m->njob; i++) {
    const struct task *t = m->job[i].t;

    if (t == 0 || t->state != TASK_READY || t->queue != rq->id)
      continue;
    nready++;
    nfree += t->harts == SCHED_ANYHART;
    for (int h = 0; t->harts != SCHED_ANYHART && h < SCHED_MAXHART; h++)
      nfor[h] += task_may_run(t, h);
  }
  assert_int_equal(rq->nready, nready);
  for (int h = 0; h < SCHED_MAXHART; h++)
    assert_int_equal(sched_ready_for(rq, h), nfree + nfor[h]);
}

// Who should run does: see the comment that opens core.c.
static void
check_settled(struct machine *m, const struct runq *rq)
{
  const struct sched_policy *policy = rq->policy;

  for (int i = 0; i < m->njob; i++) {
    const struct task *t = m->job[i].t;

    if (t == 0 || t->state != TASK_READY || t->queue != rq->id)
      continue;
    if (rq->idle & t->harts)
      fail_msg("%s: task %d waits while a hart is idle", policy->name, i);
    for (const struct task *c = rq->running; c; c = c->run_next)
      if (policy->preempts && task_may_run(t, c->hart) &&
          policy->preempts(rq, t, c, rq->charged))
        fail_msg("%s: task %d waits while task %d runs", policy->name, i,
                 c->id);
  }
}

void
machine_check(struct machine *m)
{
  for (int q = 0; q < m->nqueue; q++) {
    const struct runq *rq = m->rq[q];
    const char *wrong = sched_check(rq);

    if (wrong)
      fail_msg("%s at %llu ns: %s", m->policy->name, (unsigned long long)m->now,
               wrong);
    check_counts(m, rq);
    if (rq->kick == 0 && rq->told == 0 && (rq->busy | rq->idle) == rq->harts)
      check_settled(m, rq);
  }
  for (int h = 0; h < m->nhart; h++) {
    const struct task *t = m->on[h];

    if (t && (t->state != TASK_RUNNING || t->hart != h))
      fail_msg("hart %d runs task %d, which thinks otherwise", h, t->id);
  }
}
