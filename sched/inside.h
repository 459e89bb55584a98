// inside.h - what the files of the core share; for no one else.

#ifndef SCHED_INSIDE_H
#define SCHED_INSIDE_H

#include "sched/bits.h"
#include "sched/core.h"

// The policy broke promise n; the caller did.
#define HOOK(rq, t, hook, n, ok, what)                                         \
  do {                                                                         \
    if (!(ok))                                                                 \
      sched_broken(rq, t, hook, n, what);                                      \
  } while (0)
#define CALLER(rq, t, n, ok)                                                   \
  do {                                                                         \
    if (!(ok))                                                                 \
      sched_broken(rq, t, __func__, n, #ok);                                   \
  } while (0)

static inline uint64_t
bit(int hart)
{
  return 1ull << hart;
}

// From one time to a later one; 0 if it is not later.
static inline nsec
passed(nsec from, nsec to)
{
  return to > from ? to - from : 0;
}

static inline bool
same_word(const char *a, const char *b)
{
  while (*a && *a == *b)
    a++, b++;
  return *a == *b;
}

// The alarm is due.
void core_fire(struct runq *rq, nsec now);

// Bring rq up to now, or to where it is if that is later: (11).  Return that
// time.  A part of every call, so it is worth its size.
static inline __attribute__((always_inline)) nsec
core_refresh(struct runq *rq, nsec now)
{
  if (now > rq->charged) {
    nsec ran = now - rq->charged;

    rq->charged = now;
    for (struct task *t = rq->running; t; t = t->run_next) {
      t->st.ran += ran;
      t->slice = passed(ran, t->slice);
      if (rq->policy->charge)
        rq->policy->charge(rq, t, ran, now);
    }
  }
  if (rq->charged >= rq->alarm)
    core_fire(rq, rq->charged);
  return rq->charged;
}

// The hart that runs t must stop it.
static inline void
core_tell(struct runq *rq, const struct task *t)
{
  rq->kick |= bit(t->hart) & ~rq->told;
  rq->told |= bit(t->hart);
}

// Any hook may have ended the slice of any running task: tell their harts.
static inline void
core_finish(struct runq *rq)
{
  for (const struct task *t = rq->running; t; t = t->run_next)
    if (t->slice == 0)
      core_tell(rq, t);
}

// Count t, which is pinned, in or out of the queued tasks.
void core_count_pinned(struct runq *rq, const struct task *t, int d);

static inline void
core_count(struct runq *rq, const struct task *t, int d)
{
  rq->nready += d;
  if (t->harts == SCHED_ANYHART)
    rq->nfree += d;
  else
    core_count_pinned(rq, t, d);
}

// Queue t on rq, which is up to date.  The caller settles it.
static inline void
core_put(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  t->queue = rq->id;
  core_count(rq, t, 1);
  rq->policy->ready(rq, t, why, now);
}

// t has left the queue, by pick() or leave().
static inline void
core_unqueue(struct runq *rq, struct task *t)
{
  core_count(rq, t, -1);
  if (t->due >= 0) {
    rq->due[t->due] = 0;
    t->due = -1;
  }
  if (rq->stopped == t)
    rq->stopped = 0;
}

// Does t push out c, which runs, if it may use `harts`?
static inline bool
core_may_push(const struct runq *rq, const struct task *t, const struct task *c,
              uint64_t harts, nsec now)
{
  return harts & bit(c->hart) && rq->due[c->hart] == 0 &&
         rq->policy->preempts(rq, t, c, now);
}

// The hart that runs c must stop it, for t.
static inline void
core_push(struct runq *rq, struct task *t, struct task *c)
{
  t->due = c->hart;
  rq->due[c->hart] = t;
  core_tell(rq, c);
}

// t is queued: see to it that it runs now, if it should, on one of `harts`.
void core_settle_among(struct runq *rq, struct task *t, uint64_t harts,
                       nsec now);

// The same; the case of one hart, which is busy, is kept short.
static inline void
core_settle(struct runq *rq, struct task *t, uint64_t harts, nsec now)
{
  struct task *c = rq->running;

  harts &= t->harts;
  if (rq->idle || (c && c->run_next))
    core_settle_among(rq, t, harts, now);
  else if (c && rq->policy->preempts && core_may_push(rq, t, c, harts, now))
    core_push(rq, t, c);
}

#endif
