// kmap.c - the kernel's half of every address space.
//
// RAM is mapped by the largest pages that fit, and by 4 KiB pages where the
// rights change inside a large one: text R-X, read-only data R--, all else
// RW-. There is one view of each page. The root's upper entries are complete
// before the first process, and are copied into each process's root.

#include "kernel/mm/kmap.h"

#include "kernel/lib/csr.h"
#include "kernel/lib/print.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/pte.h"
#include "kernel/proc/hart.h"

// kernel.ld
extern char text_start[], text_end[], rodata_end[];

uint64_t *kernel_root;
uint64_t kernel_satp;

#define KERNEL_RW (PTE_R | PTE_W | PTE_G)
#define KERNEL_RX (PTE_R | PTE_X | PTE_G)
#define KERNEL_RO (PTE_R | PTE_G)

// The entry for va at the given level, tables made as needed.
static uint64_t *
entry(uint64_t va, int level)
{
  uint64_t *table = kernel_root;

  for (int l = 2; l > level; l--) {
    uint64_t *e = &table[pte_index(va, l)];

    CHECK((*e & PTE_V) == 0 || (*e & (PTE_R | PTE_X)) == 0);
    if (*e == 0)
      *e = pa_of(boot_alloc(PGSIZE)) >> 12 << 10 | PTE_V;
    table = pte_page(*e);
  }
  return &table[pte_index(va, level)];
}

static void
map(uint64_t va, uint64_t end, uint64_t flags)
{
  while (va < end) {
    int level = 2;
    uint64_t size;

    for (; level > 0; level--) {
      size = 1UL << LEVEL_SHIFT(level);
      if ((va & (size - 1)) == 0 && end - va >= size)
        break;
    }
    *entry(va, level) = pte_make((void *)va, flags);
    va += 1UL << LEVEL_SHIFT(level);
  }
}

void
kmap_init(void)
{
  kernel_root = boot_alloc(PGSIZE);
  kernel_satp = SATP_SV39 | pa_of(kernel_root) >> 12;
  map((uint64_t)text_start, (uint64_t)text_end, KERNEL_RX);
  map((uint64_t)text_end, (uint64_t)rodata_end, KERNEL_RO);
  kstack_init();
}

// RAM, but not again the part where kmap_init's rights hold.
void
kmap_ram(uint64_t start, uint64_t end)
{
  uint64_t first = start + DIRECT_MAP, last = end + DIRECT_MAP;
  uint64_t from = (uint64_t)text_start, to = (uint64_t)rodata_end;

  if (last <= from || first >= to) {
    map(first, last, KERNEL_RW);
    return;
  }
  map(first, from, KERNEL_RW);
  map(to, last, KERNEL_RW);
}

void *
kmap_device(uint64_t pa, uint64_t size)
{
  uint64_t va = ROUND_DOWN(pa, PGSIZE) + DIRECT_MAP;
  uint64_t end = ROUND_UP(pa + size, PGSIZE) + DIRECT_MAP;

  for (; va < end; va += PGSIZE) {
    uint64_t *e = entry(va, 0);

    if (*e == 0)
      *e = pte_make((void *)va, KERNEL_RW);
  }
  return kva_of(pa);
}

// No entry lets write what may be executed, none is the user's, and what is
// mapped read-only has no second, writable view.
static void
check_table(const uint64_t *table, int level)
{
  uint64_t from = (uint64_t)text_start, to = (uint64_t)rodata_end;

  for (int i = 0; i < PTES; i++) {
    uint64_t pte = table[i], frame = (uint64_t)pte_page(pte);

    if (pte == 0)
      continue;
    if ((pte & (PTE_R | PTE_W | PTE_X)) == 0) {
      CHECK(level > 0);
      check_table(pte_page(pte), level - 1);
      continue;
    }
    CHECK((pte & PTE_U) == 0);
    if (pte & PTE_W) {
      CHECK((pte & PTE_X) == 0);
      CHECK(frame >= to || frame + (1UL << LEVEL_SHIFT(level)) <= from);
    }
  }
}

void
kmap_check(void)
{
  check_table(kernel_root, 2);
}

void
kmap_use(void)
{
  csr_write(satp, kernel_satp);
  fence_all();
  this_hart()->satp = kernel_satp;
}
