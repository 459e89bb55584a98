// harness_balance.c - a timer interrupt of the make-believe machine: what
// kernel/proc/runq_perhart.c does then, with a queue a hart.

#include "tests/host/harness.h"

static void
move(struct machine *m, struct task *t, int to)
{
  uint64_t w = sched_weight(machine_queue(m, t), t);

  m->weight[t->queue] -= w < m->weight[t->queue] ? w : m->weight[t->queue];
  m->weight[to] += w;
  sched_take(machine_queue(m, t), t, m->now);
  sched_ready(m->rq[to], t, READY_MOVED, m->now);
}

static uint64_t
weigh(struct machine *m, int q, struct sched_load *load)
{
  uint64_t elsewhere = 0;

  for (int i = 0; i < m->nqueue; i++)
    if (i != q && m->on[i])
      elsewhere += m->weight[i];
  sched_weigh(m->rq[q], elsewhere, m->nhart, load, m->now);
  m->weight[q] = load->weight;
  m->need[q] = load->need;
  return elsewhere + load->weight;
}

// Take a task from the heavier queue that needs it most.
static void
even_out(struct machine *m, int hart)
{
  struct sched_load mine, theirs;
  struct task *t;
  uint64_t all;
  int most = -1;

  if (m->now - m->balanced[hart] < SCHED_BALANCE)
    return;
  m->balanced[hart] = m->now;
  weigh(m, hart, &mine);
  for (int i = 0; i < m->nqueue; i++)
    if (sched_ready_for(m->rq[i], hart) > 0 && m->weight[i] > mine.weight &&
        (most < 0 || m->need[i] > m->need[most]))
      most = i;
  if (most < 0)
    return;
  all = weigh(m, most, &theirs);
  t = sched_even(m->rq[most], hart, &theirs, &mine, all, m->nhart, m->now);
  if (t)
    move(m, t, hart);
}

// Tasks that wait here and are more urgent than what runs elsewhere go there.
static bool
push_urgent(struct machine *m, int hart)
{
  int64_t least = INT64_MIN;
  struct task *t;
  int to = hart;

  for (int i = 0; i < m->nqueue; i++) {
    int64_t u = sched_least_urgent(m->rq[i], m->now);

    if (i != hart && u > least && sched_ready_for(m->rq[hart], i) > 0) {
      least = u;
      to = i;
    }
  }
  if (to == hart)
    return false;
  t = sched_spare_urgent(m->rq[hart], to, least, m->now);
  if (t)
    move(m, t, to);
  return t != 0;
}

// A timer interrupt of hart.
void
machine_tick(struct machine *m, int hart)
{
  if (m->balance && m->nqueue == m->nhart && m->nhart > 1) {
    even_out(m, hart);
    while (m->policy->urgency && push_urgent(m, hart))
      ;
  }
  sched_tick(m->rq[hart % m->nqueue], m->now);
}
