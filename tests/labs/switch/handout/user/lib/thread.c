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
  // Yours: check_stack, take, thread_switch, and self.
}

EXTRA void
thread_yield(void)
{
  // Yours. And if nobody else is ready?
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
  // Yours: what self was made for, and then?
  exit(1);
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
  // Yours: fill in *t so that the first thread_switch to it comes to begin, on
  // its own stack, which grows down; mark the low end with UNTOUCHED; and put t
  // among the ready ones, and among all.
  (void)t;
  free(stack);
  return -1;
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
  // Yours. Who waits for it becomes ready. If nobody is ready then, main has
  // ended before, and its status is the process's.
  exit(1);
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
  // Yours: refuse what user/thread.h says; wait, which is not to be ready; give
  // the status; forget.
  return -1;
}
