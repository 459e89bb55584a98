// riscv.h - what a program may know of the machine: pages, addresses, and the
// registers that user mode can read. ABI.

#ifndef KERNEL_RISCV_H
#define KERNEL_RISCV_H

#include "kernel/types.h"

#define PGSIZE  4096 // bytes of a page
#define PGSHIFT 12   // bits of an offset in a page

#define PGROUNDUP(sz)  (((sz) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a) (((a)) & ~(PGSIZE - 1))

// Sv39 has 39 bits, but the upper half is not a user's.
#define MAXVA (1L << (9 + 9 + 9 + 12 - 1))

#define PTE_V (1L << 0) // valid
#define PTE_R (1L << 1)
#define PTE_W (1L << 2)
#define PTE_X (1L << 3)
#define PTE_U (1L << 4) // user can access

#define PA2PTE(pa)     ((((uint64)(pa)) >> 12) << 10)
#define PTE2PA(pte)    (((pte) >> 10) << 12)
#define PTE_FLAGS(pte) ((pte)&0x3FF)

#define PXMASK         0x1FF // 9 bits
#define PXSHIFT(level) (PGSHIFT + (9 * (level)))
#define PX(level, va)  ((((uint64)(va)) >> PXSHIFT(level)) & PXMASK)

#ifndef __ASSEMBLER__

typedef uint64 pte_t;
typedef uint64 *pagetable_t; // 512 of them

// A general register, by the name that the assembler gives it.
#define RISCV_REGISTER(name)                                                   \
  static inline uint64 r_##name(void)                                          \
  {                                                                            \
    uint64 value;                                                              \
    __asm__ volatile("mv %0, " #name : "=r"(value));                           \
    return value;                                                              \
  }

RISCV_REGISTER(sp)
RISCV_REGISTER(ra)
RISCV_REGISTER(tp)

static inline uint64
r_fp(void)
{
  return (uint64)__builtin_frame_address(0);
}

// The machine's clock: 10 MHz on QEMU.
static inline uint64
r_time(void)
{
  uint64 now;

  __asm__ volatile("rdtime %0" : "=r"(now));
  return now;
}

#endif
#endif
