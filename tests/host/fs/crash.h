// crash.h - disk writes recorded, and the disk as a crash would leave it.

#ifndef TESTS_HOST_FS_CRASH_H
#define TESTS_HOST_FS_CRASH_H

#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

struct recording {
  uint8_t *base; // the disk before
  size_t size;
  struct disk_log *log; // shared with children
};

// What becomes of the writes that no flush has made durable: all are there,
// each or none of them, some sectors of each, none at all.
enum loss { IN_ORDER, MISSING, TORN, NOTHING };
#define LOSSES 4

uint64_t chance(uint64_t n);  // below n
void chance_seed(uint64_t n); // FS_SEED and this
int env(const char *name, int dflt);

void *shared(size_t n); // memory that children share
struct disk_log *log_new(uint32_t events);

// Run a workload on a new disk, and record it. The disk as it was, all its
// writes, and the states that it went through are in *r and *run.
void record_workload(struct recording *r, struct model_run *run,
                     enum workload kind, uint64_t seed);

// How many writes before event `cut` no flush has made durable.
uint32_t loose_writes(const struct recording *r, uint32_t cut);

// The disk after a crash before event `cut`.
void crash(uint8_t *disk, const struct recording *r, uint32_t cut,
           enum loss how);

#endif
