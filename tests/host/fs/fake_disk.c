// fake_disk.c - devices of the fake kernel: a disk whose requests end in any
// order, and that keeps a record; and a console.

#include <string.h>

#include "kernel/dev/block.h"
#include "kernel/dev/device.h"
#include "kernel/lib/print.h"
#include "tests/host/fs/fake_private.h"

// ---- devices ---------------------------------------------------------------

static int64_t
device_io(int minor, uint64_t uva, uint64_t n)
{
  return n;
}

const struct device *
device_find(int major)
{
  static const struct device d = { "console", device_io, device_io };
  return major == CONSOLE ? &d : 0;
}

// ---- the disk --------------------------------------------------------------

static struct block_req *pending[64];
static uint64_t sums[64];  // of what each is to write, at submission
static uint32_t marks[64]; // where the log was then
static int npending;
static long requests;
static struct spinlock disk_lock = SPINLOCK_INIT("disk");
static struct waitq disk_wait = WAITQ_INIT(disk_wait, "disk");

long
machine_requests(void)
{
  return requests;
}

uint64_t
block_sectors(void)
{
  return machine.disk_bytes / SECTOR;
}

static uint64_t
sum_of(const struct block_req *r)
{
  uint64_t h = 0;
  for (int i = 0; i < r->nseg; i++)
    for (uint32_t k = 0; k < r->seg[i].len / 8; k++)
      h = (h ^ ((uint64_t *)r->seg[i].data)[k]) * 0x9e3779b97f4a7c15ull;
  return h;
}

static struct disk_event *
log_event(void)
{
  if (machine.log == 0)
    return 0;
  CHECK(machine.log->n < machine.log->max);
  struct disk_event *e = &machine.log->event[machine.log->n++];
  e->synced = machine.synced;
  e->issued = machine.issued;
  e->flush = false;
  return e;
}

static void
write_block(uint32_t no, const uint8_t *data)
{
  struct disk_event *e = log_event();
  memcpy(machine.disk + (size_t)no * 4096, data, 4096);
  if (e == 0)
    return;
  e->no = no;
  memcpy(e->data, data, 4096);
}

// So that a test can have files beyond what fits into memory: a block that is
// one word all over is kept as that word: not 0, nor the ones of a bitmap.
static bool
fold(uint32_t no, const uint64_t *data)
{
  if (machine.folded == 0)
    return false;
  bool same = memcmp(data, data + 1, 4088) == 0 && data[0] != ~0ull;
  machine.folded[no] = same ? data[0] : 0;
  return machine.folded[no] != 0;
}

static bool
unfold(uint32_t no, uint64_t *data)
{
  if (machine.folded == 0 || machine.folded[no] == 0)
    return false;
  for (int i = 0; i < 512; i++)
    data[i] = machine.folded[no];
  return true;
}

static void
transfer(struct block_req *r)
{
  uint64_t at = r->sector * SECTOR;
  for (int i = 0; i < r->nseg; i++) {
    CHECK(at + r->seg[i].len <= machine.disk_bytes);
    if (r->op == BLOCK_READ && !unfold(at / 4096, r->seg[i].data))
      memcpy(r->seg[i].data, machine.disk + at, r->seg[i].len);
    else if (r->op == BLOCK_WRITE && !fold(at / 4096, r->seg[i].data))
      write_block(at / 4096, r->seg[i].data);
    at += r->seg[i].len;
  }
}

// End one request, any. False if there is none.
bool
disk_step(void)
{
  if (npending == 0 || machine.disk_stuck)
    return false;
  int i = machine_random(npending);
  struct block_req *r = pending[i];
  if (r->op == BLOCK_WRITE)
    CHECK(sum_of(r) == sums[i]); // nobody changed it meanwhile
  r->status =
    machine.disk_fails_at != 0 && requests >= machine.disk_fails_at ? -1 : 0;
  if (r->status < 0) {
    // nothing happens
  } else if (r->op == BLOCK_FLUSH) {
    struct disk_event *e = log_event();
    if (e != 0) {
      e->flush = true;
      e->upto = marks[i];
    }
  } else {
    transfer(r);
  }
  npending--;
  pending[i] = pending[npending];
  sums[i] = sums[npending];
  marks[i] = marks[npending];
  if (r->end != 0) {
    r->end(r);
  } else {
    acquire(&disk_lock);
    r->done = true;
    wake_all(&disk_wait);
    release(&disk_lock);
  }
  return true;
}

void
block_submit(struct block_req *r)
{
  CHECK(locks_held == 0);
  requests++;
  r->done = false;
  CHECK(npending < 64);
  pending[npending] = r;
  sums[npending] = r->op == BLOCK_WRITE ? sum_of(r) : 0;
  marks[npending] = machine.log != 0 ? machine.log->n : 0;
  npending++;
  maybe_switch();
}

int
block_wait(struct block_req *r)
{
  acquire(&disk_lock);
  while (!r->done)
    wait_on(&disk_wait, &disk_lock, WAIT_ALWAYS);
  release(&disk_lock);
  return r->status;
}
