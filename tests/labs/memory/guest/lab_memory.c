// lab_memory PAGES WRITES FORKS - what fork and the heap promise, and what
// they cost in pages. A heap of PAGES pages; WRITES of them are written by a
// child; FORKS forks lose nothing.
//
// Cases that a kernel with a mistake is likely not to survive come last.

#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "tests/labs/frame/guest.h"

#define PAGE   4096
#define KILLED (-1) // status of a process that was killed
#define FAR    (1 << 30)

static int pages, writes, forks;
static char *heap;
static char data[2 * PAGE] = { 1 };

// ---- tools
// -------------------------------------------------------------------

// Pages that are free, or of the kernel's objects or of its cache: these do not
// tell what programs use. The same whenever the same programs run.
static long
memory(void)
{
  struct cacheinfo ci;
  struct sysinfo si;
  long n;

  sync();
  LAB_IS(sysinfo(&si), 0);
  n = (si.mem_free + si.mem_dirty) / PAGE;
  for (int i = 0; cacheinfo(i, &ci) == 0; i++)
    n += ci.pages;
  return n;
}

// The same, before a measurement: what is written to tell it has its own page
// by then.
static long
memory_first(void)
{
  memory();
  return memory();
}

static void
fill(char *p, int n, char c)
{
  for (int i = 0; i < n; i++)
    p[i * PAGE] = c;
}

static long
filled(const char *p, int n, char c)
{
  long found = 0;

  for (int i = 0; i < n; i++)
    found += p[i * PAGE] == c;
  return found;
}

static long
zeroes(const char *p, int n)
{
  long found = 0;

  for (int i = 0; i < n; i++)
    found += p[i] == 0;
  return found;
}

// The heap's end on a page's boundary, and n pages behind it, each with c.
static void
get_heap(int n, char c)
{
  char *end = sbrk(0);

  sbrk(PGROUNDUP((uint64)end) - (uint64)end);
  heap = sbrk(n * PAGE);
  LAB_EXPECT(heap != SBRK_ERROR);
  fill(heap, n, c);
}

static int
status_of(void (*fn)(void))
{
  int status = -2, pid = fork();

  if (pid == 0) {
    fn();
    exit(0);
  }
  LAB_EXPECT(pid > 0);
  LAB_IS(waitpid(pid, &status, 0), pid);
  return status;
}

static int go[2], back[2];

static void
pipes(void)
{
  LAB_IS(pipe(go), 0);
  LAB_IS(pipe(back), 0);
}

static void
await(int fd)
{
  char c;

  LAB_IS(read(fd, &c, 1), 1);
}

static void
signal(int fd)
{
  LAB_IS(write(fd, "x", 1), 1);
}

#include "tests/labs/memory/heap.h"

// ---- fork
// --------------------------------------------------------------------

// What three children use that do nothing.
static void
shares(void)
{
  long before, after;

  get_heap(pages, 'a');
  pipes();
  before = memory_first();
  for (int i = 0; i < 3; i++) {
    int pid = fork();

    LAB_EXPECT(pid >= 0);
    if (pid == 0) {
      signal(back[1]);
      await(go[0]);
      exit(filled(heap, pages, 'a') == pages ? 0 : 1);
    }
    await(back[0]);
  }
  after = memory();
  lab_tell("fork-pages", "%d", (int)(before - after) / 3);
  for (int i = 0; i < 3; i++)
    signal(go[1]);
  for (int i = 0; i < 3; i++) {
    int status = -2;

    LAB_EXPECT(wait(&status) > 0);
    LAB_IS(status, 0);
  }
}

// The child's writes are its own, and cost a page each.
static void
child_writes(void)
{
  volatile int local = 5;
  int status = -2, pid;

  get_heap(pages, 'a');
  pid = fork();
  LAB_EXPECT(pid >= 0);
  if (pid == 0) {
    long before = memory_first();

    fill(heap, writes, 'b');
    lab_tell("child-copies", "%d", (int)(before - memory()));
    LAB_IS(filled(heap, writes, 'b'), writes);
    LAB_IS(filled(heap + writes * PAGE, pages - writes, 'a'), pages - writes);
    data[0] = data[PAGE] = 9;
    local = 6;
    exit(0);
  }
  LAB_IS(waitpid(pid, &status, 0), pid);
  LAB_IS(status, 0);
  LAB_IS(filled(heap, pages, 'a'), pages);
  LAB_IS(data[0], 1);
  LAB_IS(data[PAGE], 0);
  LAB_IS(local, 5);
}

// The parent writes, at once after the fork; then the child does.
static void
parent_writes(void)
{
  int status = -2, pid;

  get_heap(pages, 'a');
  pipes();
  pid = fork();
  if (pid > 0)
    fill(heap, pages, 'b'); // before anything else
  LAB_EXPECT(pid >= 0);
  if (pid == 0) {
    await(go[0]);
    LAB_IS(filled(heap, pages, 'a'), pages);
    fill(heap, pages, 'c');
    signal(back[1]);
    await(go[0]);
    LAB_IS(filled(heap, pages, 'c'), pages);
    exit(0);
  }
  signal(go[1]);
  await(back[0]);
  LAB_IS(filled(heap, pages, 'b'), pages);
  fill(heap, pages, 'd');
  signal(go[1]);
  LAB_IS(waitpid(pid, &status, 0), pid);
  LAB_IS(status, 0);
  LAB_IS(filled(heap, pages, 'd'), pages);
}

static void
write_all_pages(void)
{
  fill(heap, pages, 'b');
}

// Who is the last to have a page writes to it in place.
static void
last_sharer(void)
{
  long before, copied, in_place;
  int pid;

  get_heap(pages, 'a');
  LAB_IS(status_of(write_all_pages), 0);
  before = memory_first();
  fill(heap, pages, 'c');
  LAB_IS(before - memory(), 0);
  pipes();
  pid = fork();
  LAB_EXPECT(pid >= 0);
  if (pid == 0) {
    await(go[0]);
    before = memory_first();
    in_place = cost(heap, pages);
    LAB_IS(before - memory(), 0);
    LAB_IS(read(back[0], &copied, sizeof(copied)), sizeof(copied));
    LAB_EXPECT(copied > 2 * in_place); // a copy is 1400 instructions more
    exit(0);
  }
  before = memory_first();
  copied = cost(heap, pages); // now each has its own
  LAB_IS(before - memory(), pages);
  LAB_IS(write(back[1], &copied, sizeof(copied)), sizeof(copied));
  signal(go[1]);
  wait(&pid);
  LAB_IS(pid, 0);
}

// The kernel writes on the program's behalf.
static void
kernel_writes(void)
{
  int status = -2, pid;

  get_heap(8, 'a');
  pipes();
  *(int *)(heap + 6 * PAGE) = 7;
  pid = fork();
  LAB_EXPECT(pid >= 0);
  if (pid == 0) {
    LAB_IS(filled(heap, 6, 'a'), 6);
    LAB_IS(write(go[1], "xyz", 3), 3);
    LAB_IS(read(go[0], heap + 2 * PAGE - 1, 3), 3);
    LAB_IS(heap[2 * PAGE - 1], 'x');
    LAB_IS(heap[2 * PAGE + 1], 'z');
    LAB_IS(write(go[1], "q", 1), 1);
    LAB_IS(read(go[0], heap + 3 * PAGE, 1), 1);
    LAB_IS(heap[3 * PAGE], 'q');
    LAB_IS(pipe((int *)(heap + 4 * PAGE)), 0);
    if (fork() == 0)
      exit(55);
    LAB_EXPECT(wait((int *)(heap + 6 * PAGE)) > 0);
    LAB_IS(*(int *)(heap + 6 * PAGE), 55);
    exit(0);
  }
  LAB_IS(waitpid(pid, &status, 0), pid);
  LAB_IS(status, 0);
  LAB_IS(heap[2 * PAGE - 1], 0);
  LAB_IS(filled(heap, 6, 'a'), 6);
  LAB_IS(*(int *)(heap + 6 * PAGE), 7);
}

// ---- the heap
// ------------------------------------------------------------------

// Lazy memory costs its pages, when they are touched.
static void
lazy(void)
{
  long before = memory_first();
  char *far = sbrklazy(FAR);

  LAB_EXPECT(far != SBRK_ERROR);
  LAB_IS(before - memory(), 0);
  far = (char *)PGROUNDUP((uint64)far);
  far[FAR / 2] = 1;
  LAB_EXPECT(before - memory() <= 3); // with two tables
  LAB_IS(zeroes(far + FAR / 2 + 1, PAGE - 1), PAGE - 1);
  before = memory();
  fill(far + FAR / 2 + PAGE, 20, 'a');
  LAB_IS(before - memory(), 20);
  LAB_IS(zeroes(far + FAR / 4, 2 * PAGE), 2 * PAGE);
  LAB_IS(filled(far + FAR / 2 + PAGE, 20, 'a'), 20);
}

// Nobody touched it before the kernel does.
static void
kernel_touches(void)
{
  char *far = sbrklazy(FAR);
  char text[4];

  LAB_EXPECT(far != SBRK_ERROR);
  pipes();
  far = (char *)PGROUNDUP((uint64)far);
  LAB_IS(write(go[1], far + 100 * PAGE, 4), 4);
  LAB_IS(read(go[0], text, 4), 4);
  LAB_IS(zeroes(text, 4), 4);
  LAB_IS(write(go[1], "xyz", 3), 3);
  LAB_IS(read(go[0], far + 201 * PAGE - 1, 3), 3);
  LAB_IS(far[201 * PAGE - 1], 'x');
  LAB_IS(far[201 * PAGE + 1], 'z');
  LAB_IS(write(go[1], "q", 1), 1);
  LAB_IS(read(go[0], far + 300 * PAGE, 1), 1);
  LAB_IS(far[300 * PAGE], 'q');
  LAB_IS(pipe((int *)(far + 400 * PAGE)), 0);
  LAB_EXPECT(*(int *)(far + 400 * PAGE) > 2);
  LAB_IS(write(go[1], far + FAR + PAGE, 1), -1);
}

int
main(int argc, char **argv)
{
  lab_begin();
  if (argc != 4)
    return 2;
  pages = atoi(argv[1]);
  writes = atoi(argv[2]);
  forks = atoi(argv[3]);
  // Right ones need at most a third of a second. Those that fault for ever must
  // not use up the CPU time that the host gives to the whole boot.
  lab_case("shares", shares, LAB_SEC);
  lab_case("child-writes", child_writes, LAB_SEC);
  lab_case("parent-writes", parent_writes, LAB_SEC);
  lab_case("last-sharer", last_sharer, LAB_SEC);
  lab_case("kernel-writes", kernel_writes, LAB_SEC);
  lab_case("lazy", lazy, LAB_SEC);
  lab_case("kernel-touches", kernel_touches, LAB_SEC);
  lab_case("one-fault", one_fault, LAB_SEC);
  lab_case("sbrk-down", sbrk_down, LAB_SEC);
  lab_case("promised", promised, LAB_SEC);
  lab_case("no-leak", no_leak, 5 * LAB_SEC);
  lab_case("protect", protect, LAB_SEC);
  lab_case("no-memory", no_memory, 5 * LAB_SEC);
  return lab_end();
}
