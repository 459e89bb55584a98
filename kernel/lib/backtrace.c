// backtrace.c - how the kernel got where it is.
//
// No frame pointer is kept, so that functions need not save and load one.
// Instead the beginning of each active function is read: the instructions
// that lower sp, and the one that stores ra, tell where its caller's frame
// starts and where the return address lies.

#include "kernel/lib/backtrace.h"

#include <stdbool.h>

#include "kernel/lib/print.h"
#include "kernel/lib/symbols.h"
#include "kernel/trap/frame.h"

#define MAXDEPTH 32

extern char text_start[], text_end[]; // kernel.ld
extern char kernel_return[];          // entry.S

struct prologue {
  uint64_t size; // sp was lowered by
  int64_t ra_at; // ra is saved at this offset, or -1
};

// The value of bits high..low of an instruction.
static uint32_t
bits(uint32_t insn, int high, int low)
{
  return insn >> low & ((2U << (high - low)) - 1);
}

static int64_t
sign_extend(uint64_t v, int width)
{
  return (int64_t)(v << (64 - width)) >> (64 - width);
}

// A compressed instruction (unprivileged manual, chapter 16).
static void
read_short(uint16_t i, struct prologue *p)
{
  int64_t imm;

  if ((i & 0xef83) == 0x6101) { // c.addi16sp imm
    imm = sign_extend(bits(i, 12, 12) << 9 | bits(i, 4, 3) << 7 |
                        bits(i, 5, 5) << 6 | bits(i, 2, 2) << 5 |
                        bits(i, 6, 6) << 4,
                      10);
    if (imm < 0)
      p->size += -imm;
  } else if ((i & 0xef83) == 0x0101) { // c.addi sp, imm
    imm = sign_extend(bits(i, 12, 12) << 5 | bits(i, 6, 2), 6);
    if (imm < 0)
      p->size += -imm;
  } else if ((i & 0xe07f) == 0xe006) { // c.sdsp ra, imm(sp)
    p->ra_at = bits(i, 9, 7) << 6 | bits(i, 12, 10) << 3;
  }
}

static void
read_long(uint32_t i, struct prologue *p)
{
  if ((i & 0xfffff) == 0x10113) { // addi sp, sp, imm
    int64_t imm = (int32_t)i >> 20;

    if (imm < 0)
      p->size += -imm;
  } else if ((i & 0x1fff07f) == 0x0113023) { // sd ra, imm(sp)
    p->ra_at = sign_extend(bits(i, 31, 25) << 5 | bits(i, 11, 7), 12);
  }
}

// Read a function from its start up to pc, or until it has saved ra.
static struct prologue
read_prologue(uint64_t start, uint64_t pc)
{
  struct prologue p = { .ra_at = -1 };

  while (start < pc && p.ra_at < 0) {
    uint16_t low = *(const uint16_t *)start;

    if ((low & 3) == 3) {
      read_long(low | (uint32_t)((const uint16_t *)start)[1] << 16, &p);
      start += 4;
    } else {
      read_short(low, &p);
      start += 2;
    }
  }
  return p;
}

static bool
in_text(uint64_t pc)
{
  return pc >= (uint64_t)text_start && pc < (uint64_t)text_end;
}

// Is there a stack at sp, with room for size bytes above?
static bool
sound(uint64_t sp, uint64_t size)
{
  return sp % 8 == 0 && (sp & KSTACK_SIZE) &&
         ((sp + size - 1) ^ sp) >> KSTACK_SHIFT == 0;
}

// One active function: print it, and go on to its caller. A return address may
// be the first of the next function, when the call does not return; so it is
// looked up one byte before.
static bool
step(uint64_t *pc, uint64_t *sp, uint64_t *ra, bool returns)
{
  uint64_t offset;
  const char *name = symbol_of(*pc - returns, &offset);
  struct prologue p = read_prologue(*pc - returns - offset, *pc);

  kprintf("  %016lx %s+0x%lx\n", *pc, name, offset + returns);
  if (!sound(*sp, p.size + 8))
    return false;
  *pc = p.ra_at < 0 ? *ra : *(const uint64_t *)(*sp + p.ra_at);
  *sp += p.size;
  *ra = 0;
  return true;
}

void
backtrace(uint64_t pc, uint64_t sp, uint64_t ra)
{
  bool returns = false;

  kprintf("backtrace:\n");
  for (int depth = 0; depth < MAXDEPTH && in_text(pc); depth++) {
    const struct frame *f = (const struct frame *)sp;

    if (pc != (uint64_t)kernel_return) {
      if (!step(&pc, &sp, &ra, returns))
        return;
      returns = true;
      continue;
    }
    if (!sound(sp, FRAME_SIZE))
      return;
    kprintf("  ---- trap ----\n");
    pc = f->pc, sp = f->sp, ra = f->ra;
    returns = false;
  }
}
