// look.c - is all well in a world?  Whatever the core and the policy can find
// themselves; that who should run does; and that each queue, emptied, gives
// each task that was on it once and no other.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check/world.h"

static bool
writes(const char *hook)
{
  static const char *const do_[] = { "ready", "pick",   "leave", "block",
                                     "timer", "charge", "set",   "task_init" };

  for (size_t i = 0; i < sizeof(do_) / sizeof(do_[0]); i++)
    if (strcmp(hook, do_[i]) == 0)
      return true;
  return false;
}

// The hook of the last event that most likely did it: the last one that may
// write, of this task if there is one of it.  `before` calls count.
static const char *
suspect(int task, int before)
{
  const char *found = "";
  bool left = false;

  for (int i = 0; i < before && i < guard_log.n; i++)
    if (writes(guard_log.call[i].hook) &&
        (guard_log.call[i].task == task || task < 0)) {
      found = guard_log.call[i].hook;
      left |= strcmp(found, "leave") == 0;
    }
  if (left && strcmp(found, "ready") == 0)
    return "leave() or ready";
  return *found == 0 && task >= 0 ? suspect(-1, before) : found;
}

// ---- what can be asked -----------------------------------------------------

static void
ask_weights(struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++)
    if (w->live[i] && w->task[i]->state != TASK_BLOCKED)
      sched_weight(queue_of(w, w->task[i]), w->task[i]);
}

// sched_check asks for this as well, of the tasks that next() names: here a
// policy needs none.
static void
ask_urgency(struct world *w, const struct task *t)
{
  const struct sched_policy *p = w->policy;
  const struct runq *rq = queue_of(w, t);

  for (const struct task *c = rq->running; c; c = c->run_next) {
    bool pushes = p->preempts && p->preempts(rq, t, c, rq->charged);
    int64_t mine = p->urgency(rq, t), its = p->urgency(rq, c);

    if (pushes != (mine < its))
      guard_leave(19, "urgency", t->id,
                  "%s waits and %s runs, whose urgency() is %lld and %lld, but "
                  "preempts() says that %s",
                  task_name(t->id), task_name(c->id), (long long)mine,
                  (long long)its, pushes ? "it is pushed out" : "it is not");
  }
}

// Who should run does: see the comment that opens core.c.
static void
look_settled(struct world *w, const struct runq *rq, const struct task *t)
{
  if (rq->idle & t->harts)
    guard_leave(0, suspect(t->id, guard_log.n), t->id,
                "%s waits while a hart idles", task_name(t->id));
  for (const struct task *c = rq->running; c; c = c->run_next)
    if (w->policy->preempts && task_may_run(t, c->hart) &&
        w->policy->preempts(rq, t, c, rq->charged))
      guard_leave(0, "preempts", t->id,
                  "%s waits while %s runs, which it pushes out, says "
                  "preempts(), but did not when it became ready",
                  task_name(t->id), task_name(c->id));
}

static bool
at_rest(const struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++)
    if (w->rq[q]->told)
      return false;
  return w->s.pending == 0;
}

// ---- emptying the queues ---------------------------------------------------

// Each hart blocks what it runs and picks, until nothing is left.  A task that
// is queued twice, or not at all, or should not be, shows by what the core
// says of a pick; world_explain puts that into words.
static void
empty_queues(struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++)
    w->was[i] = w->live[i] ? w->task[i]->state : TASK_BLOCKED;
  w->calls = guard_log.n;
  w->emptying = true;
  for (int h = 0; h < w->shape.nhart; h++) {
    struct runq *rq = queue_of_hart(w, h);
    struct task *t = w->s.on[h];

    do {
      if (t)
        sched_block(rq, t, w->s.now);
      t = sched_pick(rq, h, w->s.now);
    } while (t);
  }
  w->emptying = false;
}

// "(17) next() leaves out...": the number, and what follows.  A task that is
// queued twice or lost is often found here first, and better told by emptying.
static void
ask(struct world *w, int q)
{
  const char *wrong = sched_check(w->rq[q]);
  int promise = 9;

  if (wrong == 0)
    return;
  if (*wrong == '(') {
    promise = atoi(wrong + 1);
    wrong = strchr(wrong, ')') + 2;
  }
  empty_queues(w);
  w->emptying = true; // what tasks did before that is in was
  guard_leave(promise, suspect(-1, guard_log.n), -1, "%s%s", wrong,
              promise == 9 ? ", says check()" : "");
}

void
world_look(struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++)
    ask(w, q);
  ask_weights(w);
  for (int i = 0; w->policy->urgency && i < w->shape.ntask; i++)
    if (w->live[i] && w->task[i]->state == TASK_READY)
      ask_urgency(w, w->task[i]);
  if (at_rest(w)) {
    for (int i = 0; i < w->shape.ntask; i++)
      if (w->live[i] && w->task[i]->state == TASK_READY)
        look_settled(w, queue_of(w, w->task[i]), w->task[i]);
    model_look(w);
  }
  for (int q = 0; q < w->shape.nqueue; q++)
    sched_spare(w->rq[q], SCHED_MAXHART - 1, w->s.now);
  empty_queues(w);
}

// ---- in words --------------------------------------------------------------

static void
say(struct fault *f, const char *hook, int task, const char *fmt, ...)
{
  va_list ap;

  f->hook = hook;
  f->task = task;
  va_start(ap, fmt);
  vsnprintf(f->what, sizeof(f->what), fmt, ap);
  va_end(ap);
}

static const char *
doing(enum task_state state)
{
  return state == TASK_READY     ? "waiting"
         : state == TASK_RUNNING ? "running"
                                 : "blocked";
}

// pick() gave t, which is not queued, the core says.
static void
explain_wrong_task(struct world *w, struct fault *f)
{
  int calls = w->emptying ? w->calls : guard_log.n - 1;
  int i = world_slot(w, f->at);
  enum task_state was;

  if (i < 0) {
    say(f, f->hook, -1, "%s() returns what is no task", f->hook);
    return;
  }
  if (!w->live[i]) {
    say(f, suspect(i, calls), i, "%s has ended, and is queued", task_name(i));
    return;
  }
  was = w->emptying ? w->was[i] : w->task[i]->state;
  if (was == TASK_READY)
    say(f, suspect(i, calls), i, "%s is queued twice", task_name(i));
  else
    say(f, suspect(i, calls), i, "%s is %s, and is queued as well",
        task_name(i), doing(was));
}

// pick() gave nothing, though somebody waits.
static void
explain_lost(struct world *w, struct fault *f)
{
  int calls = w->emptying ? w->calls : guard_log.n - 1;

  for (int i = 0; i < w->shape.ntask; i++)
    if (w->live[i] && w->task[i]->state == TASK_READY) {
      say(f, suspect(i, calls), i,
          "%s waits, and pick() returns 0: %s is lost, or passed over",
          task_name(i), task_name(i));
      return;
    }
}

static void
explain_where(struct world *w, struct fault *f)
{
  char text[sizeof(f->what)];
  int i = world_slot(w, f->at);

  snprintf(text, sizeof(text), "%s", f->what);
  if (f->promise == 5)
    say(f, f->hook, i, "%s gets no slice", task_name(i));
  else if (i >= 0)
    say(f, f->hook, i, "%s() %s: %s", f->hook, text, task_name(i));
  else
    say(f, f->hook, i, "%s() %s", f->hook, text);
}

void
world_explain(struct world *w, struct fault *f)
{
  bool pick = strcmp(f->hook, "pick") == 0;

  if (f->promise == 3 && f->at)
    explain_wrong_task(w, f);
  else if (f->promise == 4 && pick && f->at == 0)
    explain_lost(w, f);
  else if (f->promise >= 3 && f->promise <= 7)
    explain_where(w, f);
  w->emptying = false;
}
