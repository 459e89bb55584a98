// core.c - the scheduler core.  See core.h for what it is and sched.h for
// the promises; their numbers stand where each is kept or checked.
//
// Every entry first brings its queue up to date (refresh), then does its
// work, and last tells the harts whose task has used up its slice (finish).
//
// Who has to go.  A task that becomes ready runs at once on an idle hart, or
// in place of the running task that yields to it most, or it waits (settle).
// A hart that is told to stop picks whatever is best by then, which may be
// another task than the one that it was told for.  So that one is noted, in
// rq->due[hart] and in t->due: no hart is told for two tasks, and when the
// hart picks another, the one that is left over is settled again.  The same
// is true of the task that the hart stopped.  This keeps, on any number of
// harts:
//
//   No hart idles and no task runs that is to be pushed out by a task which
//   is queued and may run there, except harts that were told to pick.

#include "sched/inside.h"

size_t
sched_runq_size(const struct sched_policy *policy)
{
  return policy->runq_size ? policy->runq_size : sizeof(struct runq);
}

size_t
sched_task_size(const struct sched_policy *policy)
{
  return policy->task_size ? policy->task_size : sizeof(struct task);
}

// Neighbouring seeds must not give similar runs, and no state may be 0.
// (splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", 2014.)
static uint64_t
random_state(uint64_t seed, int id)
{
  uint64_t x = seed * 64 + id + 1;

  x *= 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  x ^= x >> 31;
  return x ? x : 1;
}

void
sched_runq_init(struct runq *rq, const struct sched_policy *policy,
                const int64_t *param, int id, uint64_t harts, uint64_t seed,
                nsec now)
{
  __builtin_memset(rq, 0, sched_runq_size(policy));
  rq->policy = policy;
  rq->param = param;
  rq->id = id;
  rq->harts = harts;
  rq->charged = now;
  rq->alarm = NSEC_NEVER;
  rq->rand = random_state(seed, id);
  CALLER(rq, 0, 16, id >= 0 && harts != 0);
  if (policy->runq_init)
    policy->runq_init(rq, now);
  HOOK(rq, 0, "runq_init", 6, rq->alarm > now, "set an alarm in the past");
}

void
core_fire(struct runq *rq, nsec now)
{
  rq->alarm = NSEC_NEVER;
  HOOK(rq, 0, "timer", 6, rq->policy->timer, "set an alarm, has no timer()");
  rq->policy->timer(rq, now);
  HOOK(rq, 0, "timer", 6, rq->alarm > now, "set an alarm in the past");
}

void
sched_task_init(struct runq *rq, struct task *t, struct task *parent, int id,
                uint64_t harts, nsec now)
{
  __builtin_memset(t, 0, sched_task_size(rq->policy));
  t->id = id;
  t->queue = QUEUE_MOVING;
  t->hart = -1;
  t->due = -1;
  t->state = TASK_BLOCKED;
  t->harts = harts;
  CALLER(rq, t, 16, id >= 0 && harts != 0);
  t->since = core_refresh(rq, now);
  if (rq->policy->task_init)
    rq->policy->task_init(rq, t, parent);
  core_finish(rq);
}

// Kick an idle hart out of `harts` for t, rather the one that it ran on last,
// where it may have left its data in the cache.
static void
kick_idle(struct runq *rq, struct task *t, uint64_t harts)
{
  int hart = t->hart;

  if (hart < 0 || !(harts & bit(hart)))
    hart = bits_first(harts);
  t->due = hart;
  rq->due[hart] = t;
  rq->idle &= ~bit(hart);
  rq->kick |= bit(hart);
}

// The task on one of `harts` that t pushes out, or 0: of several, the one that
// the others would push out as well.
static struct task *
victim(const struct runq *rq, const struct task *t, uint64_t harts, nsec now)
{
  struct task *worst = 0;

  if (rq->policy->preempts == 0)
    return 0;
  for (struct task *c = rq->running; c; c = c->run_next)
    if (core_may_push(rq, t, c, harts, now))
      if (worst == 0 || rq->policy->preempts(rq, worst, c, now))
        worst = c;
  return worst;
}

void
core_settle_among(struct runq *rq, struct task *t, uint64_t harts, nsec now)
{
  struct task *worst;

  if (rq->idle & harts) {
    kick_idle(rq, t, rq->idle & harts);
    return;
  }
  worst = victim(rq, t, harts, now);
  if (worst)
    core_push(rq, t, worst);
}

void
core_count_pinned(struct runq *rq, const struct task *t, int d)
{
  if (sched_misplaced(rq, t))
    rq->nstranded += d;
  for (int h = 0; h < SCHED_MAXHART && t->harts >> h; h++)
    if (task_may_run(t, h))
      rq->npinned[h] += d;
}

void
sched_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  if (why == READY_MOVED)
    CALLER(rq, t, 12, t->state == TASK_READY && t->queue == QUEUE_MOVING);
  else
    CALLER(rq, t, 12, t->state == TASK_BLOCKED);
  CALLER(rq, t, 16, !sched_misplaced(rq, t));
  now = core_refresh(rq, now);
  if (why == READY_WAKE)
    t->st.woken++;
  if (why != READY_MOVED) // or it goes on waiting
    t->since = now;
  t->state = TASK_READY;
  core_put(rq, t, why, now);
  core_settle(rq, t, rq->harts, now);
  core_finish(rq);
}

static inline void
enter_hart(struct runq *rq, struct task *t, int hart, nsec now)
{
  nsec waited = passed(t->since, now);

  core_unqueue(rq, t);
  t->st.waited += waited;
  if (waited > t->st.max_wait)
    t->st.max_wait = waited;
  t->st.switches++;
  t->st.moved += t->hart != hart && t->hart >= 0;
  t->hart = hart;
  t->state = TASK_RUNNING;
  t->since = now;
  rq->busy |= bit(hart);
  t->run_prev = 0;
  t->run_next = rq->running;
  if (rq->running)
    rq->running->run_prev = t;
  rq->running = t;
}

static inline void
leave_hart(struct runq *rq, struct task *t, enum task_state state, nsec now)
{
  if (t->run_prev)
    t->run_prev->run_next = t->run_next;
  else
    rq->running = t->run_next;
  if (t->run_next)
    t->run_next->run_prev = t->run_prev;
  rq->busy &= ~bit(t->hart);
  rq->told &= ~bit(t->hart);
  t->state = state;
  t->since = now;
}

// `hart` has picked.  The task that it was told for and the one that it
// stopped, if they were left over, may have to run elsewhere.
static void
settle_rest(struct runq *rq, int hart, nsec now)
{
  struct task *due = rq->due[hart];
  struct task *stopped = rq->stopped;
  uint64_t others = rq->harts & ~bit(hart);

  rq->stopped = 0;
  if (due) {
    rq->due[hart] = 0;
    due->due = -1;
    core_settle(rq, due, others, now);
  }
  if (stopped)
    core_settle(rq, stopped, others, now);
}

struct task *
sched_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t;

  CALLER(rq, 0, 16, hart >= 0 && hart < SCHED_MAXHART);
  CALLER(rq, 0, 13, rq->harts & ~rq->busy & bit(hart));
  now = core_refresh(rq, now);
  rq->kick &= ~bit(hart);
  rq->idle &= ~bit(hart);
  t = rq->policy->pick(rq, hart, now);
  if (t == 0) {
    HOOK(rq, 0, "pick", 4, sched_ready_for(rq, hart) == 0,
         "returned 0 while a task waits");
    rq->idle |= bit(hart);
  } else {
    HOOK(rq, t, "pick", 3, t->state == TASK_READY && t->queue == rq->id,
         "returned a task that is not queued here");
    HOOK(rq, t, "pick", 4, task_may_run(t, hart),
         "returned a task that may not run on the hart");
    HOOK(rq, t, "pick", 5, t->slice > 0, "left the task without a slice");
    enter_hart(rq, t, hart, now);
  }
  settle_rest(rq, hart, now);
  core_finish(rq);
  return t;
}

void
sched_tick(struct runq *rq, nsec now)
{
  core_refresh(rq, now);
  core_finish(rq);
}

void
sched_stop(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  CALLER(rq, t, 12, t->state == TASK_RUNNING && t->queue == rq->id);
  CALLER(rq, t, 13, rq->stopped == 0); // or another hart has yet to pick
  now = core_refresh(rq, now);
  if (why != READY_YIELD) {
    why = t->slice > 0 ? READY_PREEMPT : READY_SLICE;
    t->st.preempted++;
  }
  leave_hart(rq, t, TASK_READY, now);
  core_put(rq, t, why, now);
  if (rq->harts & (rq->harts - 1)) // there are other harts
    rq->stopped = t;
  core_finish(rq);
}

void
sched_block(struct runq *rq, struct task *t, nsec now)
{
  CALLER(rq, t, 12, t->state == TASK_RUNNING && t->queue == rq->id);
  now = core_refresh(rq, now);
  if (rq->policy->block)
    rq->policy->block(rq, t, now);
  leave_hart(rq, t, TASK_BLOCKED, now);
  core_finish(rq);
}
