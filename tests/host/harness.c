// harness.c - see harness.h.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/harness.h"

#define MAXLOG 1000000

// --- set-up ------------------------------------------------------------------

static uint64_t
served(const struct machine *m, int q)
{
  uint64_t harts = 0;

  for (int h = q; h < m->nhart; h += m->nqueue)
    harts |= 1ull << h;
  return harts;
}

static void
set_params(struct machine *m, const char *params)
{
  char words[256], err[128];

  sched_params_init(m->policy, m->param);
  snprintf(words, sizeof(words), "%s", params);
  for (char *w = strtok(words, " "); w; w = strtok(0, " "))
    if (sched_param_set(m->policy, m->param, w, err, sizeof(err)) < 0)
      fail_msg("%s", err);
}

static void dispatch(struct machine *m, int hart);

struct machine *
machine_new(const struct sched_policy *policy, int nhart, int nqueue,
            const char *params, uint64_t seed)
{
  struct machine *m = calloc(1, sizeof(*m));

  m->policy = policy;
  m->nhart = nhart;
  m->nqueue = nqueue;
  m->steal = true;
  m->balance = true;
  set_params(m, params);
  for (int q = 0; q < nqueue; q++) {
    // Old contents must not matter.
    m->rq[q] = malloc(sched_runq_size(policy));
    memset(m->rq[q], 0xa5, sched_runq_size(policy));
    sched_runq_init(m->rq[q], policy, m->param, q, served(m, q), seed, 0);
  }
  for (int h = 0; h < nhart; h++)
    m->timer[h] = NSEC_NEVER;
  for (int h = 0; h < nhart; h++)
    dispatch(m, h);
  machine_check(m);
  return m;
}

void
machine_free(struct machine *m)
{
  for (int i = 0; i < m->njob; i++)
    free(m->job[i].t);
  for (int q = 0; q < m->nqueue; q++)
    free(m->rq[q]);
  free(m->log);
  free(m);
}

// --- what a dispatcher does --------------------------------------------------

struct runq *
machine_queue(const struct machine *m, const struct task *t)
{
  return m->rq[t->queue >= 0 ? t->queue : t->id % m->nqueue];
}

static struct job *
job(struct machine *m, const struct task *t)
{
  return &m->job[t->id];
}

// A queue that t may be queued on, rather the one it was on.
static struct runq *
place(struct machine *m, const struct task *t)
{
  if (!sched_misplaced(machine_queue(m, t), t))
    return machine_queue(m, t);
  for (int q = 0; q < m->nqueue; q++)
    if (!sched_misplaced(m->rq[q], t))
      return m->rq[q];
  fail_msg("task %d may run nowhere", t->id);
  return 0;
}

static void
note(struct machine *m, int hart)
{
  int id = m->on[hart] ? m->on[hart]->id : -1;

  if (m->nlog == MAXLOG)
    return;
  if (m->nlog == m->logroom) {
    m->logroom = m->logroom ? 2 * m->logroom : 64;
    m->log = realloc(m->log, m->logroom * sizeof(*m->log));
    assert_non_null(m->log);
  }
  m->log[m->nlog++] = (struct pick){ m->now, hart, id };
}

// As a kernel does that sets its timer only to an earlier time: it may go off
// when the slice that it was set for is long over.
static void
set_timer(struct machine *m, int hart)
{
  struct task *t = m->on[hart];
  nsec at = t ? sched_next_tick(m->rq[hart % m->nqueue], t) : NSEC_NEVER;

  if (at < m->timer[hart])
    m->timer[hart] = at;
}

// hart runs nothing: pick, or steal.
static void
dispatch(struct machine *m, int hart)
{
  struct runq *rq = m->rq[hart % m->nqueue];
  struct task *t = sched_pick(rq, hart, m->now);

  for (int q = 0; t == 0 && m->steal && q < m->nqueue; q++) {
    struct task *other;

    if (m->rq[q] == rq)
      continue;
    other = sched_spare(m->rq[q], hart, m->now);
    if (other == 0)
      continue;
    sched_take(m->rq[q], other, m->now);
    sched_ready(rq, other, READY_MOVED, m->now);
    t = sched_pick(rq, hart, m->now);
  }
  m->on[hart] = t;
  set_timer(m, hart);
  note(m, hart);
}

static void
obey(struct machine *m, int hart)
{
  struct runq *rq = m->rq[hart % m->nqueue];

  if (m->on[hart]) {
    if (!sched_told(rq, hart))
      return;
    sched_stop(rq, m->on[hart], READY_PREEMPT, m->now);
    m->on[hart] = 0;
  }
  dispatch(m, hart);
}

static void
obey_kicks(struct machine *m)
{
  bool again;
  int rounds = 0;

  do {
    again = false;
    assert_true(rounds++ < 1000);
    for (int q = 0; q < m->nqueue; q++) {
      uint64_t kick = sched_kicks(m->rq[q]);

      assert_int_equal(kick & ~m->rq[q]->harts, 0);
      for (int h = 0; h < m->nhart; h++)
        if (kick >> h & 1) {
          again = true;
          obey(m, h);
        }
    }
  } while (again);
}

// Tasks whose mask has none of their queue's harts go elsewhere; idle harts
// look around.
static void
rebalance(struct machine *m)
{
  for (int i = 0; i < m->njob; i++) {
    struct task *t = m->job[i].t;

    if (t == 0 || t->state != TASK_READY)
      continue;
    if (sched_misplaced(machine_queue(m, t), t)) {
      sched_take(machine_queue(m, t), t, m->now);
      sched_ready(place(m, t), t, READY_MOVED, m->now);
    }
  }
  for (int h = 0; m->nqueue > 1 && m->steal && h < m->nhart; h++)
    if (m->on[h] == 0)
      dispatch(m, h);
}

static void
after_event(struct machine *m)
{
  obey_kicks(m);
  rebalance(m);
  obey_kicks(m);
  machine_check(m);
}

static void
finish_burst(struct machine *m, int hart)
{
  struct task *t = m->on[hart];
  struct runq *rq = m->rq[hart % m->nqueue];
  struct job *j = job(m, t);
  enum deed deed = j->act ? j->act(m, j) : EXIT;

  if (deed == GO_ON || m->on[hart] != t)
    return;
  m->on[hart] = 0;
  if (deed == YIELD)
    sched_stop(rq, t, READY_YIELD, m->now);
  else
    sched_block(rq, t, m->now);
  dispatch(m, hart);
  if (deed == EXIT) { // nobody may look at it again
    memset(t, 0x5a, sched_task_size(m->policy));
    free(t);
    j->t = 0;
  }
}

struct job *
machine_job(struct machine *m, struct job *parent, uint64_t harts,
            enum deed (*act)(struct machine *, struct job *))
{
  struct job *j = &m->job[m->njob];
  struct task *p = parent ? parent->t : 0;

  assert_true(m->njob < MAXJOB);
  j->t = malloc(sched_task_size(m->policy));
  memset(j->t, 0xa5, sched_task_size(m->policy));
  sched_task_init(p ? machine_queue(m, p) : m->rq[m->njob % m->nqueue], j->t, p,
                  m->njob, harts, m->now);
  j->act = act;
  j->wake = NSEC_NEVER;
  j->born = m->now;
  m->njob++;
  return j;
}

void
machine_start(struct machine *m, struct job *j, nsec burst)
{
  j->burst = burst;
  sched_ready(place(m, j->t), j->t, READY_NEW, m->now);
  after_event(m);
}

struct job *
machine_hog(struct machine *m)
{
  struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

  machine_start(m, j, NSEC_NEVER);
  return j;
}

void
machine_wake(struct machine *m, struct job *j)
{
  j->wake = NSEC_NEVER;
  sched_ready(place(m, j->t), j->t, READY_WAKE, m->now);
  after_event(m);
}

int
machine_set(struct machine *m, struct job *j, const char *name, int64_t value)
{
  int r = sched_set(machine_queue(m, j->t), j->t, name, value, m->now);

  after_event(m);
  return r;
}

void
machine_affinity(struct machine *m, struct job *j, uint64_t harts)
{
  sched_affinity(machine_queue(m, j->t), j->t, harts, m->now);
  after_event(m);
}

// --- time --------------------------------------------------------------------

static nsec
next_event(const struct machine *m, nsec end)
{
  for (int h = 0; h < m->nhart; h++) {
    const struct task *t = m->on[h];
    nsec tick, burst;

    if (m->timer[h] < end)
      end = m->timer[h];
    if (t == 0)
      continue;
    tick = sched_next_tick(m->rq[h % m->nqueue], t);
    burst = m->job[t->id].burst;
    assert_true(tick > m->now);
    if (tick < end)
      end = tick;
    if (burst != NSEC_NEVER && m->now + burst < end)
      end = m->now + burst;
  }
  for (int i = 0; i < m->njob; i++)
    if (m->job[i].t && m->job[i].wake < end)
      end = m->job[i].wake;
  return end;
}

static void
advance(struct machine *m, nsec to)
{
  for (int h = 0; h < m->nhart; h++)
    if (m->on[h] == 0)
      m->idled += to - m->now;
    else if (job(m, m->on[h])->burst != NSEC_NEVER)
      job(m, m->on[h])->burst -= to - m->now;
  m->now = to;
}

struct job *
machine_sleeper(struct machine *m, nsec run_for, nsec sleep_for)
{
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_sleep);

  j->run_for = run_for;
  j->sleep_for = sleep_for;
  machine_start(m, j, run_for);
  return j;
}

// Harts whose timer goes off now. Each has its tick then, even if another one
// has found out before that its task has to stop.
static uint64_t
timers_due(struct machine *m)
{
  uint64_t due = 0;

  for (int h = 0; h < m->nhart; h++) {
    set_timer(m, h);
    if (m->timer[h] <= m->now)
      due |= 1ull << h;
  }
  return due;
}

static void
timer_interrupt(struct machine *m, int hart)
{
  m->timer[hart] = NSEC_NEVER;
  machine_tick(m, hart);
  set_timer(m, hart);
}

void
machine_run(struct machine *m, nsec span)
{
  nsec end = m->now + span;
  uint64_t due;

  while (m->now < end) {
    advance(m, next_event(m, end));
    due = timers_due(m);
    for (int h = 0; h < m->nhart; h++) {
      if (m->on[h] && job(m, m->on[h])->burst == 0)
        finish_burst(m, h);
      if (due >> h & 1)
        timer_interrupt(m, h);
      obey_kicks(m);
    }
    for (int i = 0; i < m->njob; i++)
      if (m->job[i].t && m->job[i].wake <= m->now)
        machine_wake(m, &m->job[i]);
    after_event(m);
  }
}
