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
// Level l has slices of slice * grow^l, at most LONGEST, and allows `allot`
// of them; or each level its own: levels=3 slice=10ms,20ms,40ms allot=2,2,1.
// With the default 4 levels a task may use 70 ms before it reaches the last,
// more than its share of a second beside 16 hogs: it is boosted before.
//
// What OSTEP leaves open is done as its program mlfq.py does.  A task that is
// pushed out goes on first of its level, with the rest of its slice.  Any other
// goes last; with the rest of its slice if it slept, else with a new one.  At a
// boost who was worst off goes first, and all slices are new.  With stay=1 a
// sleep is rewarded: allotment and slice are new (Rule 4 before it was mended).
// With front=1 who wakes up goes first of its level, and runs at once, until
// its slice ends or another one wakes up.
//
// Rule 5 takes constant time.  Time is divided into epochs that begin at the
// multiples of `boost`, the same on every queue.  A task remembers in which
// its level was valid; in a later one it is on level 0.  So only the lists
// move, whole, and who sleeps through the boost, or comes from another queue,
// needs no special case.
//
// pick, surplus and timer take O(levels), and the first two pass over tasks
// that are pinned to other harts.  The rest takes constant time.

#include "sched/queue.h"

#define MAXLEVEL 16
#define LONGEST  SEC(10)

// SLICES, ALLOTS: those of levels 1 and on, where given.
enum { LEVELS, SLICE, GROW, ALLOT, BOOST, STAY, FRONT, SLICES };
enum { ALLOTS = SLICES + MAXLEVEL - 1 };

struct mlfq_task {
  struct task t;
  int level;
  nsec used;      // of the allotment at this level
  nsec rest;      // of its slice, or 0
  uint64_t turn;  // with front=1, since it woke up: counts up; else 0
  uint64_t epoch; // in a later one, all of these count as 0
};

struct mlfq {
  struct runq rq;
  uint64_t epoch; // now / boost
  uint64_t turn;  // the last that was given
  int last;       // the worst level
  nsec slice[MAXLEVEL];
  nsec allot[MAXLEVEL];
  struct queue list[2 * MAXLEVEL]; // two a level: who goes first, and the rest
};

static struct mlfq_task *
task(const struct task *t)
{
  return (struct mlfq_task *)t;
}

static struct mlfq *
mlfq(const struct runq *rq)
{
  return (struct mlfq *)rq;
}

static nsec
level_slice(const int64_t *param, int level)
{
  nsec slice = param[SLICE];

  for (int l = 1; l <= level; l++) {
    nsec given = param[SLICES + l - 1];

    slice = given ? given : slice * param[GROW];
    if (slice > LONGEST)
      slice = LONGEST;
  }
  return slice;
}

static nsec
level_allot(const int64_t *param, int level)
{
  int64_t given = level > 0 ? param[ALLOTS + level - 1] : 0;

  return level_slice(param, level) * (given ? given : param[ALLOT]);
}

// Enter the epoch of `now`, and have timer() called when it ends.
static void
enter_epoch(struct runq *rq, nsec now)
{
  nsec boost = rq->param[BOOST];

  if (boost > 0) {
    mlfq(rq)->epoch = now / boost;
    rq->alarm = (mlfq(rq)->epoch + 1) * boost;
  }
}

static void
mlfq_runq_init(struct runq *rq, nsec now)
{
  struct mlfq *q = mlfq(rq);

  q->last = rq->param[LEVELS] - 1;
  for (int l = 0; l <= q->last; l++) {
    q->slice[l] = level_slice(rq->param, l);
    q->allot[l] = level_allot(rq->param, l);
  }
  enter_epoch(rq, now);
}

// t's level as of now; a task that is queued here is queued on it.
static int
level(const struct runq *rq, const struct task *t)
{
  return task(t)->epoch < mlfq(rq)->epoch ? 0 : task(t)->level;
}

static nsec
used(const struct runq *rq, const struct task *t)
{
  return task(t)->epoch < mlfq(rq)->epoch ? 0 : task(t)->used;
}

// Make t's level and what it used valid in rq's epoch.  (If t comes from a
// queue that is an epoch ahead, it keeps them until this one follows.)
static struct mlfq_task *
update(struct runq *rq, struct task *t)
{
  struct mlfq_task *m = task(t);

  if (m->epoch != mlfq(rq)->epoch) {
    m->used = used(rq, t);
    m->level = level(rq, t);
    m->rest = 0;
    m->turn = 0;
    m->epoch = mlfq(rq)->epoch;
  }
  return m;
}

static void
mlfq_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->epoch = mlfq(rq)->epoch;
  if (parent) {
    task(t)->level = level(rq, parent);
    task(t)->used = used(rq, parent);
  }
}

static uint64_t
turn(const struct runq *rq, const struct task *t)
{
  return task(t)->epoch < mlfq(rq)->epoch ? 0 : task(t)->turn;
}

static struct queue *
list(const struct runq *rq, const struct task *t)
{
  return &mlfq(rq)->list[2 * level(rq, t) + !turn(rq, t)];
}

static void
mlfq_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct mlfq_task *m = update(rq, t);
  struct task *next = 0;

  if (why == READY_WAKE)
    m->turn = rq->param[FRONT] ? ++mlfq(rq)->turn : 0;
  else if (why != READY_PREEMPT)
    m->turn = 0;
  if (why != READY_WAKE)
    m->rest = why == READY_PREEMPT ? t->slice : 0;
  if (why == READY_PREEMPT || m->turn > 0)
    next = list(rq, t)->head;
  while (next && turn(rq, next) > m->turn)
    next = next->next;
  queue_insert(list(rq, t), t, next);
}

// The slice that m, off the queue of level l, may run for now: not beyond its
// allotment.
static nsec
next_slice(const struct mlfq *q, const struct mlfq_task *m, int l)
{
  nsec slice = m->rest > 0 && m->rest < q->slice[l] ? m->rest : q->slice[l];
  nsec left = q->allot[l] - m->used;

  return l < q->last && left < slice ? left : slice;
}

static struct task *
mlfq_pick(struct runq *rq, int hart, nsec now)
{
  struct mlfq *q = mlfq(rq);

  for (int i = 0; i < 2 * q->last + 2; i++) {
    struct task *t = queue_get(&q->list[i], hart);

    if (t) {
      t->slice = next_slice(q, update(rq, t), i / 2);
      return t;
    }
  }
  return 0;
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
  struct mlfq_task *m = update(rq, t);
  const struct mlfq *q = mlfq(rq);
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
  struct mlfq_task *m = update(rq, t);

  m->rest = rq->param[STAY] ? 0 : t->slice;
  if (rq->param[STAY])
    m->used = 0;
}

static void
mlfq_timer(struct runq *rq, nsec now)
{
  struct mlfq *q = mlfq(rq);

  enter_epoch(rq, now);
  runq_note(rq, 0, NOTE_BOOST, 0, 0);
  queue_append(&q->list[0], &q->list[1]);
  for (int l = q->last; l > 0; l--) {
    queue_append(&q->list[0], &q->list[2 * l]);
    queue_append(&q->list[0], &q->list[2 * l + 1]);
  }
  queue_append(&q->list[1], &q->list[0]);
  for (struct task *t = rq->running; t; t = t->run_next)
    if (t->slice > 0)
      t->slice = q->slice[0];
}

// Of those on one level who woke up later.
static int64_t
mlfq_urgency(const struct runq *rq, const struct task *t)
{
  return ((int64_t)level(rq, t) << 40) - turn(rq, t);
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
  struct task *t = 0;

  for (int i = 0; i < 2 * mlfq(rq)->last + 2 && t == 0; i++)
    t = queue_find(&mlfq(rq)->list[i], thief);
  return t;
}

static struct task *
mlfq_next(const struct runq *rq, const struct task *t)
{
  const struct queue *l = mlfq(rq)->list;
  struct task *next = t ? t->next : 0;

  if (t)
    l = list(rq, t) + 1;
  for (; next == 0 && l < mlfq(rq)->list + 2 * mlfq(rq)->last + 2; l++)
    next = l->head;
  return next;
}

static const struct sched_param mlfq_params[] = {
  [LEVELS] = { "levels", UNIT_COUNT, 4, 1, MAXLEVEL },
  [SLICE] = { "slice", UNIT_TIME, MSEC(10), USEC(100), LONGEST, false,
              MAXLEVEL - 1, SLICES },
  [GROW] = { "grow", UNIT_COUNT, 2, 1, 16 },
  [ALLOT] = { "allot", UNIT_COUNT, 1, 1, 1000, false, MAXLEVEL - 1, ALLOTS },
  [BOOST] = { "boost", UNIT_TIME, SEC(1), MSEC(1), SEC(3600),
              true }, // 0: never
  [STAY] = { "stay", UNIT_COUNT, 0, 0, 1 },
  [FRONT] = { "front", UNIT_COUNT, 0, 0, 1 },
  { 0 },
};

static bool
mlfq_promise(const int64_t *param, int i, struct sched_promise *out)
{
  int last = param[LEVELS] - 1;
  int64_t boost = param[BOOST];
  int64_t slice = level_slice(param, i);
  const struct sched_promise level = {
    "level", { i, slice, i < last ? (int64_t)level_allot(param, i) : 0 }
  };
  const struct sched_promise rest[] = {
    { "strict", { 0 } },
    { "inherit", { 0 } },
    { "boost", { boost } },
    { "live", { boost, param[SLICE] } },
  };

  if (i > last + (boost ? 4 : 2))
    return false;
  *out = i <= last ? level : rest[i - last - 1];
  return true;
}

static const char *const mlfq_stat_names[] = { "level", "used", 0 };

static void
mlfq_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = level(rq, t);
  out[1] = used(rq, t);
}

static const char *
mlfq_check(const struct runq *rq)
{
  const struct mlfq *q = mlfq(rq);
  int n = 0;

  for (int i = 0; i < 2 * q->last + 2; i++) {
    if (queue_check(&q->list[i]) < 0)
      return "a list is broken";
    for (const struct task *t = q->list[i].head; t; t = t->next, n++)
      if (list(rq, t) != &q->list[i] ||
          (i / 2 < q->last && used(rq, t) >= q->allot[i / 2]))
        return "a task is queued on a level that is not its own";
  }
  return n == rq->nready ? 0 : "wrong number of tasks on the levels";
}

const struct sched_policy mlfq_policy = {
  .name = "mlfq",
  .task_size = sizeof(struct mlfq_task),
  .runq_size = sizeof(struct mlfq),
  .runq_init = mlfq_runq_init,
  .task_init = mlfq_task_init,
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
