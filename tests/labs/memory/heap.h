// heap.h - a part of guest/lab_memory.c: faults counted, the heap's end,
// promises, and what is left when memory is short.

// Ticks of the instruction counter that it takes to write to, or read, the
// first byte of n pages.
static long
cost(char *p, int n)
{
  uint64 before, after;

  asm volatile("rdinstret %0" : "=r"(before) : : "memory");
  fill(p, n, 'x');
  asm volatile("rdinstret %0" : "=r"(after) : : "memory");
  return after - before;
}

static long
cost_to_read(char *p, int n)
{
  uint64 before, after;

  asm volatile("rdinstret %0" : "=r"(before) : : "memory");
  LAB_IS(filled(p, n, 'x'), n);
  asm volatile("rdinstret %0" : "=r"(after) : : "memory");
  return after - before;
}

// A trap is some hundred instructions, a turn of these loops not ten.
static void
one_fault(void)
{
  int n = 40, status = -2;
  char *far = sbrklazy(FAR);
  long most;

  LAB_EXPECT(far != SBRK_ERROR);
  get_heap(n, 'x');
  cost(heap, n);
  most = 5 * cost(heap, n);
  far = (char *)PGROUNDUP((uint64)far) + FAR / 2;
  LAB_EXPECT(cost(far, n) > most);
  LAB_EXPECT(cost(far, n) < most);
  if (fork() == 0) {
    LAB_EXPECT(cost_to_read(far, n) < most);
    LAB_EXPECT(cost(far, n) > most);
    LAB_EXPECT(cost(far, n) < most);
    exit(0);
  }
  LAB_EXPECT(wait(&status) > 0);
  LAB_IS(status, 0);
  LAB_EXPECT(cost_to_read(far, n) < most);
  cost(far, n);
  LAB_EXPECT(cost(far, n) < most);
}

static char *top; // of the heap

static void
touch_behind(void)
{
  top[-1] = 1;
  sbrk(-PAGE);
  top[-1] = 1; // at once
}

static void
look_behind(void)
{
  sbrk(-PAGE);
  (void)*(volatile char *)(top - 1);
}

// What is given back is free, and gone; what is left is left.
static void
sbrk_down(void)
{
  long before;

  get_heap(32, 'a');
  top = heap + 32 * PAGE;
  LAB_IS(status_of(touch_behind), KILLED);
  LAB_IS(status_of(look_behind), KILLED);
  memset(heap + 15 * PAGE, 'b', PAGE);
  before = memory_first();
  LAB_IS(sbrk(-16 * PAGE - 1000) == top, 1); // within page 15
  LAB_IS(memory() - before, 16);
  LAB_IS(sbrk(0) == heap + 16 * PAGE - 1000, 1);
  LAB_IS(heap[16 * PAGE - 1001], 'b');
  LAB_IS(filled(heap, 15, 'a'), 15);
  LAB_IS(sbrk(1000 + 16 * PAGE) == heap + 16 * PAGE - 1000, 1);
  LAB_IS(zeroes(heap + 16 * PAGE, 16 * PAGE), 16 * PAGE);
  memset(heap + 16 * PAGE, 0xff, 16 * PAGE);
  LAB_IS(sbrk(-16 * PAGE) == top, 1);
  LAB_IS(sbrklazy(16 * PAGE) == heap + 16 * PAGE, 1);
  LAB_IS(zeroes(heap + 16 * PAGE, 16 * PAGE), 16 * PAGE);
  LAB_IS(sbrk(-16 * PAGE) == top, 1);
  LAB_IS(sys_sbrk(PAGE - (int)(uint64)sbrk(0), SBRK_EAGER), SBRK_ERROR);
  LAB_IS(sbrk(0) == heap + 16 * PAGE, 1);
}

// Promise all there is, chunk by chunk. Returns the pages.
static long
promise_all(void)
{
  long n = 0;

  for (int size = 256; size > 0; size /= 4)
    while (sbrk(size * PAGE) != SBRK_ERROR)
      n += size;
  return n;
}

// How much can be promised; it is given back.
static long
can_be_promised(void)
{
  long n = 0;
  char c[8];

  LAB_IS(pipe(back), 0);
  if (fork() == 0) {
    n = promise_all();
    write(back[1], &n, sizeof(n));
    exit(0);
  }
  LAB_IS(read(back[0], c, sizeof(c)), sizeof(n));
  memcpy(&n, c, sizeof(n));
  LAB_EXPECT(wait(0) > 0);
  close(back[0]);
  close(back[1]);
  return n;
}

// A promise costs no page, is not given twice, and is kept.
static void
promised(void)
{
  struct sysinfo si;
  long before = memory_first(), n;
  char *a = sbrk(0);

  a = sbrk(pages * PAGE);
  LAB_EXPECT(a != SBRK_ERROR);
  LAB_EXPECT(before - memory() <= 2); // tables
  LAB_IS(sys_sbrk(0x7fffffff, SBRK_EAGER), SBRK_ERROR);
  LAB_IS(sbrk(0) == a + pages * PAGE, 1);
  LAB_IS(zeroes(a, pages * PAGE), pages * PAGE);
  LAB_IS(sysinfo(&si), 0);
  n = promise_all();
  LAB_EXPECT(n < (long)(si.mem_total / PAGE));
  LAB_EXPECT(n > (long)(si.mem_free / PAGE / 2));
  LAB_IS(sys_sbrk(8 * PAGE, SBRK_EAGER), SBRK_ERROR);
  fill(a, n + pages, 'p');
  LAB_IS(filled(a, n + pages, 'p'), n + pages);
}

static void
family(int i)
{
  if (fork() == 0) {
    if (fork() == 0) {
      fill(heap, pages / 4, i);
      sbrk(-(pages / 8) * PAGE);
      exit(0);
    }
    fill(heap, pages / 2, i);
    fill(sbrk(8 * PAGE), 8, i);
    sbrklazy(FAR)[PAGE] = 1;
    wait(0);
    exit(0);
  }
  fill(heap + pages / 2 * PAGE, pages / 4, 'a');
  LAB_EXPECT(wait(0) > 0);
}

static void
no_leak(void)
{
  long before, room;

  get_heap(pages, 'a');
  family('b');
  room = can_be_promised();
  before = memory_first();
  for (int i = 0; i < forks; i++)
    family(i);
  LAB_IS(before - memory(), 0);
  LAB_IS(room - can_be_promised(), 0);
  LAB_IS(filled(heap, pages, 'a'), pages);
}

static void
touch_too_much(void)
{
  char *a = sbrklazy(0x7ffff000);

  if (a == SBRK_ERROR)
    exit(1);
  for (uint64 i = 0; i < 0x7ffff000; i += PAGE)
    a[i] = 1;
}

// Promised more than half of what there is, so that a fork cannot count on the
// copies.
static void
fork_too_much(void)
{
  long n = can_be_promised() * 6 / 10;

  LAB_EXPECT(sbrk(n * PAGE) != SBRK_ERROR);
  LAB_IS(fork(), -1);
  sbrk(-n * PAGE);
  LAB_IS(status_of(touch_too_much), KILLED);
}

static void
no_memory(void)
{
  long before, room;

  get_heap(pages, 'a');
  LAB_IS(status_of(touch_too_much), KILLED);
  room = can_be_promised();
  before = memory_first();
  LAB_IS(status_of(touch_too_much), KILLED);
  LAB_IS(status_of(fork_too_much), 0);
  LAB_IS(filled(heap, pages, 'a'), pages);
  LAB_IS(before - memory(), 0);
  LAB_IS(room - can_be_promised(), 0);
}

static volatile char *target;

static void
look(void)
{
  (void)*target;
}

static void
touch(void)
{
  *target = 1;
}

static void
jump(void)
{
  ((void (*)(void))target)();
}

// A fault is an excuse for nothing that the regions do not allow.
static void
protect(void)
{
  char *far = sbrklazy(FAR);

  LAB_EXPECT(far != SBRK_ERROR);
  target = far + FAR / 2;
  LAB_IS(status_of(touch), 0);
  LAB_IS(status_of(jump), KILLED);
  LAB_IS(sbrk(-FAR) == far + FAR, 1);
  LAB_IS(status_of(look), KILLED);
  LAB_IS(status_of(touch), KILLED);
  target = (char *)touch;
  LAB_IS(status_of(look), 0);
  LAB_IS(status_of(touch), KILLED);
  target = (char *)"constant";
  LAB_IS(status_of(touch), KILLED);
  target = (char *)PGROUNDDOWN(r_sp()) - PAGE; // the guard
  LAB_IS(status_of(look), KILLED);
  LAB_IS(status_of(touch), KILLED);
  target = (char *)TRAPFRAME;
  LAB_IS(status_of(look), KILLED);
}
