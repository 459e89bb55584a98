// balance.c - shares between run queues: which task is to move.
//
// With a queue a hart, a task of weight w has w / L of a hart, L being the
// weight of all that compete on its queue.  It should have w * H / S of the H
// harts, S being the weight of all.  Where that differs, loads have to be made
// equal; and if they cannot be, the tasks have to take turns in being where
// there are fewer.  So, whenever a queue is weighed, each of its tasks is told
// what it lacks since the last time, in ns of a hart:
//
//     lacks += P * w * H / S - ran             P: the time since
//
// of which it forgets the part P / WINDOW.  (What it ran is P * w / L, in the
// mean: how a queue shares out what it has is the policy's business.)
//
// A lighter queue takes from a heavier one the task after whose move all tasks
// of the two come nearest to what they should have: it minimizes the sum of
// squares of what each will lack one PERIOD later,
//
//     F = sum (lacks + w k)^2 = sum lacks^2 + 2 k sum (w lacks) + k^2 sum w^2,
//
// where k = PERIOD * (H / S - 1 / L) with the L that its queue will have.  So
// three sums a queue are all that is needed, and a candidate costs constant
// time.  Nothing moves unless F falls by more than WORTH: with equal loads,
// all is left as it is.  (To choose what lessens the sum of squared deficits
// most is max-weight scheduling, which keeps them bounded wherever that is
// possible: Tassiulas and Ephremides, IEEE Trans. Automatic Control 37, 1992.)

#include "sched/inside.h"

__extension__ typedef __int128 int128;

#define PERIOD (int64_t) SCHED_BALANCE
#define LONG   (4 * PERIOD) // at most so much counts between two weighings
#define WINDOW (int64_t) SEC(4)
#define MOST   (int64_t) SEC(1) // that a task lacks, or has too much
#define SHIFT  16               // k is in ns / 2^SHIFT
#define WORTH  ((int128)MSEC(2) * MSEC(2) << 2 * SHIFT)

int64_t
sched_weight(const struct runq *rq, const struct task *t)
{
  int64_t w = rq->policy->weight ? rq->policy->weight(rq, t) : 1;

  HOOK(rq, t, "weight", 18, w > 0 && w <= SCHED_MAXWEIGHT, "out of range");
  return w;
}

static struct task *
next_queued(const struct runq *rq, const struct task *t)
{
  return rq->policy->next ? rq->policy->next(rq, t) : 0;
}

// Of t, which competes on the queue: its part of the three sums.
static void
add(struct sched_load *load, const struct runq *rq, const struct task *t,
    int sign)
{
  int64_t w = sched_weight(rq, t);

  load->weight += sign * w;
  load->square += sign * w * w;
  load->lacks += sign * w * t->lacks;
}

static uint64_t
total(const struct runq *rq)
{
  uint64_t sum = 0;

  if (rq->policy->next == 0) // then all that is known is how many
    return rq->nready + (rq->running != 0);
  for (const struct task *t = next_queued(rq, 0); t; t = next_queued(rq, t))
    sum += sched_weight(rq, t);
  for (const struct task *t = rq->running; t; t = t->run_next)
    sum += sched_weight(rq, t);
  return sum;
}

// Bring up to date what t lacks, where all weigh `all`.
static void
count(const struct runq *rq, struct task *t, uint64_t all, int nhart, nsec now)
{
  nsec waited = t->st.waited;
  int64_t span, ran;

  if (t->state == TASK_READY)
    waited += passed(t->since, now);
  ran = t->st.ran - t->seen_ran;
  span = ran + (int64_t)passed(t->seen_waited, waited);
  t->seen_ran = t->st.ran;
  t->seen_waited = waited;
  if (span > LONG) {
    ran = ran * (LONG / MSEC(1)) / (span / MSEC(1));
    span = LONG;
  }
  t->lacks -= t->lacks / (WINDOW / PERIOD) * span / PERIOD;
  t->lacks += span * sched_weight(rq, t) * nhart / (int64_t)all - ran;
  if (t->lacks > MOST)
    t->lacks = MOST;
  if (t->lacks < -MOST)
    t->lacks = -MOST;
}

// What each unit of weight on a queue of weight `here` is going to lack more in
// a PERIOD, shifted.
static int64_t
slope(uint64_t here, uint64_t all, int nhart)
{
  return (int64_t)((PERIOD * nhart << SHIFT) / all) -
         (int64_t)((PERIOD << SHIFT) / here);
}

void
sched_weigh(struct runq *rq, uint64_t elsewhere, int nhart,
            struct sched_load *load, nsec now)
{
  uint64_t here = total(rq);
  uint64_t all = here;

  if ((int64_t)elsewhere > 0) // it is a hint, and may be behind
    all += elsewhere;
  now = core_refresh(rq, now);
  *load = (struct sched_load){ 0 };
  for (struct task *t = next_queued(rq, 0); t; t = next_queued(rq, t)) {
    count(rq, t, all, nhart, now);
    add(load, rq, t, 1);
  }
  for (struct task *t = rq->running; t; t = t->run_next) {
    count(rq, t, all, nhart, now);
    add(load, rq, t, 1);
  }
  load->weight = here;
  if (load->square > 0)
    load->need = load->lacks / (int64_t)load->square * (1 << SHIFT) +
                 slope(here, all, nhart);
  core_finish(rq);
}

// The part of F that changes, of one queue.
static int128
shortfall(const struct sched_load *load, uint64_t all, int nhart)
{
  int64_t k;

  if (load->weight == 0)
    return 0;
  k = slope(load->weight, all, nhart);
  return (int128)2 * k * load->lacks * (1 << SHIFT) +
         (int128)k * k * load->square;
}

struct task *
sched_even(struct runq *rq, int taker, const struct sched_load *from,
           const struct sched_load *to, uint64_t all, int nhart, nsec now)
{
  int64_t most = 2 * (from->weight - to->weight);
  struct task *found = 0;
  int128 best;

  if (from->weight <= to->weight)
    return 0;
  if (rq->policy->next == 0) // by turns, whoever it is
    return sched_spare(rq, taker, now);
  best = shortfall(from, all, nhart) + shortfall(to, all, nhart) - WORTH;
  for (struct task *t = next_queued(rq, 0); t; t = next_queued(rq, t)) {
    struct sched_load a = *from, b = *to;
    int128 f;

    if (!task_may_run(t, taker) || sched_weight(rq, t) >= most)
      continue;
    add(&a, rq, t, -1);
    add(&b, rq, t, 1);
    f = shortfall(&a, all, nhart) + shortfall(&b, all, nhart);
    if (f < best) {
      best = f;
      found = t;
    }
  }
  return found;
}

int64_t
sched_least_urgent(struct runq *rq, nsec now)
{
  int64_t least = INT64_MIN;

  core_refresh(rq, now);
  for (const struct task *t = rq->running; t; t = t->run_next) {
    int64_t u = rq->policy->urgency(rq, t);

    if (u > least && !sched_told(rq, t->hart)) // or it goes already
      least = u;
  }
  core_finish(rq);
  return least;
}

struct task *
sched_spare_urgent(struct runq *rq, int taker, int64_t than, nsec now)
{
  struct task *t = sched_spare(rq, taker, now);

  return t && rq->policy->urgency(rq, t) < than ? t : 0;
}
