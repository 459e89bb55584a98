// mine.c - fair, and quick for those who ask for little.
//
// Tasks that want the hart all the time share it as under stride, each with a
// pass that advances as it runs, the least first; their slices are long, since
// nothing is lost by it: who is in a hurry pushes them out.
//
// Who may hurry is earned.  A task saves up time while it sleeps, a quarter of
// it, up to FULL, and a new one begins with that.  As long as it has savings it
// is eager: eager tasks run before all others, first in, first out.  What runs
// eagerly is taken off the savings, and counts in the pass as well, so that it
// is no gain in the end.  One that naps for a moment before each slice ends has
// saved next to nothing, less than LEAST, and is not eager.
//
// ready, pick and leave take O(log n), the rest constant time.

#include "sched/queue.h"
#include "sched/tree.h"

#define FULL  MSEC(10) // saved at the most
#define LEAST USEC(500)
#define SAVES 4 // a part of the time asleep is saved

enum { SLICE }; // parameters

struct mine_task {
  struct task t;
  uint64_t pass; // ns run, on the queue with this id
  int on;
  nsec saved;
  nsec left; // when it fell asleep
  bool eager;
};

struct mine {
  struct runq rq;
  struct queue eager;
  struct tree tree; // of the others, by pass
  uint64_t pass;    // of the one of them that was picked last
};

static struct mine_task *
task(const struct task *t)
{
  return (struct mine_task *)t;
}

static struct mine *
mine(const struct runq *rq)
{
  return (struct mine *)rq;
}

static void
mine_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  task(t)->saved = parent ? task(parent)->saved : FULL;
}

static nsec
less(nsec a, nsec b)
{
  return a < b ? a : b;
}

// It wakes after so long.
static void
save(struct mine_task *m, nsec slept)
{
  m->saved = less(m->saved + slept / SAVES, FULL);
}

// t begins to compete on rq.  What it is ahead there it keeps, so that a nap
// forgives nothing; of what it is behind, a slice.
static void
arrive(struct runq *rq, struct task *t, bool anew)
{
  struct mine_task *m = task(t);
  int64_t owed = rq->param[SLICE];

  if (anew || m->on != rq->id)
    m->pass = mine(rq)->pass;
  else if ((int64_t)(m->pass - mine(rq)->pass) < -owed)
    m->pass = mine(rq)->pass - owed;
  m->on = rq->id;
}

static void
mine_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  struct mine_task *m = task(t);

  if (why == READY_WAKE)
    save(m, now - m->left);
  if (why == READY_NEW || why == READY_WAKE || why == READY_MOVED)
    arrive(rq, t, why == READY_NEW);
  if (why == READY_NEW || why == READY_WAKE)
    m->eager = m->saved >= LEAST;
  else if (m->saved == 0)
    m->eager = false;
  if (!m->eager)
    tree_put(&mine(rq)->tree, t, m->pass, 1);
  else if (why == READY_PREEMPT)
    queue_push(&mine(rq)->eager, t);
  else
    queue_put(&mine(rq)->eager, t);
}

static void
take(struct runq *rq, struct task *t)
{
  if (task(t)->eager)
    queue_remove(&mine(rq)->eager, t);
  else
    tree_remove(&mine(rq)->tree, t);
}

static struct task *
first_for(const struct runq *rq, int hart)
{
  struct task *t = queue_find(&mine(rq)->eager, hart);

  return t ? t : tree_find(&mine(rq)->tree, hart);
}

static struct task *
mine_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t = first_for(rq, hart);

  if (t == 0)
    return 0;
  take(rq, t);
  t->slice = task(t)->eager ? task(t)->saved : (nsec)rq->param[SLICE];
  if (!task(t)->eager && (int64_t)(task(t)->pass - mine(rq)->pass) > 0)
    mine(rq)->pass = task(t)->pass;
  return t;
}

static void
mine_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  take(rq, t);
}

static void
mine_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  struct mine_task *m = task(t);

  m->pass += ran;
  if (m->eager)
    m->saved -= less(ran, m->saved);
}

static void
mine_block(struct runq *rq, struct task *t, nsec now)
{
  task(t)->left = now;
}

static int64_t
mine_urgency(const struct runq *rq, const struct task *t)
{
  return !task(t)->eager;
}

static bool
mine_preempts(const struct runq *rq, const struct task *t,
              const struct task *cur, nsec now)
{
  return task(t)->eager && !task(cur)->eager;
}

static struct task *
mine_next(const struct runq *rq, const struct task *t)
{
  if (t == 0 && mine(rq)->eager.head)
    return mine(rq)->eager.head;
  if (t && task(t)->eager)
    return t->next ? t->next : tree_first(&mine(rq)->tree);
  return tree_after(&mine(rq)->tree, t);
}

static const struct sched_param mine_params[] = {
  [SLICE] = { "slice", UNIT_TIME, MSEC(40), USEC(100), SEC(10) },
  { 0 },
};

static const char *const mine_stat_names[] = { "eager", "saved", 0 };

static void
mine_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  out[0] = task(t)->eager;
  out[1] = task(t)->saved;
}

static const char *
mine_check(const struct runq *rq)
{
  int eager = queue_check(&mine(rq)->eager);
  int others = tree_check(&mine(rq)->tree);

  if (eager < 0 || others < 0)
    return "a list is broken";
  return eager + others == rq->nready ? 0 : "a task is lost";
}

const struct sched_policy mine_policy = {
  .name = "mine",
  .task_size = sizeof(struct mine_task),
  .runq_size = sizeof(struct mine),
  .task_init = mine_task_init,
  .ready = mine_ready,
  .pick = mine_pick,
  .leave = mine_leave,
  .charge = mine_charge,
  .block = mine_block,
  .preempts = mine_preempts,
  .surplus = first_for,
  .next = mine_next,
  .urgency = mine_urgency,
  .params = mine_params,
  .stat_names = mine_stat_names,
  .stats = mine_stats,
  .check = mine_check,
};
