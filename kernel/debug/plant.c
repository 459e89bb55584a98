// plant.c - damage to try the checks with: plant=NAME on the command line of a
// DEBUG=1 kernel makes a kernel thread do it once. Each must be found: a thread
// that gets through says so, and ends the machine with a status of its own.

#include "kernel/debug/check.h"
#include "kernel/dev/clock.h"
#include "kernel/dev/power.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/current.h"
#include "kernel/proc/proc.h"
#include "kernel/proc/queue.h"
#include "kernel/proc/wait.h"

#define NOT_FOUND 3 // the machine's status then

struct damage {
  const char *name;
  void (*make)(void);
};

static struct spinlock first = SPINLOCK_INIT("first");
static struct spinlock second = SPINLOCK_INIT("second");
static struct spinlock third = SPINLOCK_INIT("third");
static struct mutex sleeping, other;
static struct cache *things;
static const struct damage *chosen;
static volatile int sink;
static volatile int none; // 0, which the compiler does not know

// ---- locks -----------------------------------------------------------------

static void
nest(struct spinlock *outer, struct spinlock *inner)
{
  acquire(outer);
  acquire(inner);
  release(inner);
  release(outer);
}

static void
two_locks(void)
{
  nest(&first, &second);
  nest(&second, &first);
}

static void
three_locks(void)
{
  nest(&first, &second);
  nest(&second, &third);
  nest(&third, &first);
}

static void
one_class(void)
{
  static struct spinlock a[2];

  spin_init(&a[0], "twin");
  spin_init(&a[1], "twin");
  nest(&a[0], &a[1]);
}

static void
two_mutexes(void)
{
  mutex_lock(&sleeping);
  mutex_lock(&other);
  mutex_unlock(&sleeping);
  mutex_lock(&sleeping);
}

static void
same_lock(void)
{
  acquire(&first);
  acquire(&first);
}

static void
not_held(void)
{
  acquire(&first);
  release(&second);
}

static void
hold_long(void)
{
  acquire(&first);
  for (int i = none; i < 2000000; i++)
    sink = i;
  release(&first);
}

static void
hold_for_ever(void)
{
  acquire(&first);
  for (;;)
    ;
}

static void
stuck(void)
{
  kthread_start("holder", hold_for_ever);
  while (!__atomic_load_n(&first.locked, __ATOMIC_RELAXED))
    proc_yield();
  acquire(&first);
}

static void
sleep_locked(void)
{
  acquire(&first);
  mutex_lock(&sleeping); // is free, so that no sleep comes of it
}

static void
yield_locked(void)
{
  acquire(&first);
  proc_yield();
}

static void
wait_locked(void)
{
  static struct waitq q = WAITQ_INIT(q, "plant");

  acquire(&first);
  acquire(&second);
  wait_until(&q, &second, WAIT_ALWAYS, clock_ns() + 1);
}

// ---- memory ----------------------------------------------------------------

static void
free_page_twice(void)
{
  void *page = page_alloc();

  page_free(page);
  page_free(page);
}

static void
free_thing_twice(void)
{
  void *kept = cache_alloc(things), *twice = cache_alloc(things);

  cache_free(things, twice);
  cache_free(things, twice);
  cache_free(things, kept);
}

static void
free_half_thing(void)
{
  cache_free(things, (char *)cache_alloc(things) + 32);
}

static void
write_free_page(void)
{
  int *page = page_alloc();

  irq_hold(); // the same page comes back
  page_free(page);
  page[100] = 1;
  page_alloc();
}

static void
write_zero_page(void)
{
  int *page = page_alloc_zero();

  irq_hold();
  page_free_zero(page);
  page[100] = 1;
  page_alloc_zero();
}

static void
write_free_thing(void)
{
  int *thing = cache_alloc(things);

  irq_hold();
  cache_free(things, thing);
  thing[10] = 1;
  cache_alloc(things);
}

static void
write_free_link(void)
{
  uint64_t *thing = cache_alloc(things);

  irq_hold();
  cache_free(things, thing);
  thing[0] = 1;
  cache_alloc(things);
}

static void
write_free_stack(void)
{
  uint64_t gen, top;

  irq_hold();
  top = kstack_alloc(&gen);
  kstack_free(top);
  ((int *)top)[-100] = 1;
  kstack_alloc(&gen);
}

// ---- C ---------------------------------------------------------------------

static void
fill(volatile char *p, int n)
{
  while (n-- > 0)
    *p++ = 'x';
}

static void
overrun(void)
{
  char text[16];

  fill(text, sizeof(text) + 8 + none);
  sink = text[none];
}

static void
overflow(void)
{
  sink = INT32_MAX - none + 1;
}

static void
shift(void)
{
  sink = 1 << (40 + none);
}

static void
outside(void)
{
  static int a[4];

  sink = a[4 + none];
}

static void
misaligned(void)
{
  sink = *(const int *)((const char *)&chosen + 1 + none);
}

static void
null_pointer(void)
{
  sink = ((const struct proc *)(uint64_t)none)->pid;
}

static void
wild_bool(void)
{
  char byte = 2 + none;

  sink = *(volatile bool *)&byte;
}

static void
lost_task(void)
{
  // The lock is not what is tried here.
  queues[0].rq->nready++;
  proc_yield();
}

// ----------------------------------------------------------------------------

static const struct damage damages[] = {
  { "two-locks", two_locks },
  { "three-locks", three_locks },
  { "one-class", one_class },
  { "two-mutexes", two_mutexes },
  { "same-lock", same_lock },
  { "not-held", not_held },
  { "hold-long", hold_long },
  { "stuck", stuck },
  { "sleep-locked", sleep_locked },
  { "yield-locked", yield_locked },
  { "wait-locked", wait_locked },
  { "free-page-twice", free_page_twice },
  { "free-thing-twice", free_thing_twice },
  { "free-half-thing", free_half_thing },
  { "write-free-page", write_free_page },
  { "write-zero-page", write_zero_page },
  { "write-free-thing", write_free_thing },
  { "write-free-link", write_free_link },
  { "write-free-stack", write_free_stack },
  { "overrun", overrun },
  { "overflow", overflow },
  { "shift", shift },
  { "outside", outside },
  { "misaligned", misaligned },
  { "null-pointer", null_pointer },
  { "wild-bool", wild_bool },
  { "lost-task", lost_task },
};

bool
debug_plant(const char *name)
{
  for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
    if (strcmp(name, damages[i].name) == 0)
      chosen = &damages[i];
  if (chosen == 0)
    return false;
  things = cache_create("thing", 64);
  return true;
}

static void
gardener(void)
{
  mutex_init(&sleeping, "sleeping");
  mutex_init(&other, "other");
  chosen->make();
  kprintf("plant=%s was not found\n", chosen->name);
  power_off(NOT_FOUND);
}

void
debug_plant_start(void)
{
  if (chosen)
    kthread_start("gardener", gardener);
}
