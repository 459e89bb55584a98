// stage.h - one test: a disk, a child that works on it, and the check of
// what it left.

#ifndef TESTS_HOST_FS_STAGE_H
#define TESTS_HOST_FS_STAGE_H

#include <stdio.h>

#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

struct setup {
  void (*fn)(void *);
  void *arg;
  uint8_t *disk; // shared with the child
  size_t size;
  uint32_t pages;
  uint64_t seed;
  bool switching;
  struct disk_log *log; // or 0
};

extern struct setup setup;

// A new disk with so many bytes free and so many inodes, and a small journal
// or one of so many blocks; sets setup up.
void new_disk(const char *bytes, const char *inodes);
void new_disk_journal(const char *bytes, const char *inodes,
                      const char *journal);
void end_disk(void);

// In a child: boot what setup says.
void boot_setup(void *arg);

// Run fn as the first process of a child; the image must be sound then.
void run(void (*fn)(void *), void *arg);

// What the checker finds on the disk.
uint32_t findings(FILE *out);

// For fibers.
void sync_all(void);
uint8_t pattern(uint64_t i, uint32_t salt); // byte i of a file
void write_pattern(int fd, uint64_t at, int n, uint32_t salt);
void check_pattern(int fd, uint64_t size, uint32_t salt);

#endif
