// layout.h - where things lie in the kernel's half of every address space.
//
//   0xffffffc000000000  direct map: physical address 0 upwards, RAM and the
//                       devices in use; the kernel's own image is in it, with
//                       its sections' rights
//   0xffffffe000000000  kernel stacks, each with a guard (kstack.c)
//
// The lower half, up to MAXVA, is the user program's.

#ifndef KERNEL_MM_LAYOUT_H
#define KERNEL_MM_LAYOUT_H

#define DIRECT_MAP  0xffffffc000000000
#define KSTACK_MAP  0xffffffe000000000
#define DIRECT_SIZE 0x0000002000000000

#define USER_END 0x0000003fffffe000 // nothing of the user's from here on

#ifndef __ASSEMBLER__

#include <stdint.h>

static inline uint64_t
pa_of(const void *kva)
{
  return (uint64_t)kva - DIRECT_MAP;
}

static inline void *
kva_of(uint64_t pa)
{
  return (void *)(pa + DIRECT_MAP);
}

#define ROUND_DOWN(x, to) ((x) & ~((uint64_t)(to)-1))
#define ROUND_UP(x, to)   ROUND_DOWN((x) + (to)-1, to)

#endif
#endif
