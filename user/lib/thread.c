// thread.c - threads within one process (user/thread.h).
//
// The running thread is `self`. All others that can run stand in the ready
// queue, in the order in which they will. A thread that waits for another is
// in no queue; whose end it waits for stands in `joins`. These never form a
// circle, so as long as a thread is alive, one is ready or runs.

#include "user/thread.h"

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

#define UNTOUCHED 0x7ad5eedf00d57ac4UL  // at the low end of a stack

struct regs {                   // thread_switch.S knows the places
  uint64 ra, sp, s[12], fs[12];
};

struct thread {
  struct regs regs;             // while it does not run
  int id;
  void (*fn)(void *);
  void *arg;
  uint64 *stack;                // its low end; 0: main's
  int ended, status;
  struct thread *joins;         // whose end it waits for, or 0
  struct thread *next;          // in the ready queue
  struct thread *older;         // of all that have not been joined
};

void thread_switch(struct regs *from, const struct regs *to);

static struct thread main_thread;
static struct thread *self = &main_thread;
static struct thread *newest = &main_thread;
static struct thread *ready, **ready_end = &ready;
static int last_id;

// ---- turns -----------------------------------------------------------------

static void
put(struct thread *t)
{
  t->next = 0;
  *ready_end = t;
  ready_end = &t->next;
}

static struct thread *
take(void)
{
  struct thread *t = ready;

  ready = t->next;
  if (ready == 0)
    ready_end = &ready;
  return t;
}

static void
check_stack(const struct thread *t)
{
  if (t->stack == 0 || *t->stack == UNTOUCHED)
    return;
  fprintf(2, "thread %d has used more than its %d bytes of stack\n", t->id,
          THREAD_STACK);
  exit(1);
}

// The first ready thread runs. The caller goes on when it is its turn, if it
// is in the queue, or will be.
static void
run_next(void)
{
  struct thread *old = self;

  check_stack(old);
  self = take();
  thread_switch(&old->regs, &self->regs);
}

EXTRA void
thread_yield(void)
{
  if (ready == 0)
    return;
  put(self);
  run_next();
}

// ---- beginning and end -----------------------------------------------------

EXTRA int
thread_self(void)
{
  return self->id;
}

// Where a thread's first switch leads.
static void
begin(void)
{
  self->fn(self->arg);
  thread_exit(0);
}

// A thread's stack and what is known of it are one piece of memory, the stack
// below, so that what grows out of it does not spoil that.
EXTRA int
thread_create(void (*fn)(void *), void *arg)
{
  uint64 *stack = malloc(THREAD_STACK + sizeof(struct thread));
  struct thread *t;

  if (stack == 0)
    return -1;
  t = (struct thread *)((char *)stack + THREAD_STACK);
  memset(t, 0, sizeof(*t));
  *stack = UNTOUCHED;
  t->id = ++last_id;
  t->fn = fn;
  t->arg = arg;
  t->stack = stack;
  t->regs.ra = (uint64)begin;
  t->regs.sp = (uint64)t;
  t->older = newest;
  newest = t;
  put(t);
  return t->id;
}

static struct thread *
find(int id)
{
  struct thread *t = newest;

  while (t && t->id != id)
    t = t->older;
  return t;
}

// Who waits for t, or 0.
static struct thread *
joiner(const struct thread *t)
{
  struct thread *j = newest;

  while (j && j->joins != t)
    j = j->older;
  return j;
}

EXTRA void
thread_exit(int status)
{
  struct thread *j;

  check_stack(self);
  j = joiner(self);
  self->ended = 1;
  self->status = status;
  if (j) {
    j->joins = 0;
    put(j);
  }
  if (ready == 0)
    exit(main_thread.status);
  run_next();
  __builtin_unreachable();
}

static void
forget(struct thread *t)
{
  struct thread **p = &newest;

  while (*p != t)
    p = &(*p)->older;
  *p = t->older;
  free(t->stack); // and t, which lies above; main's is 0
}

EXTRA int
thread_join(int id, int *status)
{
  struct thread *t = find(id);

  if (t == 0 || joiner(t))
    return -1;
  for (struct thread *w = t; w; w = w->joins)
    if (w == self)
      return -1;
  if (!t->ended) {
    self->joins = t;
    run_next();
  }
  if (status)
    *status = t->status;
  forget(t);
  return 0;
}
