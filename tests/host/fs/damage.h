// damage.h - kinds of damage that peachfs check must find.

#ifndef TESTS_HOST_FS_DAMAGE_H
#define TESTS_HOST_FS_DAMAGE_H

#include "kernel/fs/format.h"

struct damage {
  void (*plant)(void);
  const char *finding; // part of what is found then
};

extern const struct damage damages[];
extern const int ndamages;

// The workload that makes the image which damage is planted in; then say
// where that is.
void damage_files(void *arg);
void damage_place(uint8_t *disk);

// A block of it.
void *damage_block(uint32_t no);

#endif
