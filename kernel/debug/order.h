// order.h - what the files of debug/ share.

#ifndef KERNEL_DEBUG_ORDER_H
#define KERNEL_DEBUG_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#define CALLERS 6 // kept of who took a lock

// Where something was done: return addresses, innermost first; 0 ends them.
struct place {
  uint64_t pc[CALLERS];
};

// A lock that is held.
struct held {
  const void *lock;
  int class;
  struct place place;
  uint64_t work; // debug_work() when it was taken
};

// order.c: locks of one class take the same place in the order of all locks.
// They have the name, and are all spinlocks or all mutexes.
int order_class(const char *name, bool sleeping);
const char *order_name(int class);
// A lock of class `to` is about to be waited for, with h held.
void order_check(const struct held *h, int to);

// locks.c
void place_from(struct place *p, uint64_t *frame);
// The callers of the function that this stands in, which calls another.
#define place_here(p) place_from(p, __builtin_frame_address(0))
void place_print(const char *what, const struct place *p);
// Before a report, which ends with panic().
void debug_report(void);

#endif
