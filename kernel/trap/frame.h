// frame.h - the trap frame: the registers of what was interrupted, and the
// offsets that assembly uses, which frame_check.c holds to the structs.
//
// A process's user registers lie in one frame at the very top of its kernel
// stack. A trap out of the kernel pushes another frame below what runs.

#ifndef KERNEL_TRAP_FRAME_H
#define KERNEL_TRAP_FRAME_H

#define FRAME_SIZE   272
#define FRAME_REG(x) (((x)-1) * 8) // register x1 .. x31
#define FRAME_PC     248
#define FRAME_STATUS 256

// struct hart
#define HART_KSP       0
#define HART_PROC      8
#define HART_RESCHED   16
#define HART_INDEX     20
#define HART_SAVE      24
#define HART_FILES     40
#define HART_EMERGENCY 48
#define HART_ID        56
#define HART_TRACING   71
#define HART_SIZE      1024
#define MAXHART        16

// struct proc
#define PROC_ATTENTION 0

// Kernel stacks: the upper half of a slot of twice their size, so one bit of
// sp tells whether it has left its stack (see kernel/mm/kstack.c).
#define KSTACK_SHIFT 14
#define KSTACK_SIZE  (1 << KSTACK_SHIFT)

#ifndef __ASSEMBLER__

#include <stdint.h>

struct frame {
  uint64_t ra, sp, gp, tp;
  uint64_t t0, t1, t2;
  uint64_t s0, s1;
  uint64_t a[8];
  uint64_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
  uint64_t t3, t4, t5, t6;
  uint64_t pc;     // sepc
  uint64_t status; // sstatus: SPP, SPIE, FS of what was interrupted
  uint64_t unused; // keeps sp a multiple of 16
};

#endif
#endif
