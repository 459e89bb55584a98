// virtio.c - virtio block device over MMIO. Source: Virtual I/O Device
// (VIRTIO) 1.1: 2.6 split virtqueues, 4.2 MMIO, 5.2 block device.
//
// A request is a chain of descriptors: a header, the data, a status byte. Many
// chains are in flight; the device says by interrupt which have ended.

#include "kernel/boot/fdt.h"
#include "kernel/dev/disk.h"
#include "kernel/dev/plic.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"

enum mmio {
  MAGIC = 0x000,
  VERSION = 0x004,
  DEVICE_ID = 0x008,
  DEVICE_FEATURES = 0x010,
  DEVICE_FEATURES_SEL = 0x014,
  DRIVER_FEATURES = 0x020,
  DRIVER_FEATURES_SEL = 0x024,
  QUEUE_SEL = 0x030,
  QUEUE_NUM_MAX = 0x034,
  QUEUE_NUM = 0x038,
  QUEUE_READY = 0x044,
  QUEUE_NOTIFY = 0x050,
  INTERRUPT_STATUS = 0x060,
  INTERRUPT_ACK = 0x064,
  STATUS = 0x070,
  QUEUE_DESC = 0x080,
  QUEUE_DRIVER = 0x090,
  QUEUE_DEVICE = 0x0a0,
  CONFIG = 0x100,
};

#define MAGIC_VALUE 0x74726976
#define ID_BLOCK    2

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER      2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_FAILED      128

#define FEATURE_FLUSH     (1UL << 9)  // 5.2.3
#define FEATURE_VERSION_1 (1UL << 32) // 6

#define DESC_NEXT  1
#define DESC_WRITE 2 // the device writes it

#define T_IN    0
#define T_OUT   1
#define T_FLUSH 4

#define QUEUE 128 // descriptors
#define NONE  0xffff

struct desc {
  uint64_t addr;
  uint32_t len;
  uint16_t flags;
  uint16_t next;
};

struct avail {
  uint16_t flags, idx, ring[QUEUE], used_event;
};

struct used {
  uint16_t flags, idx;
  struct {
    uint32_t id, len;
  } ring[QUEUE];
  uint16_t avail_event;
};

struct header {
  uint32_t type, reserved;
  uint64_t sector;
};

// Order memory (r, w) and device (i, o) accesses before and after.
#define fence(before, after)                                                   \
  asm volatile("fence " #before ", " #after : : : "memory")

static volatile uint8_t *regs;
static struct spinlock lock = SPINLOCK_INIT("virtio");
static struct waitq room; // (lock) who waits for free descriptors
static struct desc desc[QUEUE] __attribute__((aligned(16))); // (lock)
static struct avail avail[1];                                // (lock)
static volatile struct used used[1];                         // (lock)
static uint16_t free_head; // (lock) list through desc[].next
static int nfree;          // (lock)
static uint16_t used_seen; // (lock)
static bool can_flush;
// By the chain's first descriptor.
static struct header headers[QUEUE];
static volatile uint8_t status[QUEUE];
static struct block_req *pending[QUEUE]; // (lock)

static volatile uint32_t *
reg(uint64_t offset)
{
  return (volatile uint32_t *)(regs + offset);
}

// ---- chains of descriptors: lock held --------------------------------------

// The next free descriptor, behind `last` in its chain (NONE: the first).
static uint16_t
link_desc(uint16_t last, const volatile void *data, uint32_t len,
          uint16_t flags)
{
  uint16_t i = free_head;

  free_head = desc[i].next;
  nfree--;
  desc[i] = (struct desc){ pa_of((const void *)data), len, flags, NONE };
  if (last != NONE) {
    desc[last].flags |= DESC_NEXT;
    desc[last].next = i;
  }
  return i;
}

static void
free_chain(uint16_t i)
{
  for (;;) {
    bool more = desc[i].flags & DESC_NEXT;
    uint16_t next = desc[i].next;

    desc[i].next = free_head;
    free_head = i;
    nfree++;
    if (!more)
      return;
    i = next;
  }
}

static uint16_t
build_chain(const struct block_req *r)
{
  static const uint32_t types[] = {
    [BLOCK_READ] = T_IN, [BLOCK_WRITE] = T_OUT, [BLOCK_FLUSH] = T_FLUSH
  };
  uint16_t head = free_head, last;
  uint16_t flags = r->op == BLOCK_READ ? DESC_WRITE : 0;

  headers[head] = (struct header){ .type = types[r->op], .sector = r->sector };
  status[head] = 0xff;
  last = link_desc(NONE, &headers[head], sizeof(headers[head]), 0);
  for (int i = 0; i < r->nseg; i++)
    last = link_desc(last, r->seg[i].data, r->seg[i].len, flags);
  link_desc(last, &status[head], 1, DESC_WRITE);
  return head;
}

static void
virtio_submit(struct block_req *r)
{
  uint16_t head;

  if (r->op == BLOCK_FLUSH && !can_flush) {
    block_ended(r, 0); // nothing is cached: written is durable
    return;
  }
  acquire(&lock);
  while (nfree < r->nseg + 2)
    wait_on(&room, &lock, WAIT_ALWAYS);
  head = build_chain(r);
  pending[head] = r;
  avail->ring[avail->idx % QUEUE] = head;
  fence(w, w);
  avail->idx++;
  fence(w, o);
  *reg(QUEUE_NOTIFY) = 0;
  release(&lock);
}

// ---- completion ------------------------------------------------------------

// The next request that has ended, linked in front of list.
static struct block_req *
reap(struct block_req *list)
{
  uint32_t head = used->ring[used_seen % QUEUE].id;
  struct block_req *r = head < QUEUE ? pending[head] : 0;

  used_seen++;
  if (r == 0) {
    kprintf("virtio: the disk ended a request that was not made\n");
    return list;
  }
  pending[head] = 0;
  r->status = status[head] == 0 ? 0 : -1;
  r->next = list;
  free_chain(head);
  return r;
}

static void
virtio_interrupt(void *arg)
{
  struct block_req *list = 0, *next;

  acquire(&lock);
  *reg(INTERRUPT_ACK) = *reg(INTERRUPT_STATUS) & 3;
  fence(o, r); // what ends after this look interrupts again
  while (used->idx != used_seen) {
    fence(r, r);
    list = reap(list);
  }
  wake_all(&room);
  release(&lock);
  for (; list; list = next) {
    next = list->next;
    block_ended(list, list->status);
  }
}

static void
note_end(struct block_req *r)
{
  r->done = true;
}

int
virtio_write_polled(uint64_t sector, void *data, uint32_t len)
{
  struct block_req r = {
    .op = BLOCK_WRITE,
    .sector = sector,
    .nseg = 1,
    .seg = { { data, len } },
    .end = note_end,
  };

  irq_hold();
  virtio_submit(&r);
  while (!r.done)
    virtio_interrupt(0);
  irq_allow();
  return r.status;
}

// ---- set-up: 3.1.1 ---------------------------------------------------------

static bool
agree_on_features(void)
{
  uint64_t offered, wanted;

  *reg(DEVICE_FEATURES_SEL) = 1;
  offered = (uint64_t)*reg(DEVICE_FEATURES) << 32;
  *reg(DEVICE_FEATURES_SEL) = 0;
  offered |= *reg(DEVICE_FEATURES);
  wanted = offered & (FEATURE_VERSION_1 | FEATURE_FLUSH);
  can_flush = wanted & FEATURE_FLUSH;
  *reg(DRIVER_FEATURES_SEL) = 1;
  *reg(DRIVER_FEATURES) = wanted >> 32;
  *reg(DRIVER_FEATURES_SEL) = 0;
  *reg(DRIVER_FEATURES) = wanted;
  *reg(STATUS) |= STATUS_FEATURES_OK;
  return (wanted & FEATURE_VERSION_1) && (*reg(STATUS) & STATUS_FEATURES_OK);
}

static void
write_address(uint64_t offset, const volatile void *p)
{
  *reg(offset) = pa_of((const void *)p);
  *reg(offset + 4) = pa_of((const void *)p) >> 32;
}

static bool
set_up_queue(void)
{
  *reg(QUEUE_SEL) = 0;
  if (*reg(QUEUE_READY) || *reg(QUEUE_NUM_MAX) < QUEUE)
    return false;
  for (int i = 0; i < QUEUE; i++)
    desc[i].next = i + 1;
  nfree = QUEUE;
  *reg(QUEUE_NUM) = QUEUE;
  write_address(QUEUE_DESC, desc);
  write_address(QUEUE_DRIVER, avail);
  write_address(QUEUE_DEVICE, used);
  *reg(QUEUE_READY) = 1;
  return true;
}

static bool
set_up(const struct device_at *d)
{
  regs = kva_of(d->reg.start);
  waitq_init(&room, "disk queue");
  *reg(STATUS) = 0; // reset
  *reg(STATUS) = STATUS_ACKNOWLEDGE;
  *reg(STATUS) |= STATUS_DRIVER;
  if (!agree_on_features() || !set_up_queue()) {
    *reg(STATUS) |= STATUS_FAILED;
    kprintf("virtio: the disk at 0x%lx cannot be set up\n", d->reg.start);
    return false;
  }
  *reg(STATUS) |= STATUS_DRIVER_OK;
  plic_attach(d->irq, virtio_interrupt, 0);
  return true;
}

static bool
is_disk(const struct device_at *d)
{
  volatile uint32_t *r = kva_of(d->reg.start);

  if (r[MAGIC / 4] != MAGIC_VALUE || r[DEVICE_ID / 4] != ID_BLOCK)
    return false;
  if (r[VERSION / 4] == 2)
    return true;
  kprintf("virtio: the disk at 0x%lx speaks version %d, not 2; start QEMU "
          "with -global virtio-mmio.force-legacy=false\n",
          d->reg.start, r[VERSION / 4]);
  return false;
}

const struct disk *
virtio_disk_find(void)
{
  static struct disk disk = { .name = "virtio", .submit = virtio_submit };

  for (int i = 0; i < machine.nvirtio; i++) {
    const struct device_at *d = &machine.virtio[i];

    if (is_disk(d) && set_up(d)) {
      disk.sectors = *reg(CONFIG) | (uint64_t)*reg(CONFIG + 4) << 32;
      return &disk;
    }
  }
  return 0;
}
