// main.c - the order in which the kernel comes up.
//
// First what lets it report, then memory, then each room in turn; memory that
// is never given back is taken before page_boot_done(). The boot hart does all
// of this alone.

#include "kernel/boot/boot.h"
#include "kernel/boot/fdt.h"
#include "kernel/boot/memmap.h"
#include "kernel/debug/check.h"
#include "kernel/dev/clock.h"
#include "kernel/dev/console.h"
#include "kernel/dev/disk.h"
#include "kernel/dev/plic.h"
#include "kernel/dev/power.h"
#include "kernel/dev/sbi.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/page.h"
#include "kernel/mm/space.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/trace.h"
#include "kernel/trap/frame.h"
#include "kernel/trap/trap.h"

// Of the kernel: the stack, and the objects.
#define PAGES_A_PROCESS (KSTACK_SIZE / PGSIZE + 1)

struct hart harts[MAXHART];
int nhart = 1;

static char emergency_stack[MAXHART][4096] __attribute__((aligned(16)));

static void
become_hart(struct hart *h)
{
  asm volatile("mv tp, %0" : : "r"(h));
  h->emergency = (uint64_t)(emergency_stack + (h - harts) + 1); // its top
  h->timer_at = UINT64_MAX;
  trap_init();
}

static void
devices_init(void)
{
  clock_init(machine.timebase);
  plic_init();
  console_init();
  disk_init();
}

static void
rooms_init(void)
{
  space_init();
  proc_table_init(boot_maxproc);
  timers_init(boot_maxproc);
  alarm_init();
  dispatch_init();
  trace_init();
  fs_init();
}

void
boot_main(uint64_t hart_id, uint64_t tree_pa)
{
  const char *wrong;

  become_hart(&harts[0]);
  wrong = fdt_read(kva_of(tree_pa));
  if (wrong)
    panic("the device tree cannot be read: %s", wrong);
  if (machine.test.size)
    power_set_test_device(kva_of(machine.test.start));
  sbi_check();
  harts_number(hart_id);
  memmap_init(tree_pa);
  memory_init(tree_pa);
  kmap_use();
  cmdline_read(machine.bootargs);
  if (DEBUG)
    debug_guard_set(boot_seed);
  devices_init();
  rooms_init();
  page_boot_done(nhart, boot_maxproc * PAGES_A_PROCESS);
  harts_start();
  first_start();
  if (DEBUG)
    debug_plant_start();
  boot_idle(harts[0].ksp);
}

void
boot_hart_main(void)
{
  struct hart *h = this_hart();

  become_hart(h);
  kmap_use();
  plic_init_hart(h);
  h->changed = clock_ns();
  __atomic_store_n(&h->started, true, __ATOMIC_RELEASE);
  dispatch_loop();
}
