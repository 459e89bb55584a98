// world.c - the memory of a world, and copies of it.  Each run queue and task
// lies at the end of a page whose next may not be touched, so a policy that
// asks for too little memory is found at the first step beyond.

#define _DEFAULT_SOURCE // for MAP_ANONYMOUS, in POSIX since 2024 only
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/host/check/world.h"

#define GONE 0x5a // fills the memory of a task that has ended

// ---- memory ----------------------------------------------------------------

static size_t
pages(size_t size)
{
  size_t page = sysconf(_SC_PAGESIZE);

  return (size + page - 1) / page * page;
}

static void *
object_new(size_t size)
{
  size_t page = sysconf(_SC_PAGESIZE);
  char *p = mmap(0, pages(size) + page, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  assert(p != MAP_FAILED);
  mprotect(p + pages(size), page, PROT_NONE);
  return p + pages(size) - size;
}

static void
object_free(void *p, size_t size)
{
  munmap((char *)p + size - pages(size), pages(size) + sysconf(_SC_PAGESIZE));
}

static struct world *current;

static bool
behind(const void *object, size_t size, const void *address)
{
  const char *end = (const char *)object + size;

  return (const char *)address >= end &&
         (const char *)address < end + sysconf(_SC_PAGESIZE);
}

static const char *
where(const void *address)
{
  static char text[100];
  const struct world *w = current;

  for (int i = 0; w && i < w->shape.ntask; i++)
    if (behind(w->task[i], w->task_size, address)) {
      snprintf(text, sizeof(text),
               "touches memory behind the end of task %s: is .task_size right?",
               task_name(i));
      return text;
    }
  for (int q = 0; w && q < w->shape.nqueue; q++)
    if (behind(w->rq[q], w->runq_size, address))
      return "touches memory behind the end of the run queue: is .runq_size "
             "right?";
  if ((uintptr_t)address < 0x10000)
    return "follows a null pointer, or one to a task that has ended";
  return "touches memory that is not its own";
}

// ---- a new world -----------------------------------------------------------

static uint64_t
served(const struct world *w, int q)
{
  uint64_t harts = 0;

  for (int h = q; h < w->shape.nhart; h += w->shape.nqueue)
    harts |= 1ull << h;
  return harts;
}

static void
init_queues(struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++) {
    memset(w->rq[q], 0xa5, w->runq_size); // what was there does not matter
    sched_runq_init(w->rq[q], w->policy, w->param, q, served(w, q), 1,
                    w->start);
  }
}

// The first slice that the policy gives, a part of which is a little time.
static void
find_slice(void *arg)
{
  struct world *w = arg;
  struct task *t;

  guard_before = guard_after = 0;
  init_queues(w);
  sched_task_init(w->rq[0], w->task[0], 0, 0, SCHED_ANYHART, w->start);
  sched_ready(w->rq[0], w->task[0], READY_NEW, w->start);
  t = sched_pick(w->rq[0], 0, w->start);
  if (t && t->slice >= 4 && t->slice <= SEC(10))
    w->little = t->slice / 4;
}

// It is the same in each world of this program; a policy that fails in it
// fails again where it is told.
static void
set_little(struct world *w)
{
  static nsec little;

  w->little = MSEC(1);
  if (little == 0) {
    guard(find_slice, w);
    little = w->little;
  }
  w->little = little;
}

struct world *
world_new(const struct sched_policy *policy, const int64_t *param,
          struct shape shape, nsec start)
{
  struct world *w = calloc(1, sizeof(*w));

  assert(shape.nhart <= MAXHART && shape.ntask <= MAXTASK);
  w->policy = guarded(policy);
  w->shape = shape;
  w->start = start;
  memcpy(w->param, param, sizeof(w->param));
  w->runq_size = sched_runq_size(policy);
  w->task_size = sched_task_size(policy);
  while (policy->attrs && policy->attrs[w->nattr].name)
    w->nattr++;
  for (int q = 0; q < shape.nqueue; q++)
    w->rq[q] = object_new(w->runq_size);
  for (int i = 0; i < shape.ntask; i++)
    w->task[i] = object_new(w->task_size);
  current = w;
  guard_where = where;
  set_little(w);
  return w;
}

void
world_free(struct world *w)
{
  for (int q = 0; q < w->shape.nqueue; q++)
    object_free(w->rq[q], w->runq_size);
  for (int i = 0; i < w->shape.ntask; i++)
    object_free(w->task[i], w->task_size);
  current = 0;
  free(w->copy);
  free(w);
}

int
world_slot(const struct world *w, const void *t)
{
  for (int i = 0; i < w->shape.ntask; i++)
    if (w->task[i] == t)
      return i;
  return -1;
}

// ---- copies ----------------------------------------------------------------

size_t
world_size(const struct world *w)
{
  return sizeof(w->s) + w->shape.nqueue * w->runq_size +
         w->shape.ntask *
           (w->task_size + sizeof(w->live[0]) + sizeof(w->model[0]));
}

// Copies, and returns where the copy ends.
static char *
put(char *to, const void *from, size_t size)
{
  memcpy(to, from, size);
  return to + size;
}

void
world_save(const struct world *w, void *to)
{
  char *p = put(to, &w->s, sizeof(w->s));

  for (int q = 0; q < w->shape.nqueue; q++)
    p = put(p, w->rq[q], w->runq_size);
  for (int i = 0; i < w->shape.ntask; i++)
    p = put(p, w->task[i], w->task_size);
  p = put(p, w->live, w->shape.ntask * sizeof(w->live[0]));
  memcpy(p, w->model, w->shape.ntask * sizeof(w->model[0]));
}

void
world_restore(struct world *w, const void *from)
{
  const char *p = from;

  memcpy(&w->s, p, sizeof(w->s));
  p += sizeof(w->s);
  for (int q = 0; q < w->shape.nqueue; q++, p += w->runq_size)
    memcpy(w->rq[q], p, w->runq_size);
  for (int i = 0; i < w->shape.ntask; i++, p += w->task_size)
    memcpy(w->task[i], p, w->task_size);
  memcpy(w->live, p, w->shape.ntask * sizeof(w->live[0]));
  p += w->shape.ntask * sizeof(w->live[0]);
  memcpy(w->model, p, w->shape.ntask * sizeof(w->model[0]));
}

// ---- the start -------------------------------------------------------------

void
world_reset(struct world *w)
{
  guard_before = guard_after = 0;
  w->emptying = false;
  for (int i = 0; i < w->shape.ntask; i++)
    memset(w->task[i], GONE, w->task_size);
  init_queues(w);
  memset(&w->s, 0, sizeof(w->s));
  memset(w->live, 0, sizeof(w->live));
  memset(w->model, 0, sizeof(w->model));
  watch_begin(w);
  w->s.now = w->start;
  model_begin(w);
  for (int h = 0; h < w->shape.nhart; h++)
    w->s.on[h] = sched_pick(queue_of_hart(w, h), h, w->s.now);
}

// ---- what tells states apart -----------------------------------------------

static inline uint64_t
mix(uint64_t h, uint64_t x)
{
  h = (h ^ x) * 0x9e3779b97f4a7c15;
  return h ^ h >> 29;
}

static uint64_t
mix_words(uint64_t h, const void *from, size_t size)
{
  const uint64_t *p = from;

  for (size_t i = 0; i < size / 8; i++)
    h = mix(h, p[i]);
  return h;
}

// A slice without an end stays one as it is counted down.
static inline uint64_t
slice_of(const struct task *t)
{
  return t->slice > NSEC_NEVER / 2 ? NSEC_NEVER : t->slice;
}

static uint64_t
mix_model(uint64_t h, const struct world *w, int i)
{
  const struct model *m = &w->model[i];

  if (w->rules.arrival)
    h = mix(h, model_rank(w, i));
  h = mix(h, m->known ? m->used * 32 + m->level + 1 : 0);
  return mix(h, m->left);
}

static uint64_t
mix_task(uint64_t h, const struct world *w, const struct task *t, int by)
{
  h = mix(h, (uint64_t)(t->queue + 2) << 32 | (t->hart + 1) << 8 | t->state);
  h = mix(h, t->harts);
  h = mix(h, slice_of(t));
  h = mix(h, t->due);
  h = mix_words(h, &t->next, w->task_size - offsetof(struct task, next));
  if (w->rules.waits && t->state == TASK_READY)
    h = mix(h, w->s.now - t->since);
  if (by & BY_STATS) {
    h = mix(h, w->s.now - t->since);
    h = mix_words(h, &t->st, sizeof(t->st));
  }
  return h;
}

static uint64_t
mix_queue(uint64_t h, const struct world *w, const struct runq *rq)
{
  h = mix(h, w->s.now - rq->charged);
  h = mix(h, rq->alarm == NSEC_NEVER ? rq->alarm : rq->alarm - w->s.now);
  h = mix(h, rq->busy | rq->idle << 8 | rq->told << 16 | rq->kick << 24);
  for (const struct task *t = rq->running; t; t = t->run_next)
    h = mix(h, (uintptr_t)t);
  for (int i = 0; i < w->shape.nhart; i++)
    h = mix(h, (uintptr_t)rq->due[i]);
  return mix_words(h, rq + 1, w->runq_size - sizeof(*rq));
}

uint64_t
world_hash(const struct world *w, int by)
{
  uint64_t h = mix(1, w->s.pending);

  if (by & BY_CLOCK)
    h = mix(h, w->s.now);
  for (int q = 0; q < w->shape.nqueue; q++)
    h = mix_queue(h, w, w->rq[q]);
  for (int i = 0; i < w->shape.ntask; i++) {
    h = mix(h, w->live[i]);
    if (w->live[i]) {
      h = mix_task(h, w, w->task[i], by);
      h = mix_model(h, w, i);
    }
  }
  return h ? h : 1;
}
