// test_crash.c - crashes between any two disk writes.
//
// A workload runs on the real kernel/fs/ while all disk writes are recorded.
// Then the disk is cut: what was flushed before the cut is there, of what
// came after the last flush each write is there, or not, or in part (some of
// its sectors). The image must check without a finding, be one of the states
// that the workload went through, in order, and no older than the last sync;
// and the kernel must mount it and leave it in that state. A crash in the
// midst of that mount changes nothing of all this.
//
// FS_CUTS sets the least number of cuts; 0: before every write, in each way.
// FS_SEED says where to begin; FS_WORKLOAD=n: only that one.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/crash.h"

#define EVENTS 12000
#define MOUNT  4000 // events of a mount

static struct recording record;
static struct model_run *run;

// ---- is it as it must be? --------------------------------------------------

// Which of the states lo..hi this is; -1: none. (The crowd has no numbers.)
static int
which_state(struct image *img, const struct disk_event *e)
{
  if (run->kind == CROWD)
    return crowd_ok(img, e->synced, e->issued) ? 0 : -1;
  uint64_t s = image_state(img);
  for (int k = e->issued; k >= (int)e->synced; k--)
    if (run->after[k] == s)
      return k;
  fprintf(stderr, "none of the states %u to %u\n", e->synced, e->issued);
  return -1;
}

// The disk is sound and in one of the states that it may be in at event e.
// With state, in that one and no other. orphans: there may be some.
static void
must_be_good(const uint8_t *disk, const struct disk_event *e,
             const uint64_t *state, bool orphans)
{
  struct image img;
  image_of(&img, disk, record.size);
  if (!orphans)
    img.orphans = 0;
  assert_int_equal(image_check(&img, stderr), 0);
  assert_true(which_state(&img, e) >= 0);
  if (state != 0)
    assert_int_equal(image_state(&img), *state);
}

static uint64_t
state_of(const uint8_t *disk)
{
  struct image img;
  image_of(&img, disk, record.size);
  return image_state(&img);
}

// ---- the next boot ---------------------------------------------------------

static void
use(void *arg)
{
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
  int fd = u_open("/after", O_CREATE | O_RDWR);
  REQUIRE(fd >= 0 || run->kind == FULL);
  if (fd >= 0) {
    u_close(fd);
    REQUIRE(u_unlink("/after") == 0);
  }
  REQUIRE(call(sys_sync, 0, 0, 0) == 0);
}

static void
only_mount(void *arg)
{
}

struct boot {
  uint8_t *disk;
  struct disk_log *log; // or 0
  void (*fn)(void *);
};

static void
boot_child(void *arg)
{
  struct boot *b = arg;
  machine = (struct machine){
    .disk = b->disk,
    .disk_bytes = record.size,
    .log = b->log,
    .pages = 512,
    .seed = 7,
  };
  REQUIRE(machine_run(b->fn, 0) == 0);
}

static void
boot(uint8_t *disk, struct disk_log *log, void (*fn)(void *))
{
  struct boot b = { disk, log, fn };
  assert_int_equal(child_run(boot_child, &b, 20), 0);
}

// ---- cuts ------------------------------------------------------------------

static struct tally {
  uint32_t all, by[LOSSES], twice;
} tally;

// The machine goes down again while it recovers; and then it does not.
static void
crash_again(const uint8_t *disk, const struct disk_event *e, uint64_t state)
{
  static struct disk_log *log;
  if (log == 0)
    log = log_new(MOUNT);
  log->n = 0;
  struct recording mount = { malloc(record.size), record.size, log };
  uint8_t *again = shared(record.size);
  memcpy(mount.base, disk, record.size);
  memcpy(again, disk, record.size);
  boot(again, log, only_mount);
  if (log->n > 0) {
    crash(again, &mount, chance(log->n), chance(LOSSES));
    must_be_good(again, e, &state, true);
    boot(again, 0, use);
    must_be_good(again, e, &state, false);
    tally.twice++;
  }
  munmap(again, record.size);
  free(mount.base);
}

static void
check_cut(uint8_t *disk, uint32_t cut, enum loss how)
{
  const struct disk_event *e = &record.log->event[cut];
  crash(disk, &record, cut, how);
  must_be_good(disk, e, 0, true);
  uint64_t state = state_of(disk);
  tally.all++;
  tally.by[how]++;
  if (tally.all % 8 == 0)
    crash_again(disk, e, state);
  boot(disk, 0, use);
  must_be_good(disk, e, &state, false);
}

// Is a cut before this event, with this loss, one that no other is the same
// as? In order: after each write. Otherwise: where there is something to lose.
static bool
worth(uint32_t cut, enum loss how)
{
  const struct disk_event *e = &record.log->event[cut];
  if (how == IN_ORDER)
    return cut > 0 && !e[-1].flush;
  return loose_writes(&record, cut) > 0 && (how != NOTHING || e->flush);
}

// Every stride-th of all cuts that there are; only count: do not do them.
static uint32_t
cut_all(uint8_t *disk, uint32_t stride, bool only_count)
{
  uint32_t n = 0;
  for (uint32_t cut = 0; cut < record.log->n; cut++)
    for (enum loss how = 0; how < LOSSES; how++)
      if (worth(cut, how) && n++ % stride == 0 && !only_count)
        check_cut(disk, cut, how);
  return n;
}

static void
cut_workload(enum workload kind, uint32_t wanted)
{
  static const char *const names[] = { "mixed",   "storm",      "renames",
                                       "appends", "overwrites", "orphans",
                                       "reuse",   "full",       "crowd" };
  record_workload(&record, run, kind, chance(1 << 30) + 1);
  uint8_t *disk = shared(record.size);
  uint32_t flushes = 0, n = cut_all(disk, 1, true), before = tally.all;
  for (uint32_t i = 0; i < record.log->n; i++)
    flushes += record.log->event[i].flush;
  assert_true(flushes > 20 && record.log->n > 4 * flushes);
  assert_true(kind != FULL || run->full > 20);
  cut_all(disk, wanted == 0 || n < wanted ? 1 : n / wanted, false);
  print_message("%s: %u disk writes, %u flushes, %u of %u cuts\n", names[kind],
                record.log->n - flushes, flushes, tally.all - before, n);
  munmap(disk, record.size);
  free(record.base);
}

static void
test_cuts(void **state)
{
  uint32_t cuts = env("FS_CUTS", 180), per = (cuts + WORKLOADS - 1) / WORKLOADS;
  int only = env("FS_WORKLOAD", -1);
  record.log = log_new(EVENTS);
  run = shared(sizeof(*run));
  chance_seed(0);
  for (enum workload kind = 0; kind < WORKLOADS; kind++)
    if (only < 0 || kind == (enum workload)only)
      cut_workload(kind, cuts == 0 ? 0 : per);
  print_message("%u cuts: %u in order, %u with writes missing, %u with torn "
                "ones, %u with none since the flush; %u cut again in their "
                "recovery\n",
                tally.all, tally.by[IN_ORDER], tally.by[MISSING],
                tally.by[TORN], tally.by[NOTHING], tally.twice);
  if (only >= 0)
    return;
  assert_true(tally.all >= (cuts == 0 ? 2000 : cuts));
  for (enum loss how = 0; how < LOSSES; how++)
    assert_true(tally.by[how] > 0);
  assert_true(tally.twice > tally.all / 20);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cuts),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
