// lend.c - loans, as kernel/proc/lend.c keeps them: who waits for another lends
// it what it is worth, until it runs again.

#include "sched/sim/private.h"

static struct queue *
queue_of(struct sim *s, const struct sim_task *j)
{
  return &s->queue[j->t->queue >= 0 ? j->t->queue : j->home];
}

// Tell the policy what j is lent. What j is worth with that.
static int64_t
tell(struct sim *s, struct sim_task *j)
{
  struct queue *q = queue_of(s, j);

  sched_lend(q->rq, j->t, j->lent, s->now);
  sim_kicks(s, q);
  return sched_weight(q->rq, j->t);
}

// What j lends is `worth` from now on; and so on up the chain.
static void
lend(struct sim *s, struct sim_task *j, int64_t worth)
{
  for (; j->lends_to; j = j->lends_to) {
    j->lends_to->lent += worth - j->lends;
    j->lends = worth;
    worth = tell(s, j->lends_to);
  }
}

void
sim_take_back(struct sim *s, struct sim_task *j)
{
  if (j->lends_to == 0)
    return;
  lend(s, j, 0);
  j->lends_to = 0;
  s->loans--;
}

void
sim_forget_loans(struct sim *s, struct sim_task *j)
{
  sim_take_back(s, j);
  for (int i = 0; s->loans > 0 && i < s->ntask; i++)
    if (s->task[i] && s->task[i]->lends_to == j)
      sim_take_back(s, s->task[i]);
}

void
sim_change_loan(struct sim *s, struct sim_task *j)
{
  if (j->lends_to)
    lend(s, j, sched_weight(queue_of(s, j)->rq, j->t));
}

static bool
reaches(const struct sim_task *from, const struct sim_task *j)
{
  while (from && from != j)
    from = from->lends_to;
  return from == j;
}

int
sim_lend(struct sim *s, struct sim_task *j, struct sim_task *to)
{
  if (s->c.policy->lend == 0 || to == j || to->ended || !to->begun)
    return -1;
  sim_take_back(s, j);
  if (reaches(to, j)) // it does not wait for j any more
    sim_take_back(s, to);
  j->lends_to = to;
  j->lends = 0;
  s->loans++;
  sim_change_loan(s, j);
  return 0;
}
