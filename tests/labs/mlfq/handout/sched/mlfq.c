// mlfq.c - multi-level feedback queue, by the rules of OSTEP chapter 8.  To
// begin with it is first in, first out: docs/labs/mlfq/README.md says what is
// to be done, and in which order.
//
//   Rule 1  A task on a better level runs before one on a worse level, and
//           pushes it out when it becomes ready.  Level 0 is the best.
//   Rule 2  Tasks on one level run round robin, with the level's slice.
//   Rule 3  A new task starts on level 0; but a child where its parent is,
//           with what it has used there.
//   Rule 4  A task that has used up its allotment at a level, no matter in
//           how many pieces, moves one level down.
//   Rule 5  Every `boost`, all tasks move to level 0 and have used nothing.
//
// Slices and allotments of the levels: sched/levels.h.

#include "sched/levels.h"

enum { MORE = LEVELS_END }; // slices and allotments of levels 1 and on

// What the policy keeps for each task.  The memory is zeroed.
struct mlfq_task {
  struct task t; // first
  int level;     // where it is
  nsec used;     // of its allotment there
};

// And for each run queue: l.last is the worst level, l.slice[] and l.allot[]
// are set up from the parameters.
struct mlfq {
  struct levels l; // first
  struct queue list[LEVELS_MOST];
};

static struct mlfq *
mlfq(const struct runq *rq)
{
  return (struct mlfq *)rq;
}

static struct mlfq_task *
task(const struct task *t)
{
  return (struct mlfq_task *)t;
}

// The level that t counts as being on now.  All that follows asks this, so that
// Rule 5 has one place to be put into.
static int
level(const struct runq *rq, const struct task *t)
{
  return task(t)->level;
}

static void
mlfq_runq_init(struct runq *rq, nsec now)
{
  levels_init(rq, MORE, now);
}

static struct queue *
list(const struct runq *rq, const struct task *t)
{
  return &mlfq(rq)->list[level(rq, t)];
}

// t has become ready.  Where in its list does it go, and with what of its
// slice?  That depends on `why`.
static void
mlfq_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  queue_put(list(rq, t), t);
}

// Rules 1 and 2: the first task of the best level that may run on hart, and for
// how long.  (A slice beyond what is left of the allotment is too long.)
static struct task *
mlfq_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = queue_get(&mlfq(rq)->list[0], hart);

  if (t)
    t->slice = NSEC_NEVER;
  return t;
}

static void
mlfq_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  queue_remove(list(rq, t), t);
}

// More hooks that you will need: see struct sched_policy in sched/sched.h.
//
//   preempts   Rule 1: does t push out cur?
//   urgency    the same as a number: the less, the more urgent
//   charge     Rule 4: t has run for `ran`
//   block      it sleeps; t->slice is what it has left
//   task_init  Rule 3: parent may be 0
//   timer      Rule 5: rq->alarm was due; runq_init sets the first

// A task that a hart with nothing to do may have.
static struct task *
mlfq_surplus(const struct runq *rq, int thief)
{
  return queue_find(&mlfq(rq)->list[0], thief);
}

// The queued task after t, in any order; the first if t is 0.
static struct task *
mlfq_next(const struct runq *rq, const struct task *t)
{
  int at = t ? level(rq, t) + 1 : 0;
  struct task *next = t ? t->next : 0;

  for (; next == 0 && at <= mlfq(rq)->l.last; at++)
    next = mlfq(rq)->list[at].head;
  return next;
}

static const struct sched_param mlfq_params[] = {
  LEVELS_PARAMS(MORE),
  { 0 },
};

// What it promises, or will when all rules are there: make check and schedtest
// hold it to that.
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

// The columns of ps, and what the grader looks at: keep them as they are.
static const char *const mlfq_stat_names[] = { "level", "used", 0 };

static void
mlfq_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = level(rq, t);
  out[1] = task(t)->used;
}

static const char *
mlfq_check(const struct runq *rq)
{
  int n = 0;

  for (int l = 0; l <= mlfq(rq)->l.last; l++) {
    if (queue_check(&mlfq(rq)->list[l]) < 0)
      return "a list is broken";
    for (const struct task *t = mlfq(rq)->list[l].head; t; t = t->next, n++)
      if (level(rq, t) != l)
        return "a task is queued on a level that is not its own";
  }
  return n == rq->nready ? 0 : "wrong number of tasks on the levels";
}

const struct sched_policy mlfq_policy = {
  .name = "mlfq",
  .task_size = sizeof(struct mlfq_task),
  .runq_size = sizeof(struct mlfq),
  .runq_init = mlfq_runq_init,
  .ready = mlfq_ready,
  .pick = mlfq_pick,
  .leave = mlfq_leave,
  .surplus = mlfq_surplus,
  .next = mlfq_next,
  .params = mlfq_params,
  .promise = mlfq_promise,
  .stat_names = mlfq_stat_names,
  .stats = mlfq_stats,
  .check = mlfq_check,
};
