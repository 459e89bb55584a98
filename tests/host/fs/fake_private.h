// fake_private.h - what the parts of the fake kernel know of each other.

#ifndef TESTS_HOST_FS_FAKE_PRIVATE_H
#define TESTS_HOST_FS_FAKE_PRIVATE_H

#include <ucontext.h>

#include "kernel/lib/list.h"
#include "tests/host/fs/fake.h"

#define FIBERS 32

struct proc {          // a fiber
  struct link waiting; // in a wait queue; must be first
  ucontext_t context;
  const char *name;
  void (*fn)(void *);
  void *arg;
  bool used, ready, daemon;
  bool timed_out;
  uint64_t deadline; // 0: none
  struct files *files;
};

extern struct proc fibers[FIBERS], *running;
extern int locks_held;

void memory_before_fork(void);
void memory_start(void); // in the child
bool disk_step(void);    // end one request; false: there is none
void switch_away(void);
void maybe_switch(void);

#endif
