// check.h - checks that exist in kernels made with DEBUG=1 only: of locks, of
// freed memory, of undefined behaviour. docs/testing.md describes them.
//
// Whoever calls these does so after `if (DEBUG)`, which the compiler drops in
// other builds; this room is not linked then.

#ifndef KERNEL_DEBUG_CHECK_H
#define KERNEL_DEBUG_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/lib/debug.h"

struct mutex;
struct spinlock;

// The machine is about to end: nothing is checked any more.
void debug_ending(void);

// ---- locks.c: who holds what, for how long ---------------------------------

// Interrupts are off. wanted comes before the wait, unless the lock is only
// tried; taken after; dropped before it is let go.
void debug_spin_wanted(struct spinlock *l);
void debug_spin_taken(struct spinlock *l);
void debug_spin_dropped(struct spinlock *l);
// A round of waiting for l, which began at *since (0: now does).
void debug_spin_waiting(const struct spinlock *l, uint64_t *since);

void debug_mutex_wanted(const struct mutex *m);
void debug_mutex_taken(const struct mutex *m);
void debug_mutex_dropped(const struct mutex *m);

// The caller may sleep here, now or another time: then it may hold this many
// spinlocks.
void debug_may_sleep(int locks);

// The process on this kernel stack ends: it holds no mutex.
void debug_no_mutex(void);

// Print the longest hold of a spinlock since boot.
void debug_longest(void);

// What this hart has done so far, counted in basic blocks of the kernel's
// code, so that it does not matter how often the host stops the hart. What
// depends on others, the rounds of a wait, is taken back again.
uint64_t debug_work(void);
void debug_work_back(uint64_t to);

// ---- poison.c: freed memory is filled with POISON --------------------------

void debug_poison(void *p, size_t n);
// Panic unless p is as it was left: freed `what`, filled with byte.
void debug_intact(const void *p, size_t n, uint8_t byte, const char *what);

// ---- failed.c --------------------------------------------------------------

// Print the return addresses on all ways to allocations that failed because a
// test wanted it, and how many there were where none can want it.
void debug_failed_print(void);

// ---- canary.c --------------------------------------------------------------

// Choose the word that guards the frames of functions with arrays. The caller
// must never return.
void debug_guard_set(uint64_t seed);

// ---- plant.c: damage to try the checks with --------------------------------

// plant=NAME of the kernel's command line; false: no such damage.
bool debug_plant(const char *name);
// Do it, if there is any to do.
void debug_plant_start(void);

#endif
