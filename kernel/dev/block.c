// block.c - the disk, whichever it is, and waiting for its requests.

#include "kernel/dev/block.h"

#include "kernel/dev/disk.h"
#include "kernel/lib/print.h"

static const struct disk *disk;
static uint64_t count[BLOCK_FLUSH + 1]; // (atomic) requests, by kind
static struct spinlock lock = SPINLOCK_INIT("block");
static struct waitq ended = WAITQ_INIT(ended, "disk");

void
disk_init(void)
{
  disk = memdisk_find();
  if (disk == 0)
    disk = virtio_disk_find();
}

uint64_t
block_sectors(void)
{
  return disk ? disk->sectors : 0;
}

uint64_t
block_count(enum block_op op)
{
  return __atomic_load_n(&count[op], __ATOMIC_RELAXED);
}

static bool
in_range(const struct block_req *r)
{
  uint64_t sectors = 0;

  for (int i = 0; i < r->nseg; i++)
    sectors += r->seg[i].len / SECTOR;
  return r->sector <= disk->sectors && sectors <= disk->sectors - r->sector;
}

void
block_submit(struct block_req *r)
{
  CHECK(disk && r->nseg >= 0 && r->nseg <= BLOCK_SEGS);
  __atomic_fetch_add(&count[r->op], 1, __ATOMIC_RELAXED);
  r->done = false;
  r->status = 0;
  if (in_range(r))
    disk->submit(r);
  else
    block_ended(r, -1);
}

void
block_ended(struct block_req *r, int status)
{
  r->status = status;
  if (r->end) {
    r->end(r);
    return;
  }
  acquire(&lock);
  r->done = true;
  wake_all(&ended);
  release(&lock);
}

int
block_wait(struct block_req *r)
{
  acquire(&lock);
  while (!r->done)
    wait_on(&ended, &lock, WAIT_ALWAYS);
  release(&lock);
  return r->status;
}
