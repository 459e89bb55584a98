// balance.c - what a hart does at its timer interrupts where there are several
// queues, as kernel/proc/runq_perhart.c: it evens out shares, by what
// sched/balance.c says, and sends tasks that are urgent to where they are.
//
// sched/balance.c knows queues of one hart. Queues of several are evened out by
// the number of their tasks a hart.

#include "sched/sim/private.h"

// Weigh q. What all queues weigh.
static uint64_t
weigh(struct sim *s, struct queue *q, struct sched_load *load)
{
  uint64_t elsewhere = 0;

  for (int i = 0; i < s->nqueue; i++)
    if (i != q->id && !queue_idle(s, i))
      elsewhere += s->queue[i].weight;
  sched_weigh(q->rq, elsewhere, s->nqueue, load, s->now);
  sim_kicks(s, q);
  q->weight = load->weight;
  q->need = load->need;
  return elsewhere + load->weight;
}

// Of the queues that are heavier, and have a task for h, the one that needs it
// most, or 0.
static struct queue *
find_neediest(struct sim *s, const struct hart *h, uint64_t weight)
{
  struct queue *found = 0;

  for (int i = 0; i < s->nqueue; i++) {
    struct queue *q = &s->queue[i];

    if (q->weight > weight && (found == 0 || q->need > found->need) &&
        sched_ready_for(q->rq, h->local) > 0)
      found = q;
  }
  return found;
}

static void
even_out(struct sim *s, struct hart *h)
{
  struct sched_load mine, theirs;
  struct queue *q;
  struct task *t;
  uint64_t all;
  int64_t w;

  weigh(s, h->q, &mine);
  q = find_neediest(s, h, mine.weight);
  if (q == 0)
    return;
  all = weigh(s, q, &theirs);
  t = sched_even(q->rq, h->local, &theirs, &mine, all, s->nqueue, s->now);
  sim_kicks(s, q);
  if (t == 0)
    return;
  w = sched_weight(q->rq, t);
  q->weight -= w;
  h->q->weight += w;
  sim_move(s, q, t, h->q);
  s->count.evened++;
}

static int64_t
tasks(const struct queue *q)
{
  return q->rq->nready + __builtin_popcountll(q->rq->busy);
}

// Take one from the queue that has most tasks a hart, if it still has as many
// afterwards as h's queue.
static void
even_out_groups(struct sim *s, struct hart *h)
{
  struct queue *mine = h->q, *most = mine;
  struct task *t;

  for (struct queue *q = s->queue; q < s->queue + s->nqueue; q++)
    if (tasks(q) * most->n > tasks(most) * q->n &&
        sched_ready_for(q->rq, h->local) > 0)
      most = q;
  if ((tasks(most) - 1) * mine->n < (tasks(mine) + 1) * most->n)
    return;
  t = sched_spare(most->rq, h->local, s->now);
  sim_kicks(s, most);
  if (t == 0)
    return;
  sim_move(s, most, t, mine);
  s->count.evened++;
}

// ---- urgency ---------------------------------------------------------------

// The queue near h's whose harts run the least urgent task, of those that may
// have one of h's; or 0. *urgency: of that task.
static struct queue *
find_least_urgent(struct sim *s, const struct hart *h, int64_t *urgency)
{
  struct queue *found = 0;
  int first = h->q->id / NODE * NODE;

  *urgency = INT64_MIN;
  for (int i = first; i < s->nqueue && i < first + NODE; i++) {
    struct queue *q = &s->queue[i];
    int64_t u;

    if (q == h->q || sched_ready_for(h->q->rq, s->hart[q->first].local) == 0)
      continue;
    u = sched_least_urgent(q->rq, s->now);
    sim_kicks(s, q);
    if (u > *urgency) {
      *urgency = u;
      found = q;
    }
  }
  return found;
}

static bool
send_urgent(struct sim *s, struct hart *h)
{
  int64_t urgency;
  struct queue *to = find_least_urgent(s, h, &urgency);
  struct task *t;

  if (to == 0)
    return false;
  t = sched_spare_urgent(h->q->rq, s->hart[to->first].local, urgency, s->now);
  sim_kicks(s, h->q);
  if (t == 0)
    return false;
  sim_move(s, h->q, t, to);
  s->count.sent++;
  return true;
}

void
sim_balance(struct sim *s, struct hart *h)
{
  if (s->nqueue == 1 || s->c.steady)
    return;
  if (s->now - h->balanced >= SCHED_BALANCE) {
    h->balanced = s->now;
    if (s->c.nhart == s->nqueue)
      even_out(s, h);
    else
      even_out_groups(s, h);
  }
  for (int n = 1; n < s->nqueue && s->c.policy->urgency; n++)
    if (!send_urgent(s, h))
      break;
}
