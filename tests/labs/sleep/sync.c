// sync.c - scenes of the student's kernel/proc/sync.c: its semaphore and its
// condition variable, on a mutex of ours.

#include "tests/labs/sleep/sync.h"

#include "kernel/proc/proc.h"
#include "tests/labs/sleep/explore.h"

static struct sema s;
static struct cond c;
static struct mutex m;
static int inside, tokens, given, got;

// ---- a mutex: the explorer's spinlocks let others run ----------------------

void
waitq_init(struct waitq *q, const char *name)
{
  ring_init(&q->sleepers);
  q->name = name;
}

void
mutex_init(struct mutex *mx, const char *name)
{
  spin_init(&mx->lock, name);
}

void
mutex_lock(struct mutex *mx)
{
  acquire(&mx->lock);
}

void
mutex_unlock(struct mutex *mx)
{
  release(&mx->lock);
}

bool
mutex_held(const struct mutex *mx)
{
  return holding(&mx->lock);
}

// ---- the semaphore
// --------------------------------------------------------------

static void
two_at_most(int arg)
{
  sema_down(&s);
  MUST(++inside <= 2);
  point();
  inside--;
  sema_up(&s);
}

static void
sema_count(void)
{
  inside = 0;
  sema_init(&s, "s", 2);
  fiber(two_at_most, 0);
  fiber(two_at_most, 1);
  fiber(two_at_most, 2);
}

// One at a time; who goes down again may come before the one who was woken.
static void
again(int arg)
{
  for (int i = 0; i < 2; i++) {
    sema_down(&s);
    MUST(++inside == 1);
    point();
    inside--;
    sema_up(&s);
  }
}

static void
sema_again(void)
{
  inside = 0;
  sema_init(&s, "s", 1);
  fiber(again, 0);
  fiber(again, 1);
}

static void
alone(int arg)
{
  MUST(s.count == 3);
  for (int i = 0; i < 3; i++)
    sema_down(&s);
  for (int i = 0; i < 2; i++)
    sema_up(&s);
  for (int i = 0; i < 2; i++)
    sema_down(&s);
  MUST(s.count == 0);
}

static void
sema_alone(void)
{
  sema_init(&s, "s", 3);
  fiber(alone, 0);
}

static void
downs(int arg)
{
  sema_down(&s);
  MUST(++tokens <= given);
}

static void
ups(int n)
{
  for (int i = 0; i < n; i++) {
    given++;
    sema_up(&s);
  }
}

static void
sema_wakes(void)
{
  tokens = given = 0;
  sema_init(&s, "s", 0);
  fiber(downs, 0);
  fiber(downs, 1);
  fiber(ups, 2);
}

// Nobody goes down who was not given one, and who waits sleeps.
static void
gives(int arg)
{
  for (int i = 0; i < 100 && !(fiber_asleep(1) && fiber_asleep(2)); i++)
    proc_yield();
  MUST(fiber_asleep(1) && fiber_asleep(2) && tokens == 0);
  given++;
  sema_up(&s);
  for (int i = 0; i < 20; i++)
    proc_yield();
  MUST(tokens == 1);
  given++;
  sema_up(&s);
}

static void
sema_sleeps(void)
{
  tokens = given = 0;
  sema_init(&s, "s", 0);
  fiber(gives, 0);
  fiber(downs, 1);
  fiber(downs, 2);
}

// ---- the condition variable
// -------------------------------------------------------

static void
consumer(int arg)
{
  mutex_lock(&m);
  while (tokens == 0) {
    cond_wait(&c, &m);
    MUST(mutex_held(&m));
    MUST(++inside == 1);
    point();
    inside--;
  }
  tokens--;
  got++;
  mutex_unlock(&m);
}

static void
producer(int n)
{
  for (int i = 0; i < n; i++) {
    mutex_lock(&m);
    MUST(++inside == 1);
    tokens++;
    inside--;
    cond_signal(&c);
    mutex_unlock(&m);
  }
}

static void
announcer(int n)
{
  mutex_lock(&m);
  tokens += n;
  mutex_unlock(&m);
  cond_broadcast(&c); // not under the mutex: that is allowed
}

static void
prepare(void)
{
  inside = tokens = got = 0;
  mutex_init(&m, "m");
  cond_init(&c, "c");
}

static void
cond_signals(void)
{
  prepare();
  fiber(consumer, 0);
  fiber(producer, 1);
}

static void
cond_twice(void)
{
  prepare();
  fiber(consumer, 0);
  fiber(producer, 2);
  fiber(consumer, 0);
}

static void
cond_all(void)
{
  prepare();
  fiber(consumer, 0);
  fiber(announcer, 2);
  fiber(consumer, 0);
}

// A signal wakes one, not all; and one that nobody waits for is gone.
static void
counts(int arg)
{
  mutex_lock(&m);
  cond_signal(&c);
  mutex_unlock(&m);
  for (int i = 0; i < 100 && !(fiber_asleep(1) && fiber_asleep(2)); i++)
    proc_yield();
  MUST(fiber_asleep(1) && fiber_asleep(2));
  mutex_lock(&m);
  cond_signal(&c);
  MUST(fiber_asleep(1) != fiber_asleep(2));
  tokens = 2;
  cond_signal(&c);
  mutex_unlock(&m);
}

static void
cond_one(void)
{
  prepare();
  fiber(counts, 0);
  fiber(consumer, 1);
  fiber(consumer, 2);
}

const struct scene scenes[] = {
  { "sema-count", sema_count },   { "sema-alone", sema_alone },
  { "sema-again", sema_again },   { "sema-wakes", sema_wakes },
  { "sema-sleeps", sema_sleeps }, { "cond-signals", cond_signals },
  { "cond-twice", cond_twice },   { "cond-all", cond_all },
  { "cond-one", cond_one },       { 0, 0 },
};
