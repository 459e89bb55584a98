// io.c - requests to the device.
//
// Reads are started and end by themselves: the device's interrupt marks the
// blocks valid and wakes who waits for them. Writes come in bulk, from commit
// and checkpoint; neighbours on the disk go in one request, and a few
// requests are kept in flight.

#include "kernel/fs/internal.h"
#include "kernel/lib/print.h"

#define PER_BLOCK (FS_BLOCK / SECTOR)

// ---- reads -----------------------------------------------------------------

struct read {
  struct block_req req;
  int n;
  struct block *block[BLOCK_SEGS];
};

static struct cache *reads;

static void
read_ended(struct block_req *req)
{
  struct read *r = req->arg;
  block_read_ended(r->block, r->n, req->status == 0);
  cache_free(reads, r);
}

int
io_read(struct block **b, int n)
{
  struct read *r = cache_alloc(reads);
  if (r == 0)
    return -1;
  r->n = n;
  r->req.op = BLOCK_READ;
  r->req.sector = (uint64_t)b[0]->no * PER_BLOCK;
  r->req.nseg = n;
  r->req.end = read_ended;
  r->req.arg = r;
  for (int i = 0; i < n; i++) {
    r->block[i] = b[i];
    r->req.seg[i] = (struct block_seg){ b[i]->page, FS_BLOCK };
  }
  block_submit(&r->req);
  return 0;
}

void
io_init(void)
{
  reads = cache_create("block read", sizeof(struct read));
}

// ---- one at a time ---------------------------------------------------------

static int
now(enum block_op op, uint32_t no, void *page)
{
  struct block_req r = {
    .op = op,
    .sector = (uint64_t)no * PER_BLOCK,
    .nseg = page != 0,
    .seg = { { page, FS_BLOCK } },
  };
  block_submit(&r);
  return block_wait(&r);
}

int
io_read_now(uint32_t no, void *page)
{
  return now(BLOCK_READ, no, page);
}

int
io_write_now(uint32_t no, void *page)
{
  return now(BLOCK_WRITE, no, page);
}

int
io_flush(void)
{
  return now(BLOCK_FLUSH, 0, 0);
}

// ---- writes in bulk --------------------------------------------------------

#define IN_FLIGHT 8

static struct slot {
  struct block_req req;
  bool busy;
} slots[IN_FLIGHT];

static int filling;      // the slot that is being filled,
static uint32_t next_no; // the block that would extend it, or 0
static bool failed;

static void
await(struct slot *s)
{
  if (!s->busy)
    return;
  if (block_wait(&s->req) < 0)
    failed = true;
  s->busy = false;
}

static void
start(void)
{
  if (next_no == 0)
    return;
  slots[filling].busy = true;
  block_submit(&slots[filling].req);
  filling = (filling + 1) % IN_FLIGHT;
  next_no = 0;
}

void
io_write(uint32_t no, void *page)
{
  struct slot *s = &slots[filling];
  if (no != next_no || s->req.nseg == BLOCK_SEGS) {
    start();
    s = &slots[filling];
    await(s);
    s->req = (struct block_req){
      .op = BLOCK_WRITE,
      .sector = (uint64_t)no * PER_BLOCK,
    };
  }
  s->req.seg[s->req.nseg++] = (struct block_seg){ page, FS_BLOCK };
  next_no = no + 1;
}

int
io_finish(void)
{
  start();
  for (int i = 0; i < IN_FLIGHT; i++)
    await(&slots[i]);
  int r = failed ? -1 : 0;
  failed = false;
  return r;
}
