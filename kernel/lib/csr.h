// csr.h - control and status registers of a hart in S-mode, and fences.
//
// Names and bits: The RISC-V Instruction Set Manual, Volume II: Privileged
// Architecture, version 20211203, chapter 4, and the Sstc extension 1.0.

#ifndef KERNEL_LIB_CSR_H
#define KERNEL_LIB_CSR_H

#define SSTATUS_SIE      (1UL << 1)
#define SSTATUS_SPIE     (1UL << 5)
#define SSTATUS_SPP      (1UL << 8)
#define SSTATUS_FS       (3UL << 13)
#define SSTATUS_FS_INIT  (1UL << 13)
#define SSTATUS_FS_CLEAN (2UL << 13)

#define SIE_SSIE (1UL << 1) // software: from another hart
#define SIE_STIE (1UL << 5) // timer
#define SIE_SEIE (1UL << 9) // external: a device, through the PLIC

#define CAUSE_INTR       (1UL << 63)
#define INTR_SOFT        (CAUSE_INTR | 1)
#define INTR_TIMER       (CAUSE_INTR | 5)
#define INTR_EXTERNAL    (CAUSE_INTR | 9)
#define EXC_FETCH_ALIGN  0
#define EXC_FETCH_ACCESS 1
#define EXC_ILLEGAL      2
#define EXC_BREAK        3
#define EXC_LOAD_ALIGN   4
#define EXC_LOAD_ACCESS  5
#define EXC_STORE_ALIGN  6
#define EXC_STORE_ACCESS 7
#define EXC_ECALL_USER   8
#define EXC_FETCH_PAGE   12
#define EXC_LOAD_PAGE    13
#define EXC_STORE_PAGE   15

#define SATP_SV39       (8UL << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK  0xffffUL

#ifndef __ASSEMBLER__

#include <stdint.h>

#define csr_read(name)                                                         \
  ({                                                                           \
    uint64_t v_;                                                               \
    asm volatile("csrr %0, " #name : "=r"(v_) : : "memory");                   \
    v_;                                                                        \
  })
#define csr_write(name, v)                                                     \
  asm volatile("csrw " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")
#define csr_set(name, v)                                                       \
  asm volatile("csrs " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")
#define csr_clear(name, v)                                                     \
  asm volatile("csrc " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")

// stimecmp by number: the assembler may not know Sstc.
#define CSR_STIMECMP 0x14d

static inline uint64_t
read_time(void)
{
  uint64_t t;

  asm volatile("rdtime %0" : "=r"(t));
  return t;
}

// Interrupts off; returns whether they were on.
static inline uint64_t
intr_off(void)
{
  uint64_t was;

  asm volatile("csrrci %0, sstatus, 2" : "=r"(was) : : "memory");
  return was & SSTATUS_SIE;
}

static inline void
intr_on(void)
{
  asm volatile("csrsi sstatus, 2" : : : "memory");
}

static inline void
fence_page(uint64_t va, uint64_t asid)
{
  asm volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}

static inline void
fence_space(uint64_t asid)
{
  asm volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
}

static inline void
fence_all(void)
{
  asm volatile("sfence.vma zero, zero" : : : "memory");
}

#endif
#endif
