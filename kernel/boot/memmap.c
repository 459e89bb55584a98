// memmap.c - the map of the machine's memory, for programs: what the device
// tree names, and what boot has put there. Regions may lie in each other, as
// the kernel does in RAM. The map is made once, and never changes.

#include "kernel/boot/memmap.h"

#include "kernel/boot/fdt.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/peach.h"

#define MAXREGION (2 * MAXRANGES + MAXVIRTIO + 6)

extern char text_start[], image_end[]; // kernel.ld

static struct memregion regions[MAXREGION]; // ascending
static int nregion;

// Does a come before b? Of two that start at one address, the larger does.
static bool
before(const struct memregion *a, const struct memregion *b)
{
  return a->start < b->start || (a->start == b->start && a->size > b->size);
}

static void
add(enum mem_kind kind, const char *name, struct span at, int irq)
{
  struct memregion r = {
    .start = at.start, .size = at.size, .kind = kind, .irq = irq
  };
  int i;

  if (at.size == 0)
    return; // not there
  strcopy(r.name, name, sizeof(r.name));
  for (i = nregion++; i > 0 && before(&r, &regions[i - 1]); i--)
    regions[i] = regions[i - 1];
  regions[i] = r;
}

static void
add_device(const char *name, struct device_at d)
{
  add(MEM_DEVICE, name, d.reg, d.irq);
}

void
memmap_init(uint64_t tree_pa)
{
  struct span kernel = { pa_of(text_start), image_end - text_start };
  struct span tree = { tree_pa, fdt_size(kva_of(tree_pa)) };

  for (int i = 0; i < machine.nram; i++)
    add(MEM_RAM, "RAM", machine.ram[i], 0);
  for (int i = 0; i < machine.nreserved; i++)
    add(MEM_RESERVED, "reserved", machine.reserved[i], 0);
  add(MEM_KERNEL, "kernel", kernel, 0);
  add(MEM_TREE, "device tree", tree, 0);
  add(MEM_DISK, "disk image", machine.initrd, 0);
  add_device("uart", machine.uart);
  add(MEM_DEVICE, "plic", machine.plic, 0);
  add(MEM_DEVICE, "test", machine.test, 0);
  for (int i = 0; i < machine.nvirtio; i++)
    add_device("virtio", machine.virtio[i]);
}

// (struct memregion *, n): the first n go there. How many there are.
int64_t
sys_memmap(const uint64_t *a)
{
  int n = a[1];

  if (n < 0)
    return -1;
  if (n > nregion)
    n = nregion;
  if (n > 0 && copy_out(a[0], regions, n * sizeof(regions[0])) < 0)
    return -1;
  return nregion;
}
