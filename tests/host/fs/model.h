// model.h - what a file system should contain, and a workload that changes
// both: the real one through its calls, the model by plain assignment.
//
// The state of either is one number: the sum over all names of a hash of the
// path and of what it leads to. After operation k the model's number is
// noted; whatever a crash leaves must be the number of some k.

#ifndef TESTS_HOST_FS_MODEL_H
#define TESTS_HOST_FS_MODEL_H

#include <stdint.h>

#include "mkfs/image.h"

#define MODEL_OPS 4096 // most operations

// CROWD is several processes at once (crowd.c), the others one.
enum workload {
  MIXED,
  STORM,
  RENAMES,
  APPENDS,
  OVERWRITES,
  ORPHANS,
  REUSE,
  FULL,
  CROWD
};
#define MODELS    CROWD
#define WORKLOADS (CROWD + 1)

struct model_run {
  enum workload kind;
  int ops;  // how many to do
  int most; // bytes in all files together
  int full; // calls that failed as there was no room
  uint64_t seed;
  uint64_t after[MODEL_OPS + 1]; // state after so many operations
};

// Do the workload as a fiber; arg is a struct model_run. Keeps
// machine.synced and machine.issued.
void model_workload(void *arg);

// The workload of several processes. What a crash leaves of each must be what
// it had done after some of its operations, in order: is it, in this image?
void crowd_workload(void *arg);
bool crowd_ok(struct image *img, uint32_t synced, uint32_t issued);

uint64_t model_hash(uint64_t h, const void *data, size_t n);

// The state of an image. Its names must have been checked.
uint64_t image_state(struct image *img);

// The same of one file, 1 for an empty one.
uint64_t image_file_state(struct image *img, const struct fs_inode *d);

// A new image in memory: `bytes` free, so many inodes and journal blocks.
uint8_t *fresh_image(const char *bytes, const char *inodes, const char *journal,
                     size_t *size);

// An image attached that is a copy of n bytes, at most 64 MiB, so that what
// replays the log does not change them. It is good until the next call.
void image_of(struct image *img, const uint8_t *bytes, size_t n);

#endif
