// access.c - a program that reads, writes or jumps where it must not ends, and
// nobody else does: whatever bits the address has.

#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "tests/guest/guest.h"

static uint64 target;

// In assembly: of an access that C forbids, a compiler makes what it likes.
static void
load(void)
{
  asm volatile("lb zero, 0(%0)" : : "r"(target) : "memory");
}

static void
store(void)
{
  asm volatile("sb zero, 0(%0)" : : "r"(target) : "memory");
}

static void
jump(void)
{
  asm volatile("jalr %0" : : "r"(target) : "ra", "memory");
}

static void
forbidden(uint64 a)
{
  static void (*const ways[])(void) = { load, store, jump };

  target = a;
  for (uint i = 0; i < COUNT(ways); i++)
    EXPECT_IS(guest_status(ways[i]), KILLED);
}

// Every bit that a user's address may not have, alone and with all below.
static void
high_bits(void)
{
  for (int bit = 38; bit < 64; bit++) {
    forbidden(1UL << bit);
    forbidden(-(1UL << bit));
    forbidden((1UL << bit) + (uint64)high_bits);
  }
}

static void
the_kernel(void)
{
  static const uint64 where[] = {
    KERNBASE, KERNBASE + 0x200000, PHYSTOP - 8, TRAPFRAME, TRAMPOLINE,
    MAXVA - 1, UART0, PLIC, VIRTIO0, 0xffffffc000000000, 0xffffffc010000000,
    0xffffffc080200000, 0xffffffe000000000, 0xffffffffffffffff,
  };

  for (uint i = 0; i < COUNT(where); i++)
    forbidden(where[i]);
}

static void
just_outside(void)
{
  uint64 top = PGROUNDUP((uint64)sbrk(0));
  uint64 stack = PGROUNDDOWN(r_sp());

  sbrk(top - (uint64)sbrk(0));
  forbidden(top);
  forbidden(top + 7 * PAGE);
  forbidden(stack - 1);
  forbidden(stack - PAGE);
  forbidden((1UL << 38) - 3 * PAGE);    // the last page that a heap could have
  sbrk(PAGE);
  target = top;
  EXPECT_IS(guest_status(load), 0);
  EXPECT_IS(guest_status(store), 0);
  EXPECT_IS(guest_status(jump), KILLED);        // data is not executable
}

static void
the_text(void)
{
  static const char constant[] = "constant";

  target = (uint64)the_text;
  EXPECT_IS(guest_status(load), 0);
  EXPECT_IS(guest_status(store), KILLED);
  target = (uint64)constant;
  EXPECT_IS(guest_status(store), KILLED);
  target = 0;
  EXPECT_IS(guest_status(store), KILLED);
  target = PGROUNDDOWN(r_sp());
  EXPECT_IS(guest_status(jump), KILLED);
}

// A load of 8 bytes whose last ones are beyond the end.
static void
wide(void)
{
  asm volatile("ld t0, 0(%0)" : : "r"(target) : "t0", "memory");
}

static void
across_the_edge(void)
{
  uint64 top = PGROUNDUP((uint64)sbrk(0));

  sbrk(top - (uint64)sbrk(0));
  target = top - 8;
  EXPECT_IS(guest_status(wide), 0);
  target = top - 4;
  EXPECT_IS(guest_status(wide), KILLED);
}

static const struct guest_case cases[] = {
  { "high_bits", high_bits },
  { "the_kernel", the_kernel },
  { "just_outside", just_outside },
  { "the_text", the_text },
  { "across_the_edge", across_the_edge },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
