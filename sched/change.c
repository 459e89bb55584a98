// change.c - the rest of the core: what happens to a task beside running and
// waiting.  Moves to another queue, attributes, the mask of harts; what is
// asked about it; the check for tests.
//
// A policy never sees a queued task change (14): it is taken off its queue,
// changed, and queued again; its wait goes on.

#include "sched/inside.h"

struct task *
sched_spare(struct runq *rq, int thief, nsec now)
{
  struct task *t;

  CALLER(rq, 0, 16, thief >= 0 && thief < SCHED_MAXHART);
  if (sched_ready_for(rq, thief) == 0 || rq->policy->surplus == 0)
    return 0;
  core_refresh(rq, now);
  t = rq->policy->surplus(rq, thief);
  HOOK(rq, 0, "surplus", 7, t, "returned 0 while the thief may have a task");
  HOOK(rq, t, "surplus", 3, t->state == TASK_READY && t->queue == rq->id,
       "returned a task that is not queued here");
  HOOK(rq, t, "surplus", 7, task_may_run(t, thief),
       "returned a task that may not run on the thief");
  core_finish(rq);
  return t;
}

// Take t, queued on rq, off it.
static void
take(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  rq->policy->leave(rq, t, why, now);
  core_unqueue(rq, t);
}

void
sched_take(struct runq *rq, struct task *t, nsec now)
{
  CALLER(rq, t, 12, t->state == TASK_READY && t->queue == rq->id);
  take(rq, t, LEAVE_MOVED, core_refresh(rq, now));
  t->queue = QUEUE_MOVING;
  core_finish(rq);
}

// Put t back on rq after a change.
static void
put_back(struct runq *rq, struct task *t, nsec now)
{
  core_put(rq, t, READY_CHANGED, now);
  core_settle(rq, t, rq->harts, now);
}

static int
find_attr(const struct sched_policy *policy, const char *name)
{
  for (int i = 0; policy->attrs && policy->attrs[i].name; i++)
    if (same_word(policy->attrs[i].name, name))
      return i;
  return -1;
}

int
sched_set(struct runq *rq, struct task *t, const char *name, int64_t value,
          nsec now)
{
  const struct sched_policy *policy = rq->policy;
  bool queued = t->state == TASK_READY;
  int i = find_attr(policy, name);
  int r;

  CALLER(rq, t, 12, t->queue == rq->id || t->state == TASK_BLOCKED);
  if (i < 0)
    return -1;
  if (value < policy->attrs[i].min || value > policy->attrs[i].max)
    return -1; // (15)
  now = core_refresh(rq, now);
  if (queued)
    take(rq, t, LEAVE_CHANGED, now); // (14)
  r = policy->set(rq, t, i, value);
  if (queued)
    put_back(rq, t, now);
  core_finish(rq);
  return r;
}

int
sched_get(const struct runq *rq, const struct task *t, const char *name,
          int64_t *value)
{
  int i = find_attr(rq->policy, name);

  if (i < 0)
    return -1;
  *value = rq->policy->get(t, i);
  return 0;
}

int
sched_lend(struct runq *rq, struct task *t, int64_t lent, nsec now)
{
  bool queued = t->state == TASK_READY;

  CALLER(rq, t, 12, t->queue == rq->id || t->state == TASK_BLOCKED);
  CALLER(rq, t, 15, lent >= 0);
  if (rq->policy->lend == 0)
    return -1;
  now = core_refresh(rq, now);
  if (queued)
    take(rq, t, LEAVE_CHANGED, now); // (14)
  rq->policy->lend(rq, t, lent);
  if (queued)
    put_back(rq, t, now);
  core_finish(rq);
  return 0;
}

void
sched_affinity(struct runq *rq, struct task *t, uint64_t harts, nsec now)
{
  bool queued = t->state == TASK_READY;

  CALLER(rq, t, 12, t->queue == rq->id || t->state == TASK_BLOCKED);
  CALLER(rq, t, 16, harts != 0);
  now = core_refresh(rq, now);
  if (queued)
    take(rq, t, LEAVE_CHANGED, now); // (14)
  t->harts = harts;
  if (queued)
    put_back(rq, t, now);
  else if (t->state == TASK_RUNNING && !task_may_run(t, t->hart))
    core_tell(rq, t);
  core_finish(rq);
}

void
sched_stats(struct runq *rq, const struct task *t, struct task_stats *st,
            int64_t *out, nsec now)
{
  nsec waited;

  now = core_refresh(rq, now);
  waited = t->state == TASK_READY ? passed(t->since, now) : 0;
  if (st) {
    *st = t->st;
    st->waited += waited;
    if (waited > st->max_wait)
      st->max_wait = waited;
  }
  if (out && rq->policy->stats)
    rq->policy->stats(rq, t, out);
  core_finish(rq);
}

// Does t push out any of those that run?
static bool
pushes_out(const struct runq *rq, const struct task *t, uint64_t harts,
           nsec now)
{
  if (rq->policy->preempts)
    for (const struct task *c = rq->running; c; c = c->run_next)
      if (core_may_push(rq, t, c, harts, now))
        return true;
  return false;
}

bool
sched_welcome(struct runq *rq, const struct task *t, nsec now)
{
  uint64_t harts = t->harts & rq->harts;
  bool yes;

  now = core_refresh(rq, now);
  yes = rq->idle & harts || pushes_out(rq, t, harts, now);
  core_finish(rq);
  return yes;
}

// Are the running tasks as the core left them?
static const char *
check_running(const struct runq *rq)
{
  uint64_t busy = 0;

  for (const struct task *t = rq->running; t; t = t->run_next) {
    if (t->state != TASK_RUNNING || t->queue != rq->id)
      return "(8) a running task has another state or queue";
    if (t->hart < 0 || t->hart >= SCHED_MAXHART || busy & bit(t->hart))
      return "(8) two tasks run on one hart, or one on none";
    if (t->run_next && t->run_next->run_prev != t)
      return "(8) the list of running tasks is broken";
    busy |= bit(t->hart);
  }
  return busy == rq->busy ? 0 : "(8) wrong mask of busy harts";
}

// Does next() go through the queued tasks, and urgency() agree with who pushes
// out whom?
static const char *
check_hooks(const struct runq *rq)
{
  const struct sched_policy *policy = rq->policy;
  int n = 0;

  if (policy->next == 0)
    return 0;
  for (const struct task *t = policy->next(rq, 0); t; t = policy->next(rq, t)) {
    if (t->state != TASK_READY || t->queue != rq->id || ++n > rq->nready)
      return "(17) next() names a task that is not queued, or one twice";
    for (const struct task *c = rq->running; policy->urgency && c;
         c = c->run_next)
      if (policy->preempts == 0 ||
          policy->preempts(rq, t, c, rq->charged) !=
            (policy->urgency(rq, t) < policy->urgency(rq, c)))
        return "(19) urgency() does not go with preempts()";
  }
  return n == rq->nready ? 0 : "(17) next() leaves out a queued task";
}

const char *
sched_check(const struct runq *rq)
{
  const char *wrong = check_running(rq);

  if (wrong)
    return wrong;
  if (rq->idle & rq->busy || (rq->idle | rq->busy) & ~rq->harts)
    return "(8) wrong mask of idle harts";
  for (int h = 0; h < SCHED_MAXHART; h++)
    if (rq->due[h] && (rq->due[h]->due != h || rq->idle & bit(h)))
      return "(8) a hart does not know for whom it was told to pick";
  if (rq->told & ~rq->busy)
    return "(8) a hart was told to stop and runs nothing";
  if (rq->nready < rq->nfree || rq->nfree < 0 || rq->nstranded < 0)
    return "(8) wrong count of queued tasks";
  wrong = check_hooks(rq);
  if (wrong)
    return wrong;
  return rq->policy->check ? rq->policy->check(rq) : 0; // (9)
}
