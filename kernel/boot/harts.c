// harts.c - the harts: numbered from 0, the boot hart first, and started by
// SBI HSM, each on the stack of its idle process.

#include "kernel/boot/boot.h"
#include "kernel/boot/fdt.h"
#include "kernel/dev/clock.h"
#include "kernel/dev/plic.h"
#include "kernel/dev/sbi.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"

#define IRQ_S_EXTERNAL 9

static uint16_t
plic_context_of(uint32_t intc)
{
  for (int i = 0; i < machine.nplic_context; i++)
    if (machine.plic_context[i].intc == intc &&
        machine.plic_context[i].cause == IRQ_S_EXTERNAL)
      return i;
  return 0xffff;
}

void
harts_number(uint64_t boot_id)
{
  bool boot_found = false;
  int n = 1;

  for (int i = 0; i < machine.ncpu; i++) {
    bool boots = machine.cpu[i].id == boot_id;
    struct hart *h;

    if (!boots && n == MAXHART)
      continue;
    h = &harts[boots ? 0 : n++];
    h->index = h - harts;
    h->id = machine.cpu[i].id;
    h->sstc = machine.cpu[i].sstc;
    h->plic_context = plic_context_of(machine.cpu[i].intc);
    boot_found |= boots;
  }
  nhart = n;
  if (!boot_found)
    panic("hart %ld boots, but the device tree does not name it", boot_id);
  if (machine.ncpu_left_out)
    kprintf("%d harts are not used: this kernel takes %d\n",
            machine.ncpu_left_out, MAXHART);
}

static void
give_idle(struct hart *h)
{
  struct proc *p = proc_bare("idle");

  CHECK(p != 0);
  p->task.state = TASK_RUNNING;
  h->idle = h->proc = p;
  h->ksp = p->kstack;
}

#define PATIENCE SEC(1)

// Tasks would wait for ever for a hart that does not come up, so say so.
static void
await(const struct hart *h)
{
  nsec limit = clock_ns() + PATIENCE;

  while (!__atomic_load_n(&h->started, __ATOMIC_ACQUIRE))
    if (clock_ns() > limit)
      panic("hart %d (id %ld) was started and does not come up", h->index,
            h->id);
}

void
harts_start(void)
{
  give_idle(&harts[0]);
  plic_init_hart(&harts[0]);
  harts[0].changed = clock_ns();
  harts[0].started = true;
  for (int i = 1; i < nhart; i++) {
    struct hart *h = &harts[i];
    int64_t error;

    give_idle(h);
    error = sbi_hart_start(h->id, pa_of(hart_start), (uint64_t)h);
    if (error)
      panic("hart %d (id %ld) does not start: SBI error %ld", i, h->id, error);
  }
  for (int i = 1; i < nhart; i++)
    await(&harts[i]);
}
