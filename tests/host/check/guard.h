// guard.h - more of guard.c, for who looks closer at a fault.

#ifndef TESTS_HOST_CHECK_GUARD_H
#define TESTS_HOST_CHECK_GUARD_H

#include "tests/host/check/check.h"

#define MAXLOG 64

// The hook that runs, "" if none does, and the task that it is about.
extern const char *guard_hook;
extern int guard_task;

// Called before each ready(); before and after each hook, where `may` says
// whether it is one that may write.  Each may be 0.
extern void (*guard_on_ready)(struct task *t, enum ready_why why);
extern void (*guard_before)(const struct task *t, bool may);
extern void (*guard_after)(const struct task *t, bool may);

// Says what lies at an address that must not be touched; may be 0.
extern const char *(*guard_where)(const void *address);

// The hooks that were called since n was set to 0, as far as there is room.
struct guard_call {
  const char *hook;
  int task; // that it was given, or returned; -1: none
};

struct guard_log {
  struct guard_call call[MAXLOG];
  int n;
};

extern struct guard_log guard_log;

#endif
