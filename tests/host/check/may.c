// may.c - what may happen in a world, as it is.

#include <assert.h>

#include "tests/host/check/world.h"

nsec
world_next_tick(const struct world *w)
{
  nsec end = NSEC_NEVER;

  for (int h = 0; h < w->shape.nhart; h++)
    if (w->s.on[h]) {
      nsec tick = sched_next_tick(queue_of_hart(w, h), w->s.on[h]);

      end = tick < end ? tick : end;
    }
  return end;
}

nsec
world_next_alarm(const struct world *w)
{
  nsec alarm = NSEC_NEVER;

  for (int q = 0; q < w->shape.nqueue; q++)
    if (w->rq[q]->alarm < alarm)
      alarm = w->rq[q]->alarm;
  return alarm;
}

int64_t
tried_value(const struct sched_attr *a, int i)
{
  const int64_t value[NVALUE] = { a->min, a->init, a->max };

  return value[i];
}

uint64_t
tried_mask(const struct world *w, int i)
{
  const uint64_t mask[NMASK] = { SCHED_ANYHART, 1,
                                 1ull << (w->shape.nhart - 1) };

  return mask[i];
}

static bool
may_run_on(const struct world *w, int slot, int queue)
{
  return !sched_misplaced(w->rq[queue], w->task[slot]);
}

static bool
in_state(const struct world *w, int slot, enum task_state state)
{
  return w->live[slot] && w->task[slot]->state == state;
}

static bool
may_set(const struct world *w, const struct event *e)
{
  const struct sched_attr *a = &w->policy->attrs[e->b];
  int64_t now = 0;

  if (!w->live[e->a])
    return false;
  sched_get(w->rq[0], w->task[e->a], a->name, &now);
  for (int i = 0; i < e->c; i++)
    if (tried_value(a, i) == tried_value(a, e->c))
      return false;
  return now != tried_value(a, e->c);
}

static bool
may_pin(const struct world *w, const struct event *e)
{
  uint64_t mask = tried_mask(w, e->b);

  return w->live[e->a] && w->task[e->a]->harts != mask &&
         (w->shape.nqueue == 1 || !w->shape.late);
}

static bool
may_steal(const struct world *w, int hart, int queue)
{
  return w->s.on[hart] == 0 && hart % w->shape.nqueue != queue &&
         !(w->s.pending >> hart & 1) &&
         queue_of_hart(w, hart)->idle >> hart & 1 &&
         sched_ready_for(w->rq[queue], hart) > 0 && w->policy->surplus;
}

bool
world_may(struct world *w, const struct event *e)
{
  nsec tick = world_next_tick(w);

  switch ((enum kind)e->kind) {
  case CREATE:
    return w->s.nlive < w->shape.ntask;
  case FORK:
    return w->s.nlive < w->shape.ntask && w->s.on[e->a];
  case BLOCK:
  case YIELD:
  case EXIT:
    return w->s.on[e->a] != 0;
  case WAKE:
    return in_state(w, e->a, TASK_BLOCKED) && may_run_on(w, e->a, e->b);
  case RUN:
    return tick > w->s.now + w->little;
  case TICK:
  case LATE:
    return tick != NSEC_NEVER && tick > w->s.now;
  case ALARM:
    return world_next_alarm(w) != NSEC_NEVER &&
           world_next_alarm(w) > w->s.now && world_next_alarm(w) != tick &&
           !w->shape.late;
  case SET:
    return may_set(w, e);
  case PIN:
    return may_pin(w, e);
  case MOVE:
    return in_state(w, e->a, TASK_READY) && may_run_on(w, e->a, e->b) &&
           w->task[e->a]->queue != e->b;
  case STEAL:
    return may_steal(w, e->a, e->b);
  case OBEY:
    return w->s.pending >> e->a & 1;
  case LEND:
    return w->live[e->a];
  case NKIND:
    break;
  }
  return false;
}

// How many values a, b and c of an event of this kind have.
void
world_ranges(const struct world *w, int kind, int n[3])
{
  const struct shape *s = &w->shape;
  const int range[NKIND][3] = {
    [CREATE] = { s->nqueue },
    [FORK] = { s->nhart },
    [BLOCK] = { s->nhart },
    [WAKE] = { s->ntask, s->nqueue },
    [YIELD] = { s->nhart },
    [EXIT] = { s->nhart },
    [RUN] = { 1 },
    [TICK] = { 1 },
    [LATE] = { 1 },
    [ALARM] = { 1 },
    [SET] = { s->ntask, w->nattr, NVALUE },
    [PIN] = { s->pins ? s->ntask : 0, NMASK },
    [MOVE] = { s->nqueue > 1 ? s->ntask : 0, s->nqueue },
    [STEAL] = { s->nqueue > 1 ? s->nhart : 0, s->nqueue },
    [OBEY] = { s->late ? s->nhart : 0 },
    [LEND] = { w->policy->lend ? s->ntask : 0, 2 },
  };

  for (int i = 0; i < 3; i++)
    n[i] = range[kind][i] || i == 0 ? range[kind][i] : 1;
  if (kind == SET && w->nattr == 0)
    n[0] = 0;
}

// First the kind, as there are many ways to set an attribute and one to let
// time pass; then what it is about.
struct event
world_some(struct world *w, uint64_t (*any)(void *, uint64_t n), void *arg)
{
  for (;;) {
    int kind = any(arg, NKIND), n[3];

    world_ranges(w, kind, n);
    for (int tries = 0; n[0] > 0 && tries < 20; tries++) {
      struct event e = { kind, any(arg, n[0]), any(arg, n[1]), any(arg, n[2]),
                         any(arg, LUCK) };

      if (world_may(w, &e))
        return e;
    }
  }
}

int
world_events(struct world *w, struct event *list)
{
  int count = 0;

  for (int kind = 0; kind < NKIND; kind++) {
    int n[3];

    world_ranges(w, kind, n);
    for (int a = 0; a < n[0]; a++)
      for (int b = 0; b < n[1]; b++)
        for (int c = 0; c < n[2]; c++) {
          struct event e = { kind, a, b, c, 0 };

          if (world_may(w, &e)) {
            assert(count < MAXEVENT);
            list[count++] = e;
          }
        }
  }
  return count;
}
