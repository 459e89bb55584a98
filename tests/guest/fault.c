// fault.c - do one forbidden thing.
//
//     t_fault WHAT            returns only if it was allowed, with status 0
//     t_fault                 list the kinds

#include "kernel/types.h"
#include "user/peach.h"

// In assembly: of an access that C forbids, a compiler makes what it likes.
static void
rd(uint64 a)
{
  asm volatile("lb zero, 0(%0)" : : "r"(a) : "memory");
}

static void
wr(uint64 a)
{
  asm volatile("sb zero, 0(%0)" : : "r"(a) : "memory");
}

static void
jump(uint64 a)
{
  asm volatile("jalr %0" : : "r"(a) : "ra", "memory");
}

static void null(void) { rd(0); }
static void null_write(void) { wr(0); }
static void heap(void) { rd((uint64)sbrk(0) + 8 * 4096); }
static void kernel(void) { rd(0xffffffc080200000); }
static void kernel_write(void) { wr(0xffffffc080200000); }
static void physical(void) { rd(0x80000000); }
static void high(void) { rd(0x8000000000000000); }
static void maxva(void) { rd(1ul << 38); }
static void last(void) { rd(-1ul); }
static void jump_null(void) { jump(0); }
static void jump_kernel(void) { jump(0xffffffc080200000); }
static void text(void) { wr((uint64)wr); }
static void illegal(void) { asm volatile(".word 0"); }
static void csr(void) { asm volatile("csrr t0, sstatus" ::: "t0"); }
static void sret(void) { asm volatile("sret"); }
static void breakpoint(void) { asm volatile("ebreak"); }

static void
heap_code(void)
{
  uint *code = malloc(64);

  *code = 0x00008067;   // ret
  asm volatile("fence.i");
  jump((uint64)code);
}

static void
stack_code(void)
{
  uint code[4] = { 0x00008067 };

  asm volatile("fence.i" ::: "memory");
  jump((uint64)code);
}

static int
deeper(volatile char *above, int n)
{
  volatile char page[1024];

  page[0] = *above;
  return n == 0 ? page[0] : deeper(page, n - 1) + page[0];
}

static void
stack(void)
{
  volatile char zero = 0;

  deeper(&zero, 1 << 20);
}

static const struct {
  const char *name;
  void (*fn)(void);
} kinds[] = {
  { "null", null },             { "null_write", null_write },
  { "heap", heap },             { "kernel", kernel },
  { "kernel_write", kernel_write }, { "physical", physical },
  { "high", high },             { "maxva", maxva },
  { "last", last },             { "jump_null", jump_null },
  { "jump_kernel", jump_kernel }, { "text", text },
  { "illegal", illegal },       { "csr", csr },
  { "sret", sret },             { "breakpoint", breakpoint },
  { "heap_code", heap_code },   { "stack_code", stack_code },
  { "stack", stack },
};

int
main(int argc, char *argv[])
{
  for (uint i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (argc < 2)
      printf("%s\n", kinds[i].name);
    else if (strcmp(argv[1], kinds[i].name) == 0)
      kinds[i].fn();
  }
  exit(0);
}
