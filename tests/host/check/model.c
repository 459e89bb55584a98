// model.c - what a policy's promises say of each task, kept beside the policy
// from what happens alone, and what has to be true by it in each state.
//
//   "strict" with "level"   Rule 1 of OSTEP chapter 8: no task waits while one
//                           on a worse level runs
//   "level"                 Rule 2: a slice is no longer than the level's;
//                           Rule 4: who has used up its allotment sinks
//   "boost"                 Rule 5: at each multiple of it, all are on level 0
//   "inherit"               a child has its parent's attributes and level
//   "arrival"               who became ready first runs first, to its end
//   "shortest"              who has the least left of its burst runs
//   "priority"              no task waits while one of a worse priority runs
//   "wait", "live"          no task waits for longer
//
// The policy's own statistic "level", where there is one, must be what the
// rules say.  Where a hart was late, it is not known which level a task is on.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check/world.h"

#define MS(t) ((double)(t) / 1e6)

// ---- what is promised ------------------------------------------------------

static void
note_promise(struct rules *r, const struct sched_promise *p)
{
  if (strcmp(p->name, "level") == 0 && p->n[0] == r->nlevel &&
      r->nlevel < MAXLEVEL) {
    r->slice[r->nlevel] = p->n[1];
    r->allot[r->nlevel++] = p->n[2];
  } else if (strcmp(p->name, "strict") == 0) {
    r->strict = true;
  } else if (strcmp(p->name, "inherit") == 0) {
    r->inherit = true;
  } else if (strcmp(p->name, "arrival") == 0) {
    r->arrival = true;
  } else if (strcmp(p->name, "shortest") == 0) {
    r->shortest = true;
  } else if (strcmp(p->name, "priority") == 0) {
    r->priority = true;
  } else if (strcmp(p->name, "boost") == 0) {
    r->boost = p->n[0];
  } else if (strcmp(p->name, "wait") == 0) {
    r->waits = true;
    r->wait = p->n[0];
  } else if (strcmp(p->name, "live") == 0) {
    r->lives = true;
    r->live = p->n[0];
    r->live_each = p->n[1];
  }
}

const char *const rule_name[NRULE] = {
  [RULE1] = "Rule 1",      [RULE2] = "Rule 2",      [RULE4] = "Rule 4",
  [RULE5] = "Rule 5",      [INHERIT] = "inherit",   [ARRIVAL] = "arrival",
  [SHORTEST] = "shortest", [PRIORITY] = "priority", [WAIT] = "wait",
  [LIVE] = "live",
};

bool
model_has(const struct world *w, enum rule rule)
{
  const struct rules *r = &w->rules;
  const bool has[NRULE] = {
    [RULE1] = r->strict && r->nlevel,
    [RULE2] = r->nlevel > 0,
    [RULE4] = r->nlevel > 1,
    [RULE5] = r->boost > 0,
    [INHERIT] = r->inherit,
    [ARRIVAL] = r->arrival,
    [SHORTEST] = r->shortest,
    [PRIORITY] = r->priority,
    [WAIT] = r->waits,
    [LIVE] = r->lives,
  };

  return has[rule];
}

// It does not hold; to go on, if that is to be ignored.
static __attribute__((format(printf, 5, 6))) void
broken(const struct world *w, enum rule rule, const char *hook, int task,
       const char *fmt, ...)
{
  char text[160];
  va_list ap;

  if (w->ignore >> rule & 1)
    return;
  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  guard_leave_as(rule_name[rule], hook, task, "%s", text);
}

static struct world *watched;

static void
on_ready(struct task *t, enum ready_why why)
{
  struct world *w = watched;
  int i = w ? world_slot(w, t) : -1;
  int64_t burst;

  if (i < 0)
    return;
  w->model[i].turn = ++w->s.turn;
  if (why != READY_NEW && why != READY_WAKE)
    return;
  w->model[i].left = 0;
  if (w->rules.shortest && sched_get(w->rq[0], t, "burst", &burst) == 0 &&
      burst > 0)
    w->model[i].left = burst;
}

void
model_begin(struct world *w)
{
  struct sched_promise p;

  memset(&w->rules, 0, sizeof(w->rules));
  for (int i = 0; w->policy->promise && i < 1000; i++) {
    if (!w->policy->promise(w->param, i, &p))
      break;
    note_promise(&w->rules, &p);
  }
  if (w->rules.boost)
    w->s.boosts = w->s.now / w->rules.boost;
  watched = w;
  guard_on_ready = on_ready;
}

// The policy's own word for t's level, or -1.
static int
told_level(struct world *w, const struct task *t)
{
  int64_t out[SCHED_MAXSTAT] = { 0 };
  const char *const *name = w->policy->stat_names;

  for (int i = 0; name && name[i] && i < SCHED_MAXSTAT; i++)
    if (strcmp(name[i], "level") == 0) {
      w->policy->stats(queue_of(w, t), t, out);
      return out[i];
    }
  return -1;
}

// ---- what happens ----------------------------------------------------------

static void
check_inherited(struct world *w, struct task *t, const struct task *parent)
{
  const struct sched_attr *a = w->policy->attrs;
  int64_t his, its;

  for (int i = 0; i < w->nattr; i++) {
    sched_get(w->rq[0], parent, a[i].name, &his);
    sched_get(w->rq[0], t, a[i].name, &its);
    if (his != its)
      broken(w, INHERIT, "task_init", t->id,
             "%s is a child of %s, whose \"%s\" is %lld, and has %lld",
             task_name(t->id), task_name(parent->id), a[i].name, (long long)his,
             (long long)its);
  }
}

void
model_new(struct world *w, struct task *t, const struct task *parent)
{
  struct model *m = &w->model[world_slot(w, t)];

  *m = (struct model){ .known = w->rules.nlevel > 0 };
  if (w->rules.inherit && parent) {
    const struct model *p = &w->model[world_slot(w, parent)];

    m->known = p->known;
    m->level = p->level;
    m->used = p->used;
    check_inherited(w, t, parent);
    if (m->known && told_level(w, t) >= 0 && told_level(w, t) != m->level)
      broken(w, INHERIT, "task_init", t->id,
             "%s is a child of %s, which is on level %d, and is on level %d",
             task_name(t->id), task_name(parent->id), m->level,
             told_level(w, t));
  }
}

// Who waits on t's queue, may run on its hart, and has come before it.
void
model_picked(struct world *w, struct task *t)
{
  const struct model *m = &w->model[world_slot(w, t)];
  const struct rules *r = &w->rules;

  if (m->known && t->slice > r->slice[m->level])
    broken(w, RULE2, "pick", t->id,
           "%s gets a slice of %g ms on level %d, where it is %g ms",
           task_name(t->id), MS(t->slice), m->level, MS(r->slice[m->level]));
  for (int i = 0; r->arrival && i < w->shape.ntask; i++)
    if (w->live[i] && w->task[i]->state == TASK_READY &&
        w->task[i]->queue == t->queue && task_may_run(w->task[i], t->hart) &&
        w->model[i].turn < m->turn)
      broken(w, ARRIVAL, "pick", t->id,
             "%s runs before %s, which became ready earlier", task_name(t->id),
             task_name(i));
}

// A hart stops t.
void
model_stopped(struct world *w, struct task *t)
{
  if (w->rules.arrival && !w->shape.late && task_may_run(t, t->hart))
    broken(w, ARRIVAL, guard_log.n ? "pick" : "preempts", t->id,
           "%s is stopped, and did not block, yield or end", task_name(t->id));
}

void
model_set(struct world *w, struct task *t)
{
  int64_t burst;

  if (w->rules.shortest && sched_get(w->rq[0], t, "burst", &burst) == 0)
    w->model[world_slot(w, t)].left = burst > 0 ? burst : 0;
}

// It ran: Rule 4.
static void
use(const struct rules *r, struct model *m, nsec ran, bool late)
{
  m->left = m->left > ran ? m->left - ran : 0;
  m->used += ran;
  while (r->allot[m->level] && m->used >= r->allot[m->level] &&
         m->level + 1 < r->nlevel)
    m->used -= r->allot[m->level++];
  if (r->nlevel && r->allot[m->level] == 0)
    m->used = 0;
  if (late)
    m->known = false;
}

void
model_pass(struct world *w, nsec ran, bool late)
{
  const struct rules *r = &w->rules;

  for (int h = 0; h < w->shape.nhart; h++)
    if (w->s.on[h])
      use(r, &w->model[world_slot(w, w->s.on[h])], ran, late);
  if (r->boost == 0 || w->s.now / r->boost == w->s.boosts)
    return;
  w->s.boosts = w->s.now / r->boost;
  for (int i = 0; i < w->shape.ntask; i++) {
    struct model *m = &w->model[i];

    m->known = !late || w->task[i]->state != TASK_RUNNING;
    m->level = 0;
    m->used = 0;
  }
}

int
model_rank(const struct world *w, int slot)
{
  int rank = 0;

  for (int i = 0; i < w->shape.ntask; i++)
    rank += w->live[i] && w->task[i]->state == TASK_READY &&
            w->model[i].turn < w->model[slot].turn;
  return rank;
}

// ---- what has to be true ---------------------------------------------------

static void
check_told(struct world *w, int i)
{
  const struct model *m = &w->model[i];
  const struct rules *r = &w->rules;
  int told = told_level(w, w->task[i]);

  if (told < 0 || told == m->level)
    return;
  if (told < m->level)
    broken(w, RULE4, "charge", i,
           "%s has run for %g ms, all that it may on level %d, and is "
           "on level %d",
           task_name(i), MS(r->allot[m->level - 1]), m->level - 1, told);
  else if (r->boost && w->s.boosts > w->start / r->boost && m->level == 0)
    broken(w, RULE5, "timer", i, "all were boosted, and %s is on level %d",
           task_name(i), told);
  else
    broken(w, RULE4, "charge", i,
           "%s has run for %g ms on level %d, and is on level %d already",
           task_name(i), MS(m->used), m->level, told);
}

// By what the attributes are, whatever the policy makes of them.
static void
check_priority(struct world *w, const struct task *t, const struct task *c)
{
  struct runq *rq = queue_of(w, t);
  int64_t his, its;

  if (sched_get(rq, t, "priority", &his) < 0 ||
      sched_get(rq, c, "priority", &its) < 0 || his >= its)
    return;
  broken(w, PRIORITY, w->policy->preempts ? "preempts" : "pick", t->id,
         "%s, of priority %lld, waits while %s runs, of priority %lld",
         task_name(t->id), (long long)his, task_name(c->id), (long long)its);
}

static void
check_pair(struct world *w, int i, int running)
{
  const struct model *t = &w->model[i], *c = &w->model[running];

  if (w->rules.strict && t->known && c->known && t->level < c->level)
    broken(w, RULE1, w->policy->preempts ? "preempts" : "ready", i,
           "%s, on level %d, waits while %s runs, on level %d", task_name(i),
           t->level, task_name(running), c->level);
  if (w->rules.shortest && t->left && c->left && t->left < c->left)
    broken(w, SHORTEST, w->policy->preempts ? "preempts" : "pick", i,
           "%s has %g ms left and waits while %s runs, with %g ms left",
           task_name(i), MS(t->left), task_name(running), MS(c->left));
}

static void
check_wait(struct world *w, int i)
{
  const struct rules *r = &w->rules;
  nsec waited = w->s.now - w->task[i]->since;
  nsec most = (w->s.most - 1) * r->wait + w->s.late;
  nsec live = r->live + w->s.most * r->live_each + w->s.late;

  if (w->shape.nhart > 1 || w->s.changed) // n equal tasks on one hart
    return;
  if (r->waits && waited > most)
    broken(w, WAIT, "pick", i,
           "%s has waited for %g ms; with %d tasks %g ms are promised",
           task_name(i), MS(waited), w->s.most, MS(most));
  if (r->lives && waited > live)
    broken(w, LIVE, "pick", i,
           "%s has waited for %g ms; with %d tasks %g ms are promised",
           task_name(i), MS(waited), w->s.most, MS(live));
}

void
model_look(struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++) {
    const struct task *t = w->task[i];

    if (!w->live[i])
      continue;
    if (w->model[i].known && t->state != TASK_RUNNING)
      check_told(w, i);
    if (t->state != TASK_READY)
      continue;
    check_wait(w, i);
    for (const struct task *c = queue_of(w, t)->running; c; c = c->run_next)
      if (task_may_run(t, c->hart)) {
        check_pair(w, i, world_slot(w, c));
        if (w->rules.priority)
          check_priority(w, t, c);
      }
  }
}
