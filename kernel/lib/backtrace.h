// backtrace.h - how the kernel got where it is.

#ifndef KERNEL_LIB_BACKTRACE_H
#define KERNEL_LIB_BACKTRACE_H

#include <stdint.h>

// Print the functions that are active at pc with stack pointer sp, innermost
// first. ra is the return address register, for an innermost function that
// has not saved it.
void backtrace(uint64_t pc, uint64_t sp, uint64_t ra);

#endif
