// locks.c - who holds which locks, since when, and from where.
//
// A hart's spinlocks are kept in an array of its own. A process's mutexes are
// kept at the far end of its kernel stack, since they go with it from hart to
// hart.

#include "kernel/debug/check.h"
#include "kernel/debug/order.h"
#include "kernel/dev/clock.h"
#include "kernel/dev/console.h"
#include "kernel/lib/print.h"
#include "kernel/lib/symbols.h"
#include "kernel/proc/hart.h"
#include "kernel/proc/wait.h"
#include "sched/sched.h"

#define MAXHELD   16
#define MAXMUTEX  6
#define LONG_WORK 1000000 // basic blocks, that nobody should hold a lock for
#define LONG_WAIT SEC(10) // that nobody should wait for a lock

struct hart_held {
  int n;
  struct held a[MAXHELD];
} __attribute__((aligned(64)));

#define MUTEXES_READY 0x4d757465786573

struct stack_held {
  uint64_t ready; // MUTEXES_READY, or this stack held none yet
  int n;
  struct held a[MAXMUTEX];
};

static struct hart_held spins[MAXHART];
static bool ending;

// (guess) The longest that any lock was held, for debug_longest().
static struct held longest;

extern char text_start[], text_end[]; // kernel.ld
extern struct {
  uint64_t n;
} __attribute__((aligned(64))) debug_counts[]; // count.S

// ---- places ----------------------------------------------------------------

// Kernels with DEBUG=1 keep frame pointers: s0 is the end of a function's
// frame, the return address lies below it, then the caller's s0.
void
place_from(struct place *p, uint64_t *frame)
{
  uint64_t low = (uint64_t)frame;
  int n = 0;

  *p = (struct place){ 0 };
  while (n < CALLERS && (uint64_t)frame % 8 == 0 && (uint64_t)frame >= low &&
         (((uint64_t)frame - 1) ^ (low - 1)) >> KSTACK_SHIFT == 0) {
    uint64_t pc = frame[-1];

    if (pc < (uint64_t)text_start || pc >= (uint64_t)text_end)
      return;
    p->pc[n++] = pc;
    low = (uint64_t)frame;
    frame = (uint64_t *)frame[-2];
  }
}

void
place_print(const char *what, const struct place *p)
{
  kprintf("  %s%sby", what, *what ? " " : "");
  for (int i = 0; i < CALLERS && p->pc[i]; i++) {
    uint64_t offset;
    const char *name = symbol_of(p->pc[i] - 1, &offset);

    kprintf("%s %s+0x%lx", i ? " <-" : "", name, offset + 1);
  }
  kprintf("\n");
}

static void
held_print(const struct held *h)
{
  kprintf("\"%s\" is held, taken\n", order_name(h->class));
  place_print("", &h->place);
}

void
debug_ending(void)
{
  ending = true;
}

void
debug_report(void)
{
  ending = true;
  console_panic(); // its lock may be among those that are stuck
}

// ---- work ------------------------------------------------------------------

uint64_t
debug_work(void)
{
  return debug_counts[this_hart()->index].n;
}

void
debug_work_back(uint64_t to)
{
  debug_counts[this_hart()->index].n = to;
}

static void
check_hold(const struct held *h)
{
  // Others' late increments may have moved the count: see count.S.
  int64_t work = debug_work() - h->work;

  if (work > (int64_t)longest.work) {
    longest = *h;
    longest.work = work;
  }
  if (work <= LONG_WORK)
    return;
  debug_report();
  held_print(h);
  panic("lock held too long: \"%s\", for %ld basic blocks",
        order_name(h->class), work);
}

void
debug_longest(void)
{
  struct held h = longest; // the console's lock may come to be longer

  kprintf("longest hold of a spinlock: \"%s\", %ld basic blocks, taken\n",
          order_name(h.class), h.work);
  place_print("", &h.place);
}

// ---- spinlocks -------------------------------------------------------------

static int
class_of(struct spinlock *l)
{
  if (l->class == 0)
    l->class = order_class(l->name, false);
  return l->class;
}

void
debug_spin_wanted(struct spinlock *l)
{
  const struct hart_held *s = &spins[this_hart()->index];

  if (ending)
    return;
  for (int i = 0; i < s->n; i++)
    order_check(&s->a[i], class_of(l));
}

void
debug_spin_taken(struct spinlock *l)
{
  struct hart_held *s = &spins[this_hart()->index];
  struct held *h = &s->a[s->n];

  if (ending)
    return;
  CHECK(s->n < MAXHELD);
  s->n++;
  h->lock = l;
  h->class = class_of(l);
  h->work = debug_work();
  place_here(&h->place);
}

void
debug_spin_dropped(struct spinlock *l)
{
  struct hart_held *s = &spins[this_hart()->index];
  int i = s->n - 1;

  if (ending)
    return;
  while (i >= 0 && s->a[i].lock != l)
    i--;
  if (i < 0) {
    debug_report();
    panic("lock \"%s\" is let go by a hart that does not hold it", l->name);
  }
  check_hold(&s->a[i]);
  s->n--;
  for (; i < s->n; i++)
    s->a[i] = s->a[i + 1];
}

void
debug_spin_waiting(const struct spinlock *l, uint64_t *since)
{
  nsec now = clock_ns();

  if (*since == 0)
    *since = now;
  if (ending || now - *since < LONG_WAIT)
    return;
  debug_report();
  for (int i = 0; i < nhart; i++)
    for (int k = 0; k < spins[i].n; k++) {
      kprintf("hart %d: ", i);
      held_print(&spins[i].a[k]);
    }
  panic("lock \"%s\" was waited for for %ld s", l->name, LONG_WAIT / SEC(1));
}

// ---- mutexes ---------------------------------------------------------------

static struct stack_held *
mutexes(void)
{
  uint64_t sp = (uint64_t)__builtin_frame_address(0);
  struct stack_held *s = (void *)(sp & ~(KSTACK_SIZE - 1UL));

  if (s->ready != MUTEXES_READY) {
    s->ready = MUTEXES_READY;
    s->n = 0;
  }
  return s;
}

void
debug_mutex_wanted(const struct mutex *m)
{
  const struct stack_held *s = mutexes();

  debug_may_sleep(0);
  for (int i = 0; i < s->n && !ending; i++)
    order_check(&s->a[i], order_class(m->waiters.name, true));
}

void
debug_mutex_taken(const struct mutex *m)
{
  struct stack_held *s = mutexes();

  CHECK(s->n < MAXMUTEX);
  s->a[s->n].lock = m;
  s->a[s->n].class = order_class(m->waiters.name, true);
  place_here(&s->a[s->n++].place);
}

void
debug_mutex_dropped(const struct mutex *m)
{
  struct stack_held *s = mutexes();
  int i = s->n - 1;

  while (i >= 0 && s->a[i].lock != m)
    i--;
  CHECK(i >= 0);
  s->n--;
  for (; i < s->n; i++)
    s->a[i] = s->a[i + 1];
}

void
debug_no_mutex(void)
{
  const struct stack_held *s = mutexes();

  for (int i = 0; i < s->n; i++)
    held_print(&s->a[i]);
  if (s->n > 0)
    panic("a process ends with a mutex held");
}

// ---- sleep -----------------------------------------------------------------

void
debug_may_sleep(int locks)
{
  const struct hart_held *s;
  int n;

  irq_hold(); // or this may go on on another hart
  s = &spins[this_hart()->index];
  n = s->n;
  if (n > locks && !ending) {
    debug_report();
    for (int i = 0; i < n; i++)
      held_print(&s->a[i]);
    panic("sleep with a spinlock: %d held, %d allowed", n, locks);
  }
  irq_allow();
}
