// crash.c - recording a workload, and cutting the disk off in it.

#include "tests/host/fs/crash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

// The address sanitizer keeps what was freed for a while; each fork would
// copy the map of all that.
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
  return "quarantine_size_mb=4:detect_leaks=0";
}

// ---- chance, and shared memory ---------------------------------------------

static uint64_t state;

void
chance_seed(uint64_t n)
{
  state = (env("FS_SEED", 1) + (n << 32)) * 0x9e3779b97f4a7c15ull;
}

uint64_t
chance(uint64_t n)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state % n;
}

int
env(const char *name, int dflt)
{
  const char *s = getenv(name);
  return s != 0 ? atoi(s) : dflt;
}

void *
shared(size_t n)
{
  void *p =
    mmap(0, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(p != MAP_FAILED);
  return p;
}

struct disk_log *
log_new(uint32_t events)
{
  struct disk_log *log =
    shared(sizeof(*log) + events * sizeof(struct disk_event));
  log->max = events;
  return log;
}

// ---- recording -------------------------------------------------------------

// The disk: room, inodes, and what the model may write in all.
static const struct plan {
  const char *bytes, *inodes;
  int ops, most;
} plans[WORKLOADS] = {
  [MIXED] = { "3M", "200", 500, 2 << 20 },
  [STORM] = { "3M", "200", 500, 2 << 20 },
  [RENAMES] = { "3M", "200", 500, 2 << 20 },
  [APPENDS] = { "3M", "200", 500, 2 << 20 },
  [OVERWRITES] = { "3M", "200", 300, 2 << 20 },
  [ORPHANS] = { "3M", "200", 600, 2 << 20 },
  [REUSE] = { "500K", "200", 1500, 300 << 10 }, // each block is used often
  [FULL] = { "600K", "32", 600, 1 << 30 },     // more than there is room for
  [CROWD] = { "3M", "200", 1, 0 },
};

struct job {
  struct recording *r;
  struct model_run *run;
};

static void
record_child(void *arg)
{
  struct job *j = arg;
  bool crowd = j->run->kind == CROWD;
  machine = (struct machine){
    .disk = j->r->base,
    .disk_bytes = j->r->size,
    .log = j->r->log,
    .pages = 1024,
    .seed = j->run->seed,
    .switching = true,
  };
  REQUIRE(machine_run(crowd ? crowd_workload : model_workload, j->run) == 0);
}

void
record_workload(struct recording *r, struct model_run *run, enum workload kind,
                uint64_t seed)
{
  const struct plan *p = &plans[kind];
  struct job job = { r, run };
  r->base = fresh_image(p->bytes, p->inodes, "136", &r->size);
  r->log->n = 0;
  memset(run, 0, sizeof(*run));
  run->kind = kind;
  run->seed = seed;
  run->ops = p->ops;
  run->most = p->most;
  assert_int_equal(child_run(record_child, &job, 60), 0);
}

// ---- cutting ---------------------------------------------------------------

// Events before this one are durable when event `cut` happens.
static uint32_t
durable_at(const struct recording *r, uint32_t cut)
{
  uint32_t durable = 0;
  for (uint32_t i = 0; i < cut; i++)
    if (r->log->event[i].flush && r->log->event[i].upto > durable)
      durable = r->log->event[i].upto;
  return durable;
}

uint32_t
loose_writes(const struct recording *r, uint32_t cut)
{
  uint32_t n = 0;
  for (uint32_t i = durable_at(r, cut); i < cut; i++)
    n += !r->log->event[i].flush;
  return n;
}

// Those of the event's sectors that have a 1 reach the disk.
static void
apply(uint8_t *disk, const struct disk_event *e, uint8_t sectors)
{
  for (int s = 0; s < 8; s++)
    if (sectors >> s & 1)
      memcpy(disk + (size_t)e->no * 4096 + s * 512, e->data + s * 512, 512);
}

static uint8_t
survives(enum loss how)
{
  switch (how) {
  case IN_ORDER:
    return 0xff;
  case MISSING:
    return chance(2) ? 0xff : 0;
  case TORN:
    return chance(3) == 0 ? chance(256) : 0xff;
  default:
    return 0;
  }
}

void
crash(uint8_t *disk, const struct recording *r, uint32_t cut, enum loss how)
{
  uint32_t durable = durable_at(r, cut);
  memcpy(disk, r->base, r->size);
  for (uint32_t i = 0; i < cut; i++)
    if (!r->log->event[i].flush)
      apply(disk, &r->log->event[i], i < durable ? 0xff : survives(how));
}
