// explore.c SCENE STOPS - run a scene in all orders of its fibers' steps in
// which fibers are stopped at most STOPS times where they could go on.
//
// Depth first: a run is a list of choices; the next run repeats it up to the
// last choice that has another way to go, and goes that way. Tells "ok" with
// the number of runs, or "lost" with what is wrong.

#include "tests/labs/sleep/explore.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "kernel/proc/proc.h"

#define STACK    (64 << 10)
#define MOSTSTEP 4000    // in a run: more is a loop that waits for others
#define MOSTRUN  2000000 // in all
#define EVENTS   200

enum state { NONE, READY, ASLEEP, DONE };

struct proc {
  struct link waiting; // first
  ucontext_t context;
  enum state state;
  struct spinlock *wants; // waits for this spinlock
  struct spinlock *guard; // of the queue that it sleeps on
  const char *queue;
  void (*fn)(int);
  int arg;
  char *stack;
};

static struct proc fibers[FIBERS], *now;
static int nfiber;
static ucontext_t back;
static unsigned char choice[MOSTSTEP], options[MOSTSTEP];
static int depth, steps, stops, most_stops;
static char events[EVENTS][80]; // what happened in this run
static int nevent;

// ---- what is wrong
// -----------------------------------------------------------

static void __attribute__((format(printf, 1, 2))) event(const char *format, ...)
{
  va_list args;
  char *to = events[nevent++ % EVENTS];
  int n = snprintf(to, 80, "fiber %d: ", now ? (int)(now - fibers) : -1);

  va_start(args, format);
  vsnprintf(to + n, 80 - n, format, args);
  va_end(args);
}

static const char *verdict; // key for lab_tell

void
lost(const char *format, ...)
{
  char text[400];
  va_list args;

  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  for (int i = nevent > EVENTS ? nevent - EVENTS : 0; i < nevent; i++)
    printf("%s\n", events[i % EVENTS]);
  printf("%s\n", text);
  lab_tell(verdict, "%s", text);
  lab_tell("end", "0");
  fflush(stdout);
  _exit(0);
}

void
panic(const char *format, ...)
{
  char text[300];
  va_list args;

  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  lost("panic: %s", text);
}

// ---- who runs
// ----------------------------------------------------------------

static bool
can_run(const struct proc *p)
{
  return p->state == READY && (p->wants == 0 || !p->wants->locked);
}

static void
say_who_waits(void)
{
  char text[300] = "";
  size_t n = 0;

  for (int i = 0; i < nfiber; i++)
    if (fibers[i].state == ASLEEP)
      n += snprintf(text + n, sizeof(text) - n, ", fiber %d sleeps on %s", i,
                    fibers[i].queue);
    else if (fibers[i].state == READY)
      n += snprintf(text + n, sizeof(text) - n, ", fiber %d wants spinlock %s",
                    i, fibers[i].wants->name);
  lost("nobody can run%s", text);
}

static unsigned
choose(unsigned n)
{
  if (steps == MOSTSTEP)
    lost("no end: somebody asks again and again instead of sleeping");
  if (steps >= depth) {
    choice[steps] = 0;
    depth = steps + 1;
  }
  options[steps] = n;
  return choice[steps++];
}

// Let another have the hart: now itself, if it can go on, is the first choice.
static void
give_up(bool may_stay)
{
  struct proc *could[FIBERS], *me = now;
  unsigned n = 0;

  if (may_stay)
    could[n++] = me;
  if (!may_stay || stops < most_stops)
    for (int i = 1; i <= nfiber; i++) {
      struct proc *p = &fibers[(me - fibers + i) % nfiber];

      if (can_run(p) && !(may_stay && p == me))
        could[n++] = p;
    }
  if (n == 0)
    say_who_waits();
  now = could[choose(n)];
  if (may_stay && now != me)
    stops++;
  if (now != me)
    swapcontext(&me->context, &now->context);
}

void
point(void)
{
  if (now)
    give_up(true);
}

// Always the next one, so that who asks again and again keeps nobody from
// running.
void
proc_yield(void)
{
  struct proc *me = now;

  event("yields");
  if (++steps == MOSTSTEP)
    lost("no end: somebody asks again and again instead of sleeping");
  choice[steps - 1] = 0;
  options[steps - 1] = 1;
  if (steps > depth)
    depth = steps;
  for (int i = 1; i < nfiber; i++) {
    struct proc *p = &fibers[(me - fibers + i) % nfiber];

    if (can_run(p)) {
      now = p;
      swapcontext(&me->context, &p->context);
      return;
    }
  }
}

struct proc *
running(void)
{
  return now;
}

bool
fiber_asleep(int i)
{
  return fibers[i].state == ASLEEP;
}

// ---- the kernel that the student's files stand on
// ------------------------------

void
spin_init(struct spinlock *l, const char *name)
{
  *l = (struct spinlock)SPINLOCK_INIT(name);
}

bool
holding(const struct spinlock *l)
{
  return l->locked && l->holder == (struct hart *)now;
}

static void
take(struct spinlock *l)
{
  now->wants = l;
  if (l->locked)
    give_up(false);
  now->wants = 0;
  l->locked = 1;
  l->holder = (struct hart *)now;
}

void
acquire(struct spinlock *l)
{
  point();
  if (holding(l))
    lost("a fiber takes spinlock %s twice", l->name);
  take(l);
  event("has spinlock %s", l->name);
}

bool
try_acquire(struct spinlock *l)
{
  point();
  if (l->locked)
    return false;
  take(l);
  return true;
}

void
release(struct spinlock *l)
{
  if (!holding(l))
    lost("a fiber lets spinlock %s go and does not hold it", l->name);
  event("lets spinlock %s go", l->name);
  l->locked = 0;
  point();
}

int
wait_on(struct waitq *q, struct spinlock *lock, enum wait_how how)
{
  struct proc *p = now;

  if (!holding(lock))
    lost("a sleep on %s without the lock", q->name);
  event("sleeps on %s", q->name);
  ring_append(&q->sleepers, &p->waiting);
  p->state = ASLEEP;
  p->guard = lock;
  p->queue = q->name;
  lock->locked = 0;
  give_up(false);
  acquire(lock);
  return 0;
}

int
wait_until(struct waitq *q, struct spinlock *lock, enum wait_how how,
           uint64_t deadline)
{
  return wait_on(q, lock, how); // no time passes here
}

bool
wake_one(struct waitq *q)
{
  struct proc *p = (struct proc *)q->sleepers.next;

  if (ring_empty(&q->sleepers)) {
    event("wakes nobody on %s", q->name);
    return false;
  }
  if (!holding(p->guard))
    lost("a wake-up on %s without the lock", q->name);
  event("wakes fiber %d on %s", (int)(p - fibers), q->name);
  ring_remove(&p->waiting);
  p->state = READY;
  return true;
}

void
wake_all(struct waitq *q)
{
  while (wake_one(q))
    ;
}

// ---- runs
// ----------------------------------------------------------------------

static void
fiber_main(void)
{
  now->fn(now->arg);
  now->state = DONE;
  for (int i = 0; i < nfiber; i++)
    if (fibers[i].state != DONE) {
      give_up(false);
      abort();
    }
  setcontext(&back);
}

void
fiber(void (*fn)(int), int arg)
{
  struct proc *p = &fibers[nfiber++];
  char *stack = p->stack ? p->stack : malloc(STACK);

  *p = (struct proc){ .state = READY, .fn = fn, .arg = arg, .stack = stack };
  ring_init(&p->waiting);
  getcontext(&p->context);
  p->context.uc_stack.ss_sp = stack;
  p->context.uc_stack.ss_size = STACK;
  makecontext(&p->context, fiber_main, 0);
}

static void
one_run(const struct scene *s)
{
  nfiber = steps = stops = nevent = 0;
  now = 0;
  s->begin();
  now = &fibers[0];
  swapcontext(&back, &now->context);
  now = 0;
}

// The next list of choices. False: that was the last.
static bool
another(void)
{
  depth = steps;
  while (depth > 0 && choice[depth - 1] + 1 >= options[depth - 1])
    depth--;
  if (depth == 0)
    return false;
  choice[depth - 1]++;
  return true;
}

// An access to memory at `at`.
void
touched(void *at)
{
  if (now && ((char *)at < now->stack || (char *)at >= now->stack + STACK))
    point();
}

void
lab_main(int argc, char **argv)
{
  const struct scene *s = scenes;
  long runs = 0;

  while (argc == 3 && s->name && strcmp(s->name, argv[1]) != 0)
    s++;
  if (argc != 3 || s->name == 0) {
    fprintf(stderr, "usage: SCENE STOPS\n");
    exit(2);
  }
  verdict = s->name;
  most_stops = atoi(argv[2]);
  do
    one_run(s);
  while (++runs < MOSTRUN && another());
  lab_tell("runs", "%ld", runs);
  lab_tell(s->name, "ok");
}
