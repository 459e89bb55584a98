// levels.h - levels of a feedback queue, 0 the best: what slice and what
// allotment each has, by parameters; where a task stands among them; and lists
// of who waits there.
//
// Level l has slices of slice * grow^l, at most LEVELS_LONGEST, and allows
// `allot` of them before a task has to go; or each level has its own:
// levels=3 slice=10ms,20ms,40ms allot=2,2,1.  The last level has no allotment.
//
// That all tasks go to level 0 every `boost` (OSTEP 8, Rule 5) takes constant
// time.  Time is divided into epochs that begin at the multiples of `boost`,
// the same on every queue.  A task remembers in which epoch its stand was
// valid; in a later one it is on level 0 and has used nothing.  So who sleeps
// through the boost, or comes from another queue, needs no special case.
//
// A policy's parameters begin with LEVELS_PARAMS, and more_at is how many there
// are: the lists of slices and allotments lie behind them.
//
// Where a task stands takes constant time; the rest O(levels), and passes over
// tasks that are pinned to other harts.

#ifndef SCHED_LEVELS_H
#define SCHED_LEVELS_H

#include "sched/queue.h"

#define LEVELS_MOST    16
#define LEVELS_LONGEST SEC(10)

enum { LEVELS, SLICE, GROW, ALLOT, BOOST, LEVELS_END }; // parameters

#define LEVELS_PARAMS(more_at)                                                 \
  [LEVELS] = { "levels", UNIT_COUNT, 4, 1, LEVELS_MOST },                      \
  [SLICE] = { "slice",        UNIT_TIME, MSEC(10),        USEC(100),           \
              LEVELS_LONGEST, false,     LEVELS_MOST - 1, more_at },           \
  [GROW] = { "grow", UNIT_COUNT, 2, 1, 16 },                                   \
  [ALLOT] = { "allot",                                                         \
              UNIT_COUNT,                                                      \
              1,                                                               \
              1,                                                               \
              1000,                                                            \
              false,                                                           \
              LEVELS_MOST - 1,                                                 \
              more_at + LEVELS_MOST - 1 },                                     \
  [BOOST] = { "boost", UNIT_TIME, SEC(1), MSEC(1), SEC(3600), true }

// Where a task stands; all 0 after a boost.
struct stand {
  int level;
  nsec used;     // of the allotment at this level
  nsec rest;     // of its slice, or 0
  uint64_t turn; // for the policy
};

// To be put first in the structs of a policy's own.
struct levels_task {
  struct task t;
  uint64_t epoch; // in a later one, `now` counts as all 0
  struct stand now;
};

struct levels {
  struct runq rq;
  uint64_t epoch; // now / boost
  int last;       // the worst level
  nsec slice[LEVELS_MOST];
  nsec allot[LEVELS_MOST];
};

static inline struct levels *
levels_of(const struct runq *rq)
{
  return (struct levels *)rq;
}

// ---- slices and allotments -------------------------------------------------

static inline nsec
levels_slice(const int64_t *param, int more_at, int level)
{
  nsec slice = param[SLICE];

  for (int l = 1; l <= level; l++) {
    nsec given = param[more_at + l - 1];

    slice = given ? given : slice * param[GROW];
    if (slice > LEVELS_LONGEST)
      slice = LEVELS_LONGEST;
  }
  return slice;
}

// 0 on the last level.
static inline nsec
levels_allot(const int64_t *param, int more_at, int level)
{
  int64_t given = 0;

  if (level == param[LEVELS] - 1)
    return 0;
  if (level > 0)
    given = param[more_at + LEVELS_MOST - 1 + level - 1];
  return levels_slice(param, more_at, level) * (given ? given : param[ALLOT]);
}

// The promise of that level.
static inline struct sched_promise
levels_promise(const int64_t *param, int more_at, int level)
{
  return (struct sched_promise){ "level",
                                 { level, levels_slice(param, more_at, level),
                                   levels_allot(param, more_at, level) } };
}

// ---- where a task stands ---------------------------------------------------

// Enter the epoch of `now`, and have timer() called when it ends.  boost=0: it
// never does.
static inline void
levels_enter(struct runq *rq, nsec now)
{
  nsec boost = rq->param[BOOST];

  if (boost > 0) {
    levels_of(rq)->epoch = now / boost;
    rq->alarm = (levels_of(rq)->epoch + 1) * boost;
  }
}

// For runq_init().
static inline void
levels_init(struct runq *rq, int more_at, nsec now)
{
  struct levels *q = levels_of(rq);

  q->last = rq->param[LEVELS] - 1;
  for (int l = 0; l <= q->last; l++) {
    q->slice[l] = levels_slice(rq->param, more_at, l);
    q->allot[l] = levels_allot(rq->param, more_at, l);
  }
  levels_enter(rq, now);
}

// Where t stands.  (If t comes from a queue that is an epoch ahead,
// it keeps that until this one follows.)
static inline struct stand
levels_stand(const struct runq *rq, const struct task *t)
{
  const struct levels_task *l = (const struct levels_task *)t;

  return l->epoch < levels_of(rq)->epoch ? (struct stand){ 0 } : l->now;
}

// Make that valid in rq's epoch, and let it be changed.
static inline struct stand *
levels_update(struct runq *rq, struct task *t)
{
  struct levels_task *l = (struct levels_task *)t;

  if (l->epoch != levels_of(rq)->epoch) {
    l->now = levels_stand(rq, t);
    l->now.rest = l->now.turn = 0;
    l->epoch = levels_of(rq)->epoch;
  }
  return &l->now;
}

// For task_init(): t stands where its parent does, and has used as much there.
static inline void
levels_inherit(struct runq *rq, struct task *t, const struct task *parent)
{
  struct stand *s = levels_update(rq, t);

  if (parent) {
    s->level = levels_stand(rq, parent).level;
    s->used = levels_stand(rq, parent).used;
  }
}

// ---- n lists, the best first -----------------------------------------------

// The first task that may run on hart, or 0.
static inline struct task *
levels_find(const struct queue *list, int n, int hart)
{
  struct task *t = 0;

  for (int i = 0; i < n && t == 0; i++)
    t = queue_find(&list[i], hart);
  return t;
}

// For next(): the task after t, which is on list `at`; t = 0: the first.
static inline struct task *
levels_after(const struct queue *list, int n, const struct queue *at,
             const struct task *t)
{
  struct task *next = t ? t->next : 0;

  for (at = t ? at + 1 : list; next == 0 && at < list + n; at++)
    next = at->head;
  return next;
}

#endif
