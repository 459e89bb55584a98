// memory.c - which RAM is free, and the kernel's map of all of it.
//
// The tree's memory nodes, less what is in use: the firmware and all below
// the kernel, the kernel, the device tree, the initial disk image, and what
// the tree reserves.

#include "kernel/boot/boot.h"
#include "kernel/boot/fdt.h"
#include "kernel/lib/print.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/page.h"

#define MAXHOLE (MAXRANGES + 3)

extern char text_start[], image_end[]; // kernel.ld

static struct span usable[MAXRANGES]; // of machine.ram
static struct span holes[MAXHOLE]; // ascending, page-aligned
static int nhole;

static void
add_hole(uint64_t start, uint64_t size)
{
  uint64_t end = ROUND_UP(start + size, PGSIZE);
  int i = nhole++;

  if (size == 0) {
    nhole--;
    return;
  }
  start = ROUND_DOWN(start, PGSIZE);
  for (; i > 0 && holes[i - 1].start > start; i--)
    holes[i] = holes[i - 1];
  holes[i] = (struct span){ start, end - start };
}

static void
free_between_holes(uint64_t start, uint64_t end)
{
  for (int i = 0; i < nhole && start < end; i++) {
    uint64_t hole_end = holes[i].start + holes[i].size;

    if (hole_end <= start || holes[i].start >= end)
      continue;
    page_add_range(start, holes[i].start);
    start = hole_end;
  }
  page_add_range(start, end);
}

// Clip a RAM span to what the direct map reaches and the kernel may have.
static struct span
clip(struct span s)
{
  uint64_t start = ROUND_UP(s.start, PGSIZE);
  uint64_t end = ROUND_DOWN(s.start + s.size, PGSIZE);
  uint64_t kernel = pa_of(text_start);

  if (start < kernel && end > kernel)
    start = kernel;
  if (end > DIRECT_SIZE) {
    kprintf("memory above %ld GiB is not used\n", DIRECT_SIZE >> 30);
    end = DIRECT_SIZE;
  }
  if (start >= end)
    return (struct span){ 0, 0 };
  return (struct span){ start, end - start };
}

static void
map_devices(void)
{
  const struct {
    uint64_t start, size;
  } fixed[] = {
    { machine.uart.reg.start, machine.uart.reg.size },
    { machine.plic.start, machine.plic.size },
    { machine.test.start, machine.test.size },
  };

  for (unsigned i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
    if (fixed[i].size)
      kmap_device(fixed[i].start, fixed[i].size);
  for (int i = 0; i < machine.nvirtio; i++)
    kmap_device(machine.virtio[i].reg.start, machine.virtio[i].reg.size);
}

void
memory_init(uint64_t tree_pa)
{
  uint64_t first = UINT64_MAX, last = 0;

  add_hole(pa_of(text_start), image_end - text_start);
  add_hole(tree_pa, fdt_size(kva_of(tree_pa)));
  add_hole(machine.initrd.start, machine.initrd.size);
  for (int i = 0; i < machine.nreserved; i++)
    add_hole(machine.reserved[i].start, machine.reserved[i].size);
  for (int i = 0; i < machine.nram; i++) {
    struct span s = usable[i] = clip(machine.ram[i]);

    if (s.size == 0)
      continue;
    free_between_holes(s.start, s.start + s.size);
    first = s.start < first ? s.start : first;
    last = s.start + s.size > last ? s.start + s.size : last;
  }
  if (first >= last)
    panic("the device tree names no memory");
  page_init(first, last);
  kmap_init();
  for (int i = 0; i < machine.nram; i++)
    if (usable[i].size)
      kmap_ram(usable[i].start, usable[i].start + usable[i].size);
  map_devices();
  kmap_check();
}
