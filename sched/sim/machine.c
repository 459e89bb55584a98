// machine.c - the simulated machine: what it consists of, and what may be asked
// of it and of its tasks. See sim.h.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/private.h"

void *
sim_more(void *old, size_t size)
{
  void *p = realloc(old, size);

  if (p == 0) {
    fprintf(stderr, "sim: no memory\n");
    exit(1);
  }
  return p;
}

static void *
zeroed(size_t n, size_t size)
{
  return memset(sim_more(0, n * size), 0, n * size);
}

// ---- set-up ----------------------------------------------------------------

// Queue i serves n harts from first on.
static void
add_queue(struct sim *s, int i, int first, int n)
{
  struct queue *q = &s->queue[i];
  uint64_t harts = 0;

  q->id = i;
  q->first = first;
  q->n = n;
  for (int h = first; h < first + n; h++) {
    s->hart[h].id = h;
    s->hart[h].local = h % SCHED_MAXHART;
    s->hart[h].q = q;
    s->hart[h].timer = s->hart[h].end = NSEC_NEVER;
    harts |= 1ull << s->hart[h].local;
  }
  q->rq = sim_more(0, sched_runq_size(s->c.policy));
  sched_runq_init(q->rq, s->c.policy, s->c.param, i, harts, s->c.seed + i, 0);
}

struct sim *
sim_new(const struct sim_config *config)
{
  struct sim *s = zeroed(1, sizeof(*s));
  int nhart = config->nhart;
  int n = (nhart + config->group - 1) / config->group;

  s->c = *config;
  s->nqueue = n;
  s->hart = zeroed(nhart, sizeof(*s->hart));
  s->queue = zeroed(n, sizeof(*s->queue));
  s->kicked = zeroed(nhart, sizeof(*s->kicked));
  s->idle = zeroed(n / 64 + 1, sizeof(*s->idle));
  for (int i = 0; i < n; i++) // some have one more than others
    add_queue(s, i, (long)nhart * i / n,
              (long)nhart * (i + 1) / n - (long)nhart * i / n);
  if (s->c.chance)
    s->queue[0].rq->rand = s->c.chance;
  for (int h = 0; h < nhart; h++)
    sim_dispatch(s, &s->hart[h]);
  return s;
}

void
sim_free(struct sim *s)
{
  for (int i = 0; i < s->ntask; i++) {
    free(s->task[i]->t);
    free(s->task[i]);
  }
  for (int i = 0; i < s->nqueue; i++)
    free(s->queue[i].rq);
  heap_free(&s->harts);
  heap_free(&s->sleepers);
  free(s->task);
  free(s->idle);
  free(s->kicked);
  free(s->queue);
  free(s->hart);
  free(s);
}

// ---- tasks -----------------------------------------------------------------

// The queue that t is on or was on.
static struct queue *
queue_of(const struct sim *s, const struct sim_task *j)
{
  return &s->queue[j->t->queue >= 0 ? j->t->queue : j->home];
}

struct sim_task *
sim_task(struct sim *s, struct sim_task *parent,
         struct sim_act (*next)(struct sim *, struct sim_task *), void *program)
{
  struct sim_task *j = zeroed(1, sizeof(*j));
  struct queue *q = parent ? queue_of(s, parent) : &s->queue[0];

  if (s->ntask == s->room) {
    s->room = 2 * s->room + 64;
    s->task = sim_more(s->task, s->room * sizeof(*s->task));
  }
  j->id = s->ntask++;
  s->task[j->id] = j;
  j->next = next;
  j->program = program;
  j->home = q->id;
  j->asked = j->first = j->end = NSEC_NEVER;
  j->hart = -1;
  j->t = sim_more(0, sched_task_size(s->c.policy));
  sched_task_init(q->rq, j->t, parent ? parent->t : 0, j->id,
                  parent ? parent->t->harts : SCHED_ANYHART, s->now);
  sim_kicks(s, q);
  return j;
}

void
sim_start(struct sim *s, struct sim_task *j, nsec at)
{
  s->alive++;
  if (s->inside && at <= s->now)
    sim_make_ready(s, j);
  else
    heap_set(&s->sleepers, &j->wakes, at, s->order++);
}

int
sim_set(struct sim *s, struct sim_task *j, const char *name, int64_t value)
{
  struct queue *q = queue_of(s, j);
  int r = sched_set(q->rq, j->t, name, value, s->now);

  sim_kicks(s, q);
  sim_change_loan(s, j);
  return r;
}

int
sim_affinity(struct sim *s, struct sim_task *j, uint64_t harts)
{
  struct queue *q = queue_of(s, j);
  uint64_t all = s->c.nhart < 64 ? (1ull << s->c.nhart) - 1 : SCHED_ANYHART;

  if (s->c.nhart > SCHED_MAXHART || (harts & all) == 0)
    return -1;
  sched_affinity(q->rq, j->t, harts, s->now);
  sim_kicks(s, q);
  if (j->t->state == TASK_READY && !sim_allowed(q, j->t))
    sim_move(s, q, j->t, sim_queue_for_new(s, j->t, q->id));
  return 0;
}

// ---- questions -------------------------------------------------------------

void
sim_stats(struct sim *s, struct sim_task *j, struct task_stats *st,
          int64_t *out)
{
  struct queue *q = queue_of(s, j);

  sched_stats(q->rq, j->t, st, out, s->now);
  sim_kicks(s, q);
}

nsec
sim_now(const struct sim *s)
{
  return s->now;
}

const struct sim_counts *
sim_counts(const struct sim *s)
{
  return &s->count;
}

struct sim_task *
sim_find(const struct sim *s, int id)
{
  return id >= 0 && id < s->ntask ? s->task[id] : 0;
}

int
sim_ntask(const struct sim *s)
{
  return s->ntask;
}

int
sim_nqueue(const struct sim *s)
{
  return s->nqueue;
}
