// badptr.c - wild pointers, descriptors and numbers in every argument of every
// call: each is answered with -1, and the process lives.

#include "kernel/memlayout.h"
#include "kernel/syscall.h"
#include "tests/guest/guest.h"

// One argument of a call.
enum kind {
  NONE,
  IN,           // address of memory to read
  OUT,          // address of memory to write
  PATH,         // address of a string
  FD,           // descriptor
  LENGTH,       // how many bytes
  NUMBER,       // anything: no value is wrong by itself
};

static const struct call {
  const char *name;
  int number;
  enum kind kind[3];
} calls[] = {
  { "pipe", SYS_pipe, { OUT } },
  { "read", SYS_read, { FD, OUT, LENGTH } },
  { "write", SYS_write, { FD, IN, LENGTH } },
  { "close", SYS_close, { FD } },
  { "dup", SYS_dup, { FD } },
  { "fstat", SYS_fstat, { FD, OUT } },
  { "fsync", SYS_fsync, { FD } },
  { "exec", SYS_exec, { PATH, IN } },
  { "open", SYS_open, { PATH, NUMBER } },
  { "mknod", SYS_mknod, { PATH, NUMBER, NUMBER } },
  { "unlink", SYS_unlink, { PATH } },
  { "link", SYS_link, { PATH, PATH } },
  { "rename", SYS_rename, { PATH, PATH } },
  { "mkdir", SYS_mkdir, { PATH } },
  { "chdir", SYS_chdir, { PATH } },
  { "setattr", SYS_sched_setattr, { NUMBER, PATH, NUMBER } },
  { "getattr", SYS_sched_getattr, { NUMBER, PATH, OUT } },
  { "getaffinity", SYS_sched_getaffinity, { NUMBER, OUT } },
  { "procinfo", SYS_procinfo, { NUMBER, OUT } },
  { "hartinfo", SYS_hartinfo, { NUMBER, OUT } },
  { "sysinfo", SYS_sysinfo, { OUT } },
  { "param", SYS_sched_param, { NUMBER, OUT } },
  { "promise", SYS_sched_promise, { NUMBER, OUT } },
  { "attr", SYS_sched_attr, { NUMBER, OUT } },
  { "memmap", SYS_memmap, { OUT, LENGTH } },
};

// No byte at these may be read by a program.
static const uint64 wild[] = {
  KERNBASE, PHYSTOP - 8, TRAPFRAME, TRAPFRAME + 8, TRAMPOLINE, MAXVA - 1,
  MAXVA, 1UL << 39, 1UL << 47, 0x7fffffffffffffff, 1UL << 63,
  0xffffffc000000000, 0xffffffc080200000, -4096UL, -8UL, -1UL, 1UL << 56,
};

static const long fds[] = {
  -1, 3, 15, 16, 63, 64, 1000, 0x7fffffff, 0x80000000, -0x80000000L,
};

static const long numbers[] = {
  0, 1, -1, 0x7fffffff, -0x7fffffff, 1L << 40,
};

static char page[PAGE];
static int file;        // an open file of a page's length

static void
open_file(void)
{
  unlink("t_badptr.tmp");
  file = open("t_badptr.tmp", O_CREATE | O_RDWR);
  EXPECT(file >= 0);
  EXPECT_IS(write(file, page, sizeof(page)), sizeof(page));
  close(file);
  file = open("t_badptr.tmp", O_RDWR);
  EXPECT_IS(unlink("t_badptr.tmp"), 0);
}

static long
ecall(int number, const long *arg)
{
  register long a0 asm("a0") = arg[0];
  register long a1 asm("a1") = arg[1];
  register long a2 asm("a2") = arg[2];
  register long a7 asm("a7") = number;

  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

// A value that the argument could well have.
static long
fair(enum kind k)
{
  if (k == FD)
    return file;
  if (k == PATH)
    return (long)"nosuchdir/nosuchfile";
  if (k == IN || k == OUT)
    return (long)page;
  return k == LENGTH;
}

static void
refused(const struct call *c, const long *arg)
{
  if (ecall(c->number, arg) == -1)
    return;
  printf("%s(%lx, %lx, %lx) is not -1\n", c->name, arg[0], arg[1], arg[2]);
  exit(1);
}

static void
try_argument(const struct call *c, int i, const long *values, uint n)
{
  long arg[3];

  for (int k = 0; k < 3; k++)
    arg[k] = fair(c->kind[k]);
  for (uint v = 0; v < n; v++) {
    arg[i] = values[v];
    refused(c, arg);
  }
}

static void
addresses(void)
{
  open_file();
  for (const struct call *c = calls; c < calls + COUNT(calls); c++)
    for (int i = 0; i < 3; i++)
      if (c->kind[i] == IN || c->kind[i] == OUT || c->kind[i] == PATH)
        try_argument(c, i, (const long *)wild, COUNT(wild));
}

static void
descriptors(void)
{
  open_file();
  dup(file);
  close(file);          // fds[] has 3, so that one must be free
  EXPECT_IS(file, 3);
  file = 4;
  for (const struct call *c = calls; c < calls + COUNT(calls); c++)
    for (int i = 0; i < 3; i++)
      if (c->kind[i] == FD)
        try_argument(c, i, fds, COUNT(fds));
}

// Memory that may be read but not written.
static void
text_is_no_buffer(void)
{
  long text = (long)text_is_no_buffer;

  open_file();
  for (const struct call *c = calls; c < calls + COUNT(calls); c++)
    for (int i = 0; i < 3; i++)
      if (c->kind[i] == OUT)
        try_argument(c, i, &text, 1);
}

// Where the heap ends, a string or a buffer must not go on.
static void
over_the_edge(void)
{
  char *top = sbrk(0), *edge;
  long arg[3];

  open_file();
  edge = top + (-(uint64)top % PAGE) + PAGE;
  sbrk(edge - top);
  memset(edge - 20, 'x', 20);
  for (const struct call *c = calls; c < calls + COUNT(calls); c++) {
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 3; k++)
        arg[k] = fair(c->kind[k]);
      if (c->kind[i] == PATH)
        arg[i] = (long)edge - 20;
      else if (c->kind[i] == OUT || c->kind[i] == IN)
        arg[i] = (long)edge - 1;
      else
        continue;
      if (c->number == SYS_write || c->number == SYS_read)
        continue;       // see half_good
      refused(c, arg);
    }
  }
  edge[-1] = 0;
  EXPECT_IS(open(edge - 20, O_RDONLY), -1);
  EXPECT_IS(open("x", O_RDONLY), -1);
}

// A write to a file that reaches from good memory into bad fails, as in xv6;
// what comes before is written, and what the file had behind it stays.
static void
half_written(char *edge)
{
  int fd = open("t_badptr.tmp", O_CREATE | O_RDWR);

  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, "abcd", 4), 4);
  close(fd);
  fd = open("t_badptr.tmp", O_RDWR);
  memset(edge - 2, 'y', 2);
  EXPECT_IS(write(fd, edge - 2, 4), -1);
  close(fd);
  fd = open("t_badptr.tmp", O_RDWR);
  EXPECT_IS(read(fd, page, PAGE), 4);
  EXPECT_IS(memcmp(page, "yycd", 4), 0);
  EXPECT_IS(write(fd, edge - 100, 5000), -1);
  EXPECT_IS(read(fd, edge - 1, 2), -1);
  close(fd);
  EXPECT_IS(unlink("t_badptr.tmp"), 0);
}

// A read or write that reaches from good memory into bad.
static void
half_good(void)
{
  char *top = sbrk(0), *edge;
  int fd[2], n;

  edge = top + (-(uint64)top % PAGE) + PAGE;
  sbrk(edge - top);
  memset(edge - 100, 'y', 100);
  EXPECT_IS(pipe(fd), 0);
  n = write(fd[1], edge - 100, 200);
  EXPECT(n == -1 || (n > 0 && n <= 100));
  if (n < 0)
    EXPECT_IS(write(fd[1], page, 50), 50);
  n = read(fd[0], edge - 10, 100);
  EXPECT(n == -1 || (n > 0 && n <= 10));
  close(fd[0]);
  close(fd[1]);
  half_written(edge);
}

// read() into what may not be written, where there is something to read.
static void
read_into_text(void)
{
  char *where[] = {
    (char *)read_into_text, (char *)KERNBASE, (char *)-1L, (char *)MAXVA,
  };
  int fd[2];

  open_file();
  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(write(fd[1], page, 8), 8);
  for (uint i = 0; i < COUNT(where); i++) {
    EXPECT_IS(read(file, where[i], 8), -1);
    EXPECT_IS(read(fd[0], where[i], 8), -1);
  }
  if (fork() == 0)
    exit(0);
  EXPECT_IS(wait((int *)(char *)read_into_text), -1);
  EXPECT(wait(0) > 0);
}

// Values that may or may not be refused, but harm nobody.
static void
any_number(void)
{
  long arg[3];

  for (const struct call *c = calls; c < calls + COUNT(calls); c++) {
    for (int i = 0; i < 3; i++) {
      if (c->kind[i] != NUMBER)
        continue;
      for (uint v = 0; v < COUNT(numbers); v++) {
        for (int k = 0; k < 3; k++)
          arg[k] = fair(c->kind[k]);
        arg[i] = numbers[v];
        ecall(c->number, arg);
      }
    }
  }
}

static void
counts(void)
{
  int fd = open("t_badptr.tmp", O_CREATE | O_RDWR);

  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, page, -1), -1);
  EXPECT_IS(write(fd, page, -0x7fffffff - 1), -1);
  EXPECT_IS(read(fd, page, -1), -1);
  EXPECT(write(fd, page, 0x7fffffff) <= 64 * PAGE);
  EXPECT_IS(read(fd, page, 0), 0);
  EXPECT_IS(write(fd, page, 0), 0);
  close(fd);
  EXPECT_IS(unlink("t_badptr.tmp"), 0);
}

static void
long_paths(void)
{
  static char path[PAGE];

  memset(path, 'a', sizeof(path) - 1);
  EXPECT_IS(open(path, O_CREATE | O_RDWR), -1);
  EXPECT_IS(mkdir(path), -1);
  EXPECT_IS(unlink(path), -1);
  EXPECT_IS(chdir(path), -1);
  for (uint i = 0; i < sizeof(path) - 1; i++)
    path[i] = '/';
  EXPECT_IS(open(path, O_RDONLY), -1);
  path[100] = 0;
  EXPECT(open(path, O_RDONLY) > 2);
  EXPECT_IS(mkdir(""), -1);
  EXPECT_IS(unlink(""), -1);
}

static const struct guest_case cases[] = {
  { "addresses", addresses },
  { "descriptors", descriptors },
  { "text_is_no_buffer", text_is_no_buffer },
  { "over_the_edge", over_the_edge },
  { "half_good", half_good },
  { "read_into_text", read_into_text },
  { "any_number", any_number },
  { "counts", counts },
  { "long_paths", long_paths },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
