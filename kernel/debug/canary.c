// canary.c - the word that lies between a function's arrays and its return
// address, and is looked at before the return (-fstack-protector-strong).

#include "kernel/debug/check.h"
#include "kernel/lib/print.h"

// The compiler knows these names.
uint64_t __stack_chk_guard = 0x9d3f1c6b82e4a700;
void __stack_chk_fail(void) __attribute__((noreturn));

// The lowest byte, which is the first in memory, is 0: a string that runs over
// does not restore it but by chance.
void
debug_guard_set(uint64_t seed)
{
  seed = (seed ^ seed >> 31) * 0xbf58476d1ce4e5b9;
  __stack_chk_guard = (seed ^ seed >> 29) << 8;
}

void
__stack_chk_fail(void)
{
  panic("a function has written past its arrays: the guard word of its frame "
        "is gone");
}
