// heap.c - sbrk and sbrklazy: up, down, and past every limit; what is behind
// the heap, and that memory comes zeroed.

#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "kernel/vm.h"
#include "tests/guest/guest.h"

static char *target;

static void
touch(void)
{
  *(volatile char *)target = 1;
}

static void
look(void)
{
  (void)*(volatile char *)target;
}

static int
zeroed(const char *p, uint n)
{
  for (uint i = 0; i < n; i++)
    if (p[i])
      return 0;
  return 1;
}

static void
up_and_down(void)
{
  char *a = sbrk(0), *b;

  EXPECT(a != SBRK_ERROR);
  b = sbrk(10000);
  EXPECT(b == a);
  EXPECT(sbrk(0) == a + 10000);
  memset(a, 7, 10000);
  EXPECT(sbrk(-10000) == a + 10000);
  EXPECT(sbrk(0) == a);
}

// A byte at a time, across pages.
static void
bytes(void)
{
  char *a = sbrk(0);

  for (int i = 0; i < 2 * PAGE; i++) {
    EXPECT(sbrk(1) == a + i);
    a[i] = 1;
  }
  for (int i = 2 * PAGE; i > 0; i--)
    EXPECT(sbrk(-1) == a + i);
  EXPECT(sbrk(0) == a);
}

// What was given back and is taken again is zero, whoever gives it.
static void
zeroes(void)
{
  char *a = (char *)PGROUNDUP((uint64)sbrk(0));

  sbrk(a - sbrk(0));
  EXPECT(sbrk(16 * PAGE) == a);
  memset(a, 0xff, 16 * PAGE);
  sbrk(-16 * PAGE);
  EXPECT(sbrk(16 * PAGE) == a);
  EXPECT(zeroed(a, 16 * PAGE));
  memset(a, 0xff, 16 * PAGE);
  sbrk(-16 * PAGE);
  EXPECT(sbrklazy(16 * PAGE) == a);
  EXPECT(zeroed(a, 16 * PAGE));
}

static void
behind_the_heap(void)
{
  target = (char *)PGROUNDUP((uint64)sbrk(0));
  sbrk(target - sbrk(0));
  EXPECT_IS(guest_status(look), KILLED);
  EXPECT_IS(guest_status(touch), KILLED);
  sbrk(PAGE);
  EXPECT_IS(guest_status(touch), 0);
  sbrk(-PAGE);
  EXPECT_IS(guest_status(touch), KILLED);
}

// A call that cannot be served changes nothing.
static void
refused(void)
{
  char *a = sbrk(0);

  EXPECT(sys_sbrk(0x7fffffff, SBRK_EAGER) == SBRK_ERROR);
  EXPECT(sbrk(0) == a);
  EXPECT(sbrk(-(int)(uint64)a - PAGE) == a);    // below 0: as in xv6
  EXPECT(sbrk(0) == a);
  EXPECT(sbrk(-(int)(uint64)a - 1) == a);
  EXPECT(sbrk(0) == a);
  *(volatile char *)(a - 1) = 1;
}

// Address space that only sbrklazy gives: all of it, in the end.
static void
to_the_limit(void)
{
  char *a = sbrk(0), *b = a;

  while (sbrklazy(0x7ffff000) != SBRK_ERROR)
    b += 0x7ffff000;
  EXPECT(b - a > 64L << 30);
  EXPECT(sbrk(0) == b);
  EXPECT((uint64)b <= TRAPFRAME);
  target = b - 1;
  EXPECT_IS(guest_status(touch), 0);
  while (sbrk(0) > a)
    sbrk(sbrk(0) - a > 0x40000000 ? -0x40000000 : (int)(a - sbrk(0)));
  EXPECT(sbrk(0) == a);
}

// Lazy memory costs nothing until it is touched, by program or kernel.
static void
lazy(void)
{
  struct procinfo before, after;
  char *a = sbrklazy(1 << 30);
  int fd[2];

  EXPECT(a != SBRK_ERROR);
  EXPECT_IS(procinfo(getpid(), &before), getpid());
  EXPECT(before.pages < 100);
  a[0] = 1;
  a[(1 << 30) - 1] = 1;
  EXPECT_IS(a[1 << 29], 0);
  EXPECT_IS(procinfo(getpid(), &after), getpid());
  EXPECT(after.pages <= before.pages + 3);
  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(write(fd[1], a + 100 * PAGE, 100), 100);
  EXPECT_IS(read(fd[0], a + 200 * PAGE - 50, 100), 100);
  EXPECT(zeroed(a + 200 * PAGE - 50, 100));
  EXPECT_IS(pipe((int *)(a + 300 * PAGE)), 0);
  EXPECT(*(int *)(a + 300 * PAGE) > 2);
}

// Eager memory is there: more than there is, is refused at once.
static void
eager(void)
{
  struct sysinfo si;
  char *a = sbrk(0);
  uint64 got = 0;

  EXPECT_IS(sysinfo(&si), 0);
  while (got <= si.mem_total && sbrk(1 << 20) != SBRK_ERROR)
    got += 1 << 20;
  EXPECT(got < si.mem_total);
  EXPECT(got > si.mem_free / 2);
  for (uint64 i = 0; i < got; i += got > 200 << 20 ? 16 * PAGE : PAGE)
    a[i] = 1;
}

// As much as there is, again and again: nothing is lost.
static void
all_of_it(void)
{
  struct sysinfo before, after;

  EXPECT_IS(guest_status(eager), 0);
  sysinfo(&before);
  for (int i = 0; i < 5; i++)
    EXPECT_IS(guest_status(eager), 0);
  sysinfo(&after);
  EXPECT(after.mem_free + 64 * PAGE >= before.mem_free);
}

static void
touch_too_much(void)
{
  char *a = sbrklazy(0x7ffff000);

  for (uint64 i = 0; i < 0x7ffff000; i += PAGE)
    a[i] = 1;
}

// Who touches more lazy memory than there is, is killed, and nobody else.
static void
lazy_too_much(void)
{
  struct sysinfo before, after;

  EXPECT_IS(sysinfo(&before), 0);
  if (before.mem_total > 0x7ffff000)
    return;
  EXPECT_IS(guest_status(touch_too_much), KILLED);
  EXPECT_IS(sysinfo(&after), 0);
  EXPECT(after.mem_free + 64 * PAGE >= before.mem_free);
}

static void
reach_lazily(void)
{
  target = sbrklazy(8 * PAGE);
  EXPECT_IS(guest_status(touch), 0);
  EXPECT_IS(target[0], 0);
  target[0] = 2;
  EXPECT_IS(guest_status(touch), 0);
  EXPECT_IS(target[0], 2);
}

static void
below_the_stack(void)
{
  target = (char *)PGROUNDDOWN(r_sp()) - PAGE;
  EXPECT_IS(guest_status(look), KILLED);
  EXPECT_IS(guest_status(touch), KILLED);
}

static void __attribute__((noinline))
recurse(uint depth)
{
  volatile char here[512];

  here[0] = depth;
  if (depth > 0)
    recurse(depth - 1);
  here[1] = here[0];
}

static void
overflow(void)
{
  recurse(1 << 20);
}

static void
stack_overflow(void)
{
  EXPECT_IS(guest_status(overflow), KILLED);
}

static void
give_all_back(void)
{
  char *a = sbrk(0);

  // Text, data and stack are not the heap's to give back, or, if they go, it
  // is this process alone that cannot go on.
  sbrk(-(int)(uint64)a);
  exit(0);
}

static void
below_zero(void)
{
  int status = guest_status(give_all_back);

  EXPECT(status == 0 || status == KILLED);
}

static void
use_malloc(void)
{
  static char *p[200];

  for (int round = 0; round < 20; round++) {
    for (uint i = 0; i < COUNT(p); i++) {
      p[i] = malloc(i * 37 + round);
      EXPECT(p[i] != 0);
      EXPECT_IS((uint64)p[i] % 16, 0);
      memset(p[i], i, i * 37 + round);
    }
    for (uint i = 0; i < COUNT(p); i++) {
      for (uint k = 0; k < i * 37 + round; k++)
        EXPECT_IS(p[i][k], (char)i);
      free(p[i]);
    }
  }
  EXPECT(sbrk(0) < (char *)(4 << 20));
}

static const struct guest_case cases[] = {
  { "up_and_down", up_and_down },
  { "bytes", bytes },
  { "zeroes", zeroes },
  { "behind_the_heap", behind_the_heap },
  { "refused", refused },
  { "to_the_limit", to_the_limit },
  { "lazy", lazy },
  { "reach_lazily", reach_lazily },
  { "eager", eager },
  { "all_of_it", all_of_it },
  { "lazy_too_much", lazy_too_much },
  { "below_the_stack", below_the_stack },
  { "stack_overflow", stack_overflow },
  { "below_zero", below_zero },
  { "use_malloc", use_malloc },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
