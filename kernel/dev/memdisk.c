// memdisk.c - a disk image in memory, as the boot loader's initial RAM disk.
//
// A request has ended when submit returns, so a run takes the same
// instructions each time. If the image came from a virtio disk too, what was
// changed goes back there at power-off, when nothing is left that could tell
// how long that takes.

#include "kernel/boot/fdt.h"
#include "kernel/dev/disk.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"

#define CHUNK 4096 // bytes that one flag of `changed` stands for

static bool *changed;

static char *
image(void)
{
  return kva_of(machine.initrd.start);
}

static void
write_out(uint64_t at, const struct block_seg *seg)
{
  memcpy(image() + at, seg->data, seg->len);
  for (uint64_t c = at / CHUNK; c <= (at + seg->len - 1) / CHUNK; c++)
    changed[c] = true;
}

static void
memdisk_submit(struct block_req *r)
{
  uint64_t at = r->sector * SECTOR;

  for (int i = 0; i < r->nseg; at += r->seg[i].len, i++)
    if (r->op == BLOCK_READ)
      memcpy(r->seg[i].data, image() + at, r->seg[i].len);
    else if (r->seg[i].len > 0)
      write_out(at, &r->seg[i]);
  block_ended(r, 0);
}

const struct disk *
memdisk_find(void)
{
  static struct disk disk = { .name = "memory", .submit = memdisk_submit };

  disk.sectors = machine.initrd.size / SECTOR;
  if (disk.sectors == 0)
    return 0;
  changed = boot_alloc(machine.initrd.size / CHUNK + 1);
  return &disk;
}

int
memdisk_write_back(void)
{
  const struct disk *to = changed ? virtio_disk_find() : 0;
  uint64_t size = machine.initrd.size / SECTOR * SECTOR;

  if (to == 0)
    return 0; // the image is nobody's but ours
  if (to->sectors * SECTOR < size) {
    kprintf("the disk is smaller than the image: nothing is written back\n");
    return -1;
  }
  for (uint64_t at = 0; at < size; at += CHUNK) {
    uint32_t len = size - at < CHUNK ? size - at : CHUNK;

    if (changed[at / CHUNK] &&
        virtio_write_polled(at / SECTOR, image() + at, len) < 0) {
      kprintf("the disk failed: not all is written back\n");
      return -1;
    }
  }
  return 0;
}
