// trap.h - into and out of the kernel.
//
// One vector (entry.S) saves all registers in a frame and calls the system
// call, or trap_user, or trap_kernel. No trap changes the page table.
// docs/syscall.md follows a system call through here.

#ifndef KERNEL_TRAP_TRAP_H
#define KERNEL_TRAP_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/trap/frame.h"

void trap_init(void); // on each hart

// entry.S: leave the kernel for the frame at the top of the running process's
// stack. Interrupts are off.
void user_return(void) __attribute__((noreturn));

#endif
