// world.h - a world of few tasks and harts in which a policy is tried: what may
// happen in it next, what it looks like, whether all is well.
//
// Everything that changes is in memory that is copied and put back whole, so
// a search can go back to any state.  The same events, from the start, always
// give the same state.
//
//   world_new, then  world_events: what may happen now
//                    world_do:     let it happen
//                    world_look:   check all there is to check
//
// The last two leave by guard_leave if something is wrong: call them under
// guard().

#ifndef TESTS_HOST_CHECK_WORLD_H
#define TESTS_HOST_CHECK_WORLD_H

#include "tests/host/check/guard.h"

#define MAXTASK  1000
#define MAXHART  4
#define MAXEVENT 400 // that may happen at once, with some 8 tasks
#define MAXLEVEL 64
#define LUCK     4   // different draws
#define LOAN     100 // of weight

struct shape {
  int nhart, nqueue; // queue q serves harts q, q + nqueue...
  int ntask;
  bool late; // harts obey when they like
  bool pins; // masks are changed
};

enum kind {
  CREATE, // a new task, on queue a
  FORK,   // the one on hart a has a child
  BLOCK,  // the one on hart a
  WAKE,   // task a, on queue b
  YIELD,  // the one on hart a
  EXIT,   // the one on hart a
  RUN,    // a little time passes
  TICK,   // time passes up to the next end of a slice or alarm
  LATE,   // and beyond it
  ALARM,  // time passes up to the alarm, slice by slice
  SET,    // attribute b of task a, to value c of those tried
  PIN,    // task a to mask b of those tried
  MOVE,   // task a to queue b
  STEAL,  // hart a, which idles, takes a task from queue b
  OBEY,   // hart a stops and picks, as it was told
  LEND,   // task a is lent LOAN, with b = 1, or nothing any more
  NKIND,
};

struct event {
  uint16_t kind, a, b, c;
  uint16_t luck; // of draws by lot
};

// What the rules of the policy say of a task: see model.c.
struct model {
  bool known; // whether the next two are
  int level;
  nsec used;     // of the allotment
  uint64_t turn; // grows with each time that it became ready
  nsec left;     // of a burst that was told; 0: not known
};

// Rules that follow from promises, by which failures are named.
enum rule {
  RULE1,
  RULE2,
  RULE4,
  RULE5,
  INHERIT,
  ARRIVAL,
  SHORTEST,
  PRIORITY,
  WAIT,
  LIVE,
  NRULE
};
#define ALL_RULES ((1u << NRULE) - 1)
extern const char *const rule_name[NRULE];

// What the policy promises of what is looked at here.
struct rules {
  int nlevel; // 0: it knows no levels
  nsec slice[MAXLEVEL], allot[MAXLEVEL];
  bool strict, inherit, arrival, shortest, priority, waits, lives;
  nsec boost;           // 0: none
  nsec wait;            // (n - 1) * wait
  nsec live, live_each; // live + n * live_each
};

// What changes, beside the policy's memory.
struct state {
  nsec now;
  nsec late; // sum of all lateness so far
  uint64_t turn, boosts;
  uint64_t pending;         // harts that were told, and have not obeyed
  struct task *on[MAXHART]; // what each hart runs
  int nlive, most;          // how many tasks there are; the most there were
  bool changed;             // an attribute was: not all are equal
};

struct world {
  const struct sched_policy *policy; // guarded
  struct shape shape;
  int64_t param[SCHED_MAXPARAM];
  struct runq *rq[MAXHART];
  struct task *task[MAXTASK];
  size_t runq_size, task_size;
  int nattr;          // of the policy
  nsec little, start; // a little time; when the clock begins
  bool watch;         // look at each write: slow
  char *copy;         // for that
  unsigned ignore;    // rules that need not hold, a bit each
  struct rules rules;

  // For world_explain: what each task did before world_look emptied the
  // queues, and how many hooks had been called until then.
  bool emptying;
  enum task_state was[MAXTASK];
  int calls;
  struct state s;
  // Of each task, and copied with the state.
  bool live[MAXTASK]; // there is such a task
  struct model model[MAXTASK];
};

struct world *world_new(const struct sched_policy *policy, const int64_t *param,
                        struct shape shape, nsec start);
void world_free(struct world *w);
void world_reset(struct world *w); // to the start; call it under guard()

// Copies of the state: world_size() bytes.
size_t world_size(const struct world *w);
void world_save(const struct world *w, void *to);
void world_restore(struct world *w, const void *from);

int world_events(struct world *w, struct event *list); // up to MAXEVENT
struct event world_some(struct world *w, uint64_t (*any)(void *, uint64_t n),
                        void *arg); // one of them, with more tasks
void world_ranges(const struct world *w, int kind, int n[3]); // of a, b and c
bool world_may(struct world *w, const struct event *e);
void world_do(struct world *w, const struct event *e);
void world_look(struct world *w); // the state is another afterwards

// Put what the core says of a fault, which has just come, into words.
void world_explain(struct world *w, struct fault *f);

// Was anything drawn by lot since the event began?
bool world_drew(const struct world *w);

// What tells states apart.  by: what is counted in (see depends.c).
enum { BY_CLOCK = 1, BY_STATS = 2 };
uint64_t world_hash(const struct world *w, int by);

// ---- between the files of the world ----------------------------------------

static inline struct runq *
queue_of_hart(const struct world *w, int hart)
{
  return w->rq[hart % w->shape.nqueue];
}

static inline struct runq *
queue_of(const struct world *w, const struct task *t)
{
  return w->rq[t->queue >= 0 ? t->queue : 0];
}

// The slot of t, whatever its memory holds; -1 if it is none.
int world_slot(const struct world *w, const void *t);

// Values that an attribute is set to; masks that a task is pinned to.
#define NVALUE 3
int64_t tried_value(const struct sched_attr *a, int i);
#define NMASK 3
uint64_t tried_mask(const struct world *w, int i);

// When the next slice of a running task or alarm ends; NSEC_NEVER.
nsec world_next_tick(const struct world *w);
nsec world_next_alarm(const struct world *w);

// The rules: what was promised, and what has to be true by it (model.c).
void model_begin(struct world *w);
void model_new(struct world *w, struct task *t, const struct task *parent);
void model_picked(struct world *w, struct task *t);
void model_stopped(struct world *w, struct task *t);
void model_set(struct world *w, struct task *t);
void model_pass(struct world *w, nsec ran, bool late);
void model_look(struct world *w);
bool model_has(const struct world *w, enum rule rule); // is it promised?
int model_rank(const struct world *w, int slot);       // of arrival

// Writes of the policy to what is not its own (watch.c).
void watch_begin(struct world *w);

// "A forks B": what e is in words, before it happens.
void event_words(struct world *w, const struct event *e, char *text,
                 size_t size);
const char *task_name(int slot); // "A"

#endif
