// kstack.c - kernel stacks.
//
// A slot is twice a stack's size, and aligned to its own size; the stack is
// its upper half and the lower half is never mapped. So a stack pointer that
// has left its stack has a 0 where bit KSTACK_SHIFT should be 1, which the
// trap entry tests. A slot, once mapped, is used again and never unmapped.

#include "kernel/debug/check.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/lock.h"
#include "kernel/lib/print.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/pte.h"
#include "kernel/peach.h"
#include "kernel/proc/hart.h"
#include "kernel/trap/frame.h"

#define SLOT    (2UL * KSTACK_SIZE)
#define MAXSLOT ((1UL << LEVEL_SHIFT(2)) / SLOT)

static struct spinlock lock = SPINLOCK_INIT("kstack");
static uint64_t *directory; // (lock) the middle table of the region
static uint64_t nslot;      // (lock) slots mapped so far
static uint64_t nfree;      // (lock) of them
static uint64_t ntable;     // (lock) page tables
static uint64_t free_top;   // (lock) a list through the tops of free ones

void
kstack_init(void)
{
  directory = boot_alloc(PGSIZE);
  kernel_root[pte_index(KSTACK_MAP, 2)] = pa_of(directory) >> 12 << 10 | PTE_V;
}

// The entry of a page in the region; 0 if there is no memory for a table.
static uint64_t *
entry(uint64_t va)
{
  uint64_t *e = &directory[pte_index(va, 1)];

  if (*e == 0) {
    void *table;

    if (mm_reserve_kernel(1) < 0)
      return 0;
    table = page_alloc_zero();
    if (table == 0) {
      mm_unreserve_kernel(1);
      return 0;
    }
    *e = pa_of(table) >> 12 << 10 | PTE_V;
    ntable++;
  }
  return (uint64_t *)pte_page(*e) + pte_index(va, 0);
}

static bool
map_stack(uint64_t base)
{
  for (int i = 0; i < KSTACK_SIZE / PGSIZE; i++) {
    uint64_t *e = entry(base + i * PGSIZE);
    void *page = e ? page_alloc() : 0;

    if (page == 0) {
      while (i-- > 0) {
        e = entry(base + i * PGSIZE);
        page_free(pte_page(*e));
        *e = 0;
      }
      return false;
    }
    *e = pte_make(page, PTE_R | PTE_W | PTE_G);
  }
  return true;
}

static uint64_t
new_slot(void)
{
  uint64_t top = KSTACK_MAP + (nslot + 1) * SLOT;

  if (nslot == MAXSLOT || mm_reserve_kernel(KSTACK_SIZE / PGSIZE) < 0)
    return 0;
  if (!map_stack(top - KSTACK_SIZE)) {
    mm_unreserve_kernel(KSTACK_SIZE / PGSIZE);
    return 0;
  }
  nslot++;
  return top;
}

// This hart is about to use stacks mapped up to gen. Interrupts off.
void
kstack_seen(uint64_t gen)
{
  struct hart *h = this_hart();

  if (h->kstack_gen >= gen)
    return;
  fence_all();
  h->kstack_gen = gen;
}

// Nobody has run on this stack since it was freed.
static void
check_stack(uint64_t top)
{
  debug_intact((void *)(top - KSTACK_SIZE), KSTACK_SIZE - sizeof(uint64_t),
               POISON, "kernel stack");
}

uint64_t
kstack_alloc(uint64_t *gen)
{
  uint64_t top;

  acquire(&lock);
  top = free_top;
  kstack_seen(nslot);
  if (top) {
    free_top = *((uint64_t *)top - 1);
    if (DEBUG)
      check_stack(top);
    nfree--;
  } else {
    top = new_slot();
  }
  *gen = nslot;
  kstack_seen(nslot);
  release(&lock);
  return top;
}

void
kstack_free(uint64_t top)
{
  acquire(&lock);
  kstack_seen(nslot);
  if (DEBUG)
    debug_poison((void *)(top - KSTACK_SIZE), KSTACK_SIZE);
  *((uint64_t *)top - 1) = free_top;
  free_top = top;
  nfree++;
  release(&lock);
}

void
kstack_info(struct cacheinfo *info)
{
  acquire(&lock);
  *info = (struct cacheinfo){
    .name = "stack",
    .size = KSTACK_SIZE,
    .used = nslot - nfree,
    .pages = nslot * (KSTACK_SIZE / PGSIZE) + ntable,
  };
  release(&lock);
}
