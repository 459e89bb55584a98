// private.h - what the files of the simulator's engine share.

#ifndef SCHED_SIM_PRIVATE_H
#define SCHED_SIM_PRIVATE_H

#include "sched/sim/sim.h"

#define NODE 64 // queues near each other: who wakes is placed among them

struct hart {
  struct event due; // the sooner of timer and end
  int id;
  int local; // its number on its queue
  struct queue *q;
  struct sim_task *on;
  nsec timer;    // the core wants to be told of this time
  nsec end;      // the task has run for what it wanted
  nsec since;    // it has run what it runs, or idled
  nsec held;     // who was told to give it up in a call does so then, or 0
  nsec balanced; // when it last looked at the others' loads
  bool kicked;   // listed in sim.kicked
};

struct queue {
  struct runq *rq;
  int id;
  int first, n;    // its harts
  uint64_t weight; // when it was last weighed,
  int64_t need;    // and what it needed
};

struct sim {
  struct sim_config c;
  nsec now;
  struct hart *hart;
  struct queue *queue;
  int nqueue;
  uint64_t *idle; // a bit a queue: one of its harts, or more, are idle
  int nidle;      // how many such queues
  struct heap harts, sleepers;
  uint64_t order;       // of the next sleeper
  struct hart **kicked; // a ring
  int kick_first, nkicked;
  struct sim_task **task; // by id
  int ntask, room;
  int alive;
  int loans;
  bool inside; // an event
  struct sim_counts count;
};

static inline bool
queue_idle(const struct sim *s, int i)
{
  return s->idle[i / 64] >> i % 64 & 1;
}

// The first idle queue from i on, or -1.
int sim_next_idle(const struct sim *s, int i);

static inline nsec
sim_after(nsec at, nsec span)
{
  return at + span < at ? NSEC_NEVER : at + span;
}

// hart.c.
// After any call of the core on q: harts that were kicked will obey.
void sim_kicks(struct sim *s, struct queue *q);
void sim_obey_kicks(struct sim *s);
// Let hart h look for work; h, which runs nothing, picks.
void sim_poke(struct sim *s, struct hart *h);
void sim_dispatch(struct sim *s, struct hart *h);
// The task on h stays ready, or blocks; h picks.
void sim_give_up(struct sim *s, struct hart *h, enum ready_why why);
void sim_block(struct sim *s, struct hart *h);
// The task on h gives it up, and that is all.
void sim_vacate(struct sim *s, struct hart *h);
// When a run or a slice of j that is to end at `planned` really ends.
nsec sim_really(const struct sim *s, const struct sim_task *j, nsec planned);
// What h has run, or not run, until now, is told.
void sim_end_span(struct sim *s, struct hart *h);
// The timer of h goes off; its times have changed.
void sim_tick(struct sim *s, struct hart *h);
void sim_set_event(struct sim *s, struct hart *h);

// engine.c: j, which is on no queue, becomes ready.
void sim_make_ready(struct sim *s, struct sim_task *j);

// queues.c: what kernel/proc/runq_*.c does.
// May t run on a hart of q; has q a task for a hart of that number?
bool sim_allowed(const struct queue *q, const struct task *t);
// Make t, on no queue, ready on q; let idle harts have what waits there.
void sim_put(struct sim *s, struct queue *q, struct task *t,
             enum ready_why why);
void sim_offer_rest(struct sim *s, struct queue *q);
void sim_move(struct sim *s, struct queue *q, struct task *t, struct queue *to);
void sim_wake(struct sim *s, struct task *t);
struct queue *sim_queue_for_new(struct sim *s, const struct task *t, int home);
bool sim_steal(struct sim *s, struct hart *h);

// lend.c: j lends no more, nor does anybody lend to it; it is worth something
// else than before.
void sim_forget_loans(struct sim *s, struct sim_task *j);
void sim_change_loan(struct sim *s, struct sim_task *j);

// balance.c: a timer interrupt of h.
void sim_balance(struct sim *s, struct hart *h);

#endif
