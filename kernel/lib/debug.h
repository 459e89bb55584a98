// debug.h - checks that cost too much to be always on: `make DEBUG=1`.
//
// They stand in the code as if (DEBUG) ..., so the compiler reads them in
// every build: calls of kernel/debug/check.h, and
//   - each switch checks the run queue and the policy's own memory, promises
//     (8) and (9) of sched.h
//   - failalloc(n), a system call: the n-th allocation that the kernel makes
//     for this process from then on fails (mm/page.h, alloc_fails)

#ifndef KERNEL_LIB_DEBUG_H
#define KERNEL_LIB_DEBUG_H

#ifndef DEBUG
#define DEBUG 0
#endif

#define POISON 0xa5

#endif
