// memlayout.h - the address map that xv6's programs know. ABI.
//
// A program's own memory begins at 0. What is named here is not the kernel's
// real layout (see kernel/mm/layout.h): programs use these names for
// addresses at which any access must fail, and it does.

#ifndef KERNEL_MEMLAYOUT_H
#define KERNEL_MEMLAYOUT_H

#include "kernel/riscv.h"

#define KERNBASE 0x80000000L
#define PHYSTOP  (KERNBASE + 128 * 1024 * 1024)

#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME  (TRAMPOLINE - PGSIZE) // nothing is mapped from here

#define UART0       0x10000000L
#define UART0_IRQ   10
#define VIRTIO0     0x10001000L
#define VIRTIO0_IRQ 1
#define PLIC        0x0c000000L

#endif
