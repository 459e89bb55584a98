// tlb.c - which address space a hart runs, and what its TLB may still hold.
//
// Address space ids are handed out in order. When they are used up, a new
// generation begins: each hart flushes all when it next switches, and each
// space gets a new id when it next runs. (RISC-V privileged architecture,
// 4.2.1 and 4.1.11.)

#include "kernel/lib/csr.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/space.h"
#include "kernel/mm/space_private.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/tlb.h"
#include "kernel/proc/hart.h"

static struct spinlock lock = SPINLOCK_INIT("asid");
uint64_t asid_generation = 1;  // (lock to change)
static uint64_t next_asid = 1; // (lock) 0 is the kernel's own
static uint64_t nasid;         // ids that the harts have; 0: not known yet

// How many ids are there? As many bits as stay when all are written.
static uint64_t
count_asids(void)
{
  uint64_t satp = csr_read(satp), kept;

  csr_write(satp, satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
  kept = csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK;
  csr_write(satp, satp);
  fence_all();
  return kept + 1;
}

static void
assign(struct space *s)
{
  acquire(&lock);
  if (nasid == 0)
    nasid = count_asids();
  if (next_asid >= nasid) {
    __atomic_store_n(&asid_generation, asid_generation + 1, __ATOMIC_RELEASE);
    next_asid = 1;
  }
  s->asid = nasid > 1 ? next_asid++ : 0;
  s->asid_gen = asid_generation;
  s->satp = SATP_SV39 | s->asid << SATP_ASID_SHIFT | pa_of(s->root) >> 12;
  release(&lock);
}

static void
load(struct hart *h, uint64_t satp)
{
  if (h->satp == satp)
    return;
  csr_write(satp, satp);
  h->satp = satp;
}

void
space_use(struct space *s)
{
  struct hart *h = this_hart();
  uint64_t self = 1UL << h->index;

  if (s == 0) {
    load(h, kernel_satp);
    return;
  }
  if (s->asid_gen != __atomic_load_n(&asid_generation, __ATOMIC_ACQUIRE))
    assign(s);
  load(h, s->satp);
  if (h->asid_gen != s->asid_gen || nasid == 1) {
    fence_all();
    h->asid_gen = nasid == 1 ? 0 : s->asid_gen;
  } else if (s->stale_tlb & self) {
    fence_space(s->asid);
  }
  if (s->stale_text & self)
    asm volatile("fence.i" : : : "memory");
  s->stale_tlb &= ~self;
  s->stale_text &= ~self;
  s->stale &= ~self;
}

void
space_fence(struct space *s)
{
  irq_hold();
  fence_space(s->asid);
  space_mark(s);
  irq_allow();
}
