// mlfq.c - multi-level feedback queue, by the rules of OSTEP chapter 8.
//
//   Rule 1  A task on a better level runs before one on a worse level, and
//           pushes it out when it becomes ready.  Level 0 is the best.
//   Rule 2  Tasks on one level run round robin, with the level's slice.
//   Rule 3  A new task starts on level 0; but a child where its parent is,
//           with what it has used there, or forking would renew a task.
//   Rule 4  A task that has used up its allotment at a level, no matter in
//           how many pieces, moves one level down.
//   Rule 5  Every `boost`, all tasks move to level 0 and have used nothing.
//
// Slices and allotments of the levels: sched/levels.h.  With the default 4
// levels a task may use 70 ms before it reaches the last, more than its share
// of a second beside 16 hogs: it is boosted before.
//
// What OSTEP leaves open is done as its program mlfq.py does.  A task that is
// pushed out goes on first of its level, with the rest of its slice.  Any other
// goes last; with the rest of its slice if it slept, else with a new one.  At a
// boost who was worst off goes first, and all slices are new.  With stay=1 a
// sleep is rewarded: allotment and slice are new (Rule 4 before it was mended).
// With front=1 who wakes up goes first of its level, and runs at once, until
// its slice ends or another one wakes up.
//
// But there a boost favours the same one of two hogs each time, 53:47: the one
// that runs goes on, with a new slice in the middle of its turn.  Here it makes
// way at some of them, so that turns go round (even=0: at none).
//
// Rule 5 takes constant time: a task's stand is valid in the epoch between two
// boosts only (sched/levels.h), so only the lists move, whole.
//
// pick, surplus and timer take O(levels), and the first two pass over tasks
// that are pinned to other harts.  With front=1, ready passes over those of its
// level that woke up later.  The rest takes constant time.

#include "sched/levels.h"

// MORE: the slices and allotments of levels 1 and on, where given.
enum { STAY = LEVELS_END, FRONT, EVEN, MORE };
struct mlfq {
  struct levels l;
  uint64_t turn; // the last that was given: who woke up, counting up
  int lists;
  struct queue list[2 * LEVELS_MOST]; // two a level: who goes first; the rest
};

static struct mlfq *
mlfq(const struct runq *rq)
{
  return (struct mlfq *)rq;
}

static void
mlfq_runq_init(struct runq *rq, nsec now)
{
  levels_init(rq, MORE, now);
  mlfq(rq)->lists = 2 * rq->param[LEVELS];
}

static struct queue *
list(const struct runq *rq, const struct task *t)
{
  const struct stand s = levels_stand(rq, t);

  return &mlfq(rq)->list[2 * s.level + !s.turn];
}

static void
mlfq_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct stand *m = levels_update(rq, t);
  struct task *next = 0;

  if (why == READY_WAKE)
    m->turn = rq->param[FRONT] ? ++mlfq(rq)->turn : 0;
  else if (why != READY_PREEMPT)
    m->turn = 0;
  if (why != READY_WAKE)
    m->rest = why == READY_PREEMPT ? t->slice : 0;
  if (why == READY_PREEMPT || m->turn > 0)
    next = list(rq, t)->head;
  while (next && levels_stand(rq, next).turn > m->turn)
    next = next->next;
  queue_insert(list(rq, t), t, next);
}

// The slice that m may run for now: not beyond its allotment.
static nsec
next_slice(const struct levels *q, const struct stand *m)
{
  nsec most = q->slice[m->level], left = q->allot[m->level] - m->used;
  nsec slice = m->rest > 0 && m->rest < most ? m->rest : most;

  return m->level < q->last && left < slice ? left : slice;
}

static struct task *
mlfq_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = levels_find(mlfq(rq)->list, mlfq(rq)->lists, hart);

  if (t) {
    queue_remove(list(rq, t), t);
    t->slice = next_slice(levels_of(rq), levels_update(rq, t));
  }
  return t;
}

static void
mlfq_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(list(rq, t), t);
}

// It sinks when the slice ends, see next_slice(), or a little later: what it
// ran beyond counts on the next level.
static void
mlfq_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  struct stand *m = levels_update(rq, t);
  const struct levels *q = levels_of(rq);
  int before;

  if (m->level == q->last)
    return;
  m->used += ran;
  before = m->level;
  while (m->level < q->last && m->used >= q->allot[m->level])
    m->used -= q->allot[m->level++];
  if (m->level == q->last)
    m->used = 0;
  if (m->level != before)
    runq_note(rq, t, NOTE_LEVEL, m->level, before);
}

static void
mlfq_block(struct runq *rq, struct task *t, nsec now)
{
  struct stand *m = levels_update(rq, t);

  m->rest = rq->param[STAY] ? 0 : t->slice;
  if (rq->param[STAY])
    m->used = 0;
}

// At this boost, does who runs make way?  At those where a multiple of the
// golden section passes a whole number (as 2^64 here): 62 in 100.  Whatever the
// number of tasks and the length of their turns, that never falls in step with
// them, so in the long run each has been cut short as often as any other.
static bool
makes_way(const struct levels *q)
{
  const uint64_t golden = 0x9e3779b97f4a7c15;

  return q->rq.param[EVEN] && q->epoch * golden + golden < golden;
}

static void
mlfq_timer(struct runq *rq, nsec now)
{
  struct mlfq *q = mlfq(rq);

  levels_enter(rq, now);
  runq_note(rq, 0, NOTE_BOOST, 0, 0);
  queue_append(&q->list[0], &q->list[1]);
  for (int l = q->l.last; l > 0; l--) {
    queue_append(&q->list[0], &q->list[2 * l]);
    queue_append(&q->list[0], &q->list[2 * l + 1]);
  }
  queue_append(&q->list[1], &q->list[0]);
  for (struct task *t = rq->running; t; t = t->run_next)
    if (t->slice > 0)
      t->slice = makes_way(&q->l) && rq->nready > 0 ? 0 : q->l.slice[0];
}

// Of those on one level who woke up later.
static int64_t
mlfq_urgency(const struct runq *rq, const struct task *t)
{
  const struct stand s = levels_stand(rq, t);

  return ((int64_t)s.level << 40) - s.turn;
}

static bool
mlfq_preempts(const struct runq *rq, const struct task *t,
              const struct task *cur, nsec now)
{
  return mlfq_urgency(rq, t) < mlfq_urgency(rq, cur);
}

static struct task *
mlfq_surplus(const struct runq *rq, int thief)
{
  return levels_find(mlfq(rq)->list, mlfq(rq)->lists, thief);
}

static struct task *
mlfq_next(const struct runq *rq, const struct task *t)
{
  return levels_after(mlfq(rq)->list, mlfq(rq)->lists, t ? list(rq, t) : 0, t);
}

static const struct sched_param mlfq_params[] = {
  LEVELS_PARAMS(MORE),
  [STAY] = { "stay", UNIT_COUNT, 0, 0, 1 },
  [FRONT] = { "front", UNIT_COUNT, 0, 0, 1 },
  [EVEN] = { "even", UNIT_COUNT, 1, 0, 1 },
  { 0 },
};

static bool
mlfq_promise(const int64_t *param, int i, struct sched_promise *out)
{
  int last = param[LEVELS] - 1;
  int64_t boost = param[BOOST];
  const struct sched_promise rest[] = {
    { "strict", { 0 } },
    { "inherit", { 0 } },
    { "boost", { boost } },
    { "live", { boost, param[SLICE] } },
  };

  if (i > last + (boost ? 4 : 2))
    return false;
  *out = i <= last ? levels_promise(param, MORE, i) : rest[i - last - 1];
  return true;
}

static const char *const mlfq_stat_names[] = { "level", "used", 0 };

static void
mlfq_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = levels_stand(rq, t).level;
  out[1] = levels_stand(rq, t).used;
}

static const char *
mlfq_check(const struct runq *rq)
{
  const struct mlfq *q = mlfq(rq);
  int n = 0;

  for (int i = 0; i < q->lists; i++) {
    if (queue_check(&q->list[i]) < 0)
      return "a list is broken";
    for (const struct task *t = q->list[i].head; t; t = t->next, n++)
      if (list(rq, t) != &q->list[i] ||
          (i / 2 < q->l.last && levels_stand(rq, t).used >= q->l.allot[i / 2]))
        return "a task is queued on a level that is not its own";
  }
  return n == rq->nready ? 0 : "wrong number of tasks on the levels";
}

const struct sched_policy mlfq_policy = {
  .name = "mlfq",
  .task_size = sizeof(struct levels_task),
  .runq_size = sizeof(struct mlfq),
  .runq_init = mlfq_runq_init,
  .task_init = levels_inherit,
  .ready = mlfq_ready,
  .pick = mlfq_pick,
  .leave = mlfq_leave,
  .charge = mlfq_charge,
  .block = mlfq_block,
  .timer = mlfq_timer,
  .preempts = mlfq_preempts,
  .surplus = mlfq_surplus,
  .next = mlfq_next,
  .urgency = mlfq_urgency,
  .params = mlfq_params,
  .promise = mlfq_promise,
  .stat_names = mlfq_stat_names,
  .stats = mlfq_stats,
  .check = mlfq_check,
  .growth = GROWTH_CONSTANT,
};
