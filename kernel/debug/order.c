// order.c - the order of locks, learnt by watching.
//
// Whenever a lock is waited for while another is held, the two classes become
// an arrow of a graph, with the two places. If an arrow would close a circle,
// there is a timing in which harts wait for each other for ever; it is
// reported at once, though this time it may have gone well.
//
// Locks of one class have no order among themselves: two spinlocks of one
// class at once are reported too. Two mutexes of one class are not, since a
// folder's comes before that of what lies in it.

#include "kernel/debug/check.h"
#include "kernel/debug/order.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/proc/hart.h"

#define MAXCLASS 64
#define MAXARROW 512

struct class {
  const char *name;
  bool sleeping;
};

struct arrow {
  struct place held, wanted; // as it was first seen
};

static struct class classes[MAXCLASS]; // (busy) 0 is none
static int nclass = 1;                 // (busy)
static struct arrow arrows[MAXARROW];  // (busy) 0 is none
static int narrow = 1;                 // (busy)
static uint16_t graph[MAXCLASS][MAXCLASS]; // the arrow; never changed back
static int busy; // a lock that is not itself watched; interrupts off

static void
enter(void)
{
  irq_hold();
  while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
    ;
}

static void
leave(void)
{
  __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
  irq_allow();
}

const char *
order_name(int class)
{
  return classes[class].name;
}

static int
find_or_add(const char *name, bool sleeping)
{
  for (int i = 1; i < nclass; i++)
    if (classes[i].sleeping == sleeping && strcmp(classes[i].name, name) == 0)
      return i;
  CHECK(nclass < MAXCLASS);
  classes[nclass] = (struct class){ name, sleeping };
  return nclass++;
}

// Can b be reached from a by arrows? If so, print the way, last arrow first.
// seen: a bit for each class that was tried.
static bool
find_way(int a, int b, uint64_t *seen)
{
  *seen |= 1UL << a;
  for (int c = 1; c < nclass; c++) {
    const struct arrow *w = &arrows[graph[a][c]];

    if (graph[a][c] == 0 || (c != b && *seen >> c & 1))
      continue;
    if (c != b && !find_way(c, b, seen))
      continue;
    debug_report();
    kprintf("earlier \"%s\" was waited for with \"%s\" held:\n",
            order_name(c), order_name(a));
    place_print("held", &w->held);
    place_print("wanted", &w->wanted);
    return true;
  }
  return false;
}

static void
add_arrow(const struct held *h, int to)
{
  struct arrow *w = &arrows[narrow];
  uint64_t seen = 0;

  CHECK(narrow < MAXARROW);
  w->held = h->place;
  place_here(&w->wanted);
  if (h->class == to || find_way(to, h->class, &seen)) {
    debug_report();
    kprintf("now \"%s\" is wanted with \"%s\" held:\n", order_name(to),
            order_name(h->class));
    place_print("held", &w->held);
    place_print("wanted", &w->wanted);
    panic("lock order: \"%s\" with \"%s\" held", order_name(to),
          order_name(h->class));
  }
  __atomic_store_n(&graph[h->class][to], narrow++, __ATOMIC_RELEASE);
}

int
order_class(const char *name, bool sleeping)
{
  int class;

  enter();
  class = find_or_add(name, sleeping);
  leave();
  return class;
}

void
order_check(const struct held *h, int to)
{
  if (__atomic_load_n(&graph[h->class][to], __ATOMIC_ACQUIRE) ||
      (h->class == to && classes[to].sleeping))
    return;
  enter();
  if (graph[h->class][to] == 0)
    add_arrow(h, to);
  leave();
}
