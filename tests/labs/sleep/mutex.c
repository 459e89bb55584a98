// mutex.c - scenes of the student's kernel/proc/wait.c: its mutex.

#include "tests/labs/sleep/explore.h"

static struct mutex m;
static int inside;

static void
section(void)
{
  mutex_lock(&m);
  MUST(++inside == 1);
  point();
  MUST(mutex_held(&m));
  inside--;
  mutex_unlock(&m);
}

static void
once(int arg)
{
  section();
}

static void
twice(int arg)
{
  section();
  section();
}

static void
prepare(void)
{
  inside = 0;
  mutex_init(&m, "m");
}

static void
three(void)
{
  prepare();
  fiber(once, 0);
  fiber(once, 1);
  fiber(once, 2);
}

static void
two(void)
{
  prepare();
  fiber(twice, 0);
  fiber(twice, 1);
}

// The first keeps it until the others sleep.
static void
keeper(int arg)
{
  extern void proc_yield(void);

  mutex_lock(&m);
  for (int i = 0; i < 500 && !(fiber_asleep(1) && fiber_asleep(2)); i++)
    proc_yield();
  if (!fiber_asleep(1) || !fiber_asleep(2))
    lost("who waits for a mutex does not sleep");
  mutex_unlock(&m);
}

static void
sleeps(void)
{
  prepare();
  fiber(keeper, 0);
  fiber(once, 1);
  fiber(once, 2);
}

// trylock never waits, and says whether it got it.
static void
tries(int arg)
{
  extern void proc_yield(void);

  MUST(!mutex_held(&m));
  MUST(mutex_trylock(&m));
  MUST(mutex_held(&m));
  MUST(!mutex_trylock(&m));
  MUST(mutex_held(&m));
  for (int i = 0; i < 50 && !fiber_asleep(1); i++)
    proc_yield();
  mutex_unlock(&m);
  MUST(!mutex_held(&m));
}

static void
tries_later(int arg)
{
  if (mutex_trylock(&m)) {
    MUST(++inside == 1);
    point();
    inside--;
    mutex_unlock(&m);
  }
}

static void
try_it(void)
{
  prepare();
  fiber(tries, 0);
  fiber(once, 1);
}

static void
try_among(void)
{
  prepare();
  fiber(once, 0);
  fiber(tries_later, 1);
  fiber(once, 2);
}

const struct scene scenes[] = {
  { "three", three },         { "two", two },
  { "sleeps", sleeps },       { "try", try_it },
  { "try-among", try_among }, { 0, 0 },
};
