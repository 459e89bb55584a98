// failed.c - allocations that fail because a test wants it: failalloc(). Where
// they were is kept, so that it can see that it comes by all places.

#include "kernel/debug/check.h"
#include "kernel/debug/order.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/page.h"
#include "kernel/proc/proc.h"

#define MOST 500 // ways to get to an allocation

static struct place failed[MOST];
static int nfailed;
static int nthread; // allocations by kernel threads

static void
keep(const struct place *p)
{
  int n = __atomic_load_n(&nfailed, __ATOMIC_ACQUIRE);

  for (int i = 0; i < n && i < MOST; i++)
    if (memcmp(&failed[i], p, sizeof(*p)) == 0)
      return;
  n = __atomic_fetch_add(&nfailed, 1, __ATOMIC_ACQ_REL);
  CHECK(n < MOST);
  failed[n] = *p;
}

bool
alloc_test(void)
{
  struct proc *p = running();
  struct place place;

  if (p && p->space == 0 && p->pid > 1)
    __atomic_fetch_add(&nthread, 1, __ATOMIC_RELAXED);
  if (p == 0 || p->fail_alloc == 0 || --p->fail_alloc > 0)
    return false;
  place_here(&place);
  keep(&place);
  return true;
}

void
debug_failed_print(void)
{
  kprintf("allocations by kernel threads: %d\n", nthread);
  for (int i = 0; i < nfailed; i++) {
    kprintf("failed:");
    for (int k = 0; k < CALLERS && failed[i].pc[k]; k++)
      kprintf(" %lx", failed[i].pc[k]);
    kprintf("\n");
  }
}
