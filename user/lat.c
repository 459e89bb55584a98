// lat.c - operating-system cost microbenchmarks for xv6-style systems.
//
// Written against the xv6 user API (user/user.h).  It also builds, as the very
// same code, for Linux/riscv64 through lat_linux.h (raw system calls, no libc),
// and for any other kernel that offers the xv6 calls (see "Porting" below).
//
//   lat BENCH ITERS [PARAM [REPS]]     run one benchmark
//   lat list                           names, defaults and meaning
//
// Each result is one line, written by a single write(2):
//
//   lat NAME PARAM OPS TICKS
//
// TICKS is in units of the RISC-V `time` CSR (10 MHz on QEMU virt: 1 tick is
// 100 ns; under `-icount shift=0` 1 tick is exactly 100 guest instructions).
// OPS says how many operations TICKS covers, so cost per operation is
// TICKS/OPS.  Every repetition is preceded, once, by an untimed warm-up.
//
// Porting: the program needs fork exit wait pipe read write close kill exec
// open unlink getpid sbrk, atoi, strcmp, strlen and memset, and U-mode access
// to `rdtime` (mcounteren.TM from the firmware, scounteren.TM from the kernel).
// Define HAVE_YIELD if there is a yield(), HAVE_FSYNC if there is an fsync():
// Peach has both.

#define HAVE_YIELD 1
#define HAVE_FSYNC 1

#ifdef __linux__
#include "lat_linux.h"
#else
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "user/user.h"
#endif

#ifndef LAT_SELF
#define LAT_SELF "/lat"     // this program, for the exec benchmark
#endif
#ifndef LAT_TINY
#define LAT_TINY "/tiny"    // a program that only exits
#endif

#define PG 4096

typedef uint64 u64;

static char buf[PG];

static inline u64
now(void)
{
  u64 t;
  asm volatile("rdtime %0" : "=r"(t) : : "memory");
  return t;
}

static void
die(const char *what)
{
  write(2, "lat: failed: ", 13);
  write(2, what, strlen(what));
  write(2, "\n", 1);
  exit(1);
}

// ---- output: one line, one write ------------------------------------------

static char *
put_s(char *q, const char *s)
{
  while(*s)
    *q++ = *s++;
  return q;
}

static char *
put_u(char *q, u64 v)
{
  char d[24];
  int n = 0;
  do {
    d[n++] = '0' + v % 10;
    v /= 10;
  } while(v);
  while(n > 0)
    *q++ = d[--n];
  return q;
}

static int quiet;   // set during the warm-up

static void
report(const char *name, u64 param, u64 ops, u64 ticks)
{
  char line[128], *q = line;
  if(quiet)
    return;
  q = put_s(q, "lat ");
  q = put_s(q, name);
  *q++ = ' ';
  q = put_u(q, param);
  *q++ = ' ';
  q = put_u(q, ops);
  *q++ = ' ';
  q = put_u(q, ticks);
  *q++ = '\n';
  write(1, line, q - line);
}

// ---- helpers -----------------------------------------------------------------

static int
xfork(void)
{
  int pid = fork();
  if(pid < 0)
    die("fork");
  return pid;
}

static void
xpipe(int *fd)
{
  if(pipe(fd) < 0)
    die("pipe");
}

static void
rd1(int fd)
{
  if(read(fd, buf, 1) != 1)
    die("read");
}

static void
wr1(int fd)
{
  if(write(fd, buf, 1) != 1)
    die("write");
}

// A unit of CPU work the compiler cannot remove: 4 instructions per turn.
static u64
work(u64 n)
{
  u64 x = 1;
  while(n-- > 0)
    asm volatile("slli %0, %0, 1\n\taddi %0, %0, 1" : "+r"(x));
  return x;
}

// Echo bytes from one pipe to another until end of file; never returns.
static void
echo(int in, int out)
{
  char c;
  while(read(in, &c, 1) == 1)
    if(write(out, &c, 1) != 1)
      break;
  exit(0);
}

// Start a child that echoes; *to and *from are the parent's ends.
static int
start_echo(int *to, int *from)
{
  int a[2], b[2], pid;
  xpipe(a);
  xpipe(b);
  pid = xfork();
  if(pid == 0){
    close(a[1]);
    close(b[0]);
    echo(a[0], b[1]);
  }
  close(a[0]);
  close(b[1]);
  *to = a[1];
  *from = b[0];
  return pid;
}

// ---- benchmarks --------------------------------------------------------------

// Raw CPU speed, to see how noisy the host is: OPS = loop turns (4 insns each).
static void
b_cpu(u64 n, int p)
{
  u64 t = now();
  work(n);
  report("cpu", p, n, now() - t);
}

// Reading the clock itself.
static void
b_clock(u64 n, int p)
{
  u64 i, t = now();
  for(i = 0; i < n; i++)
    now();
  report("clock", p, n, now() - t);
}

// Null system call.
static void
b_null(u64 n, int p)
{
  u64 i, t = now();
  for(i = 0; i < n; i++)
    getpid();
  report("null", p, n, now() - t);
}

// Write 1 byte to, then read it from, one's own pipe: 2 system calls per op.
static void
b_pipe1(u64 n, int p)
{
  int fd[2];
  u64 i, t;
  xpipe(fd);
  t = now();
  for(i = 0; i < n; i++){
    wr1(fd[1]);
    rd1(fd[0]);
  }
  t = now() - t;
  close(fd[0]);
  close(fd[1]);
  report("pipe1", p, n, t);
}

// Ping-pong between two processes: op = round trip = 2 switches, 4 calls.
// PARAM = number of CPU-bound processes that compete meanwhile.
static void
b_pingpong(u64 n, int p)
{
  int hog[64], to, from, i;
  u64 k, t;
  if(p > 60)
    die("too many hogs");
  start_echo(&to, &from);
  for(i = 0; i < p; i++){
    hog[i] = xfork();
    if(hog[i] == 0){
      close(to);            // so that the echo child sees end of file
      close(from);
      for(;;)
        work(1000);
    }
  }
  t = now();
  for(k = 0; k < n; k++){
    wr1(to);
    rd1(from);
  }
  t = now() - t;
  for(i = 0; i < p; i++)
    kill(hog[i]);
  close(to);
  close(from);
  for(i = 0; i < p + 1; i++)
    wait(0);
  report("pingpong", p, n, t);
}

// Token passing round a ring of PARAM processes: op = one hop, i.e. one
// context switch, one 1-byte write and one 1-byte read.  The token goes from
// older to younger processes (dir > 0) or from younger to older (dir < 0).
static void
ring(const char *name, u64 n, int p, int dir)
{
  int first[2], nx[2], prev, in, out, i;
  u64 k, rounds, t;
  char c;

  if(p < 2)
    die("ring needs 2");
  xpipe(first);
  prev = dir > 0 ? first[0] : first[1];
  for(i = 1; i < p; i++){
    xpipe(nx);
    if(xfork() == 0){
      close(dir > 0 ? first[1] : first[0]);
      close(dir > 0 ? nx[0] : nx[1]);
      if(dir > 0)
        echo(prev, nx[1]);
      else
        echo(nx[0], prev);
    }
    close(prev);
    close(dir > 0 ? nx[1] : nx[0]);
    prev = dir > 0 ? nx[0] : nx[1];
  }
  out = dir > 0 ? first[1] : prev;
  in = dir > 0 ? prev : first[0];
  rounds = n / p + 1;
  c = 0;
  // one untimed turn, so that every child has started
  write(out, &c, 1);
  read(in, &c, 1);
  t = now();
  for(k = 0; k < rounds; k++){
    if(write(out, &c, 1) != 1 || read(in, &c, 1) != 1)
      die("ring");
  }
  t = now() - t;
  close(out);
  for(i = 1; i < p; i++)
    wait(0);
  close(in);
  report(name, p, rounds * p, t);
}

static void b_ring(u64 n, int p) { ring("ring", n, p, 1); }
static void b_ringrev(u64 n, int p) { ring("ringrev", n, p, -1); }

// Fork a child that exits, and wait for it.  PARAM KiB of touched heap are
// carried by the parent; with touch, the child writes to each of those pages.
static void
forks(const char *name, u64 n, int p, int touch)
{
  u64 i, j, t, bytes = (u64)p * 1024;
  char *a = 0;
  if(bytes){
    a = sbrk(bytes);
    if(a == (char*)-1)
      die("sbrk");
    for(j = 0; j < bytes; j += PG)
      a[j] = 1;
  }
  t = now();
  for(i = 0; i < n; i++){
    if(xfork() == 0){
      if(touch)
        for(j = 0; j < bytes; j += PG)
          a[j] = 2;
      exit(0);
    }
    wait(0);
  }
  t = now() - t;
  if(bytes)
    sbrk(-(int)bytes);
  report(name, p, n, t);
}

static void b_fork(u64 n, int p) { forks("fork", n, p, 0); }
static void b_forkw(u64 n, int p) { forks("forkw", n, p, 1); }

// Fork, exec, wait.  PARAM 0: this program; 1: /tiny; 2: /tiny2.
static void
b_exec(u64 n, int p)
{
  char *av[3];
  u64 i, t;
  av[0] = p == 0 ? LAT_SELF : p == 1 ? LAT_TINY : LAT_TINY "2";
  av[1] = "nop";
  av[2] = 0;
  t = now();
  for(i = 0; i < n; i++){
    if(xfork() == 0){
      exec(av[0], av);
      die("exec");
    }
    wait(0);
  }
  report("exec", p, n, now() - t);
}

// Grow the heap by PARAM pages and write to each; then give them back.
// Two lines: pagein (grow + touch) and pageout (shrink); op = one page.
static void
b_page(u64 n, int p)
{
  u64 i, t, t0, in = 0, out = 0;
  int j;
  char *a;
  for(i = 0; i < n; i++){
    t0 = now();
    a = sbrk(p * PG);
    if(a == (char*)-1)
      die("sbrk");
    for(j = 0; j < p; j++)
      a[(u64)j * PG] = 1;
    t = now();
    in += t - t0;
    sbrk(-(p * PG));
    out += now() - t;
  }
  report("pagein", p, n * p, in);
  report("pageout", p, n * p, out);
}

// Bulk transfer through a pipe in PARAM-byte writes: op = one write.
static void
b_pipebw(u64 n, int p)
{
  int fd[2];
  u64 i, got = 0, t;
  int k;
  if(p > PG)
    die("too big");
  xpipe(fd);
  t = now();
  if(xfork() == 0){
    close(fd[0]);
    for(i = 0; i < n; i++)
      if(write(fd[1], buf, p) != p)
        die("write");
    exit(0);
  }
  close(fd[1]);
  while((k = read(fd[0], buf, p)) > 0)
    got += k;
  t = now() - t;
  wait(0);
  close(fd[0]);
  if(got != n * p)
    die("pipe lost data");
  report("pipebw", p, n, t);
}

static void
sync_file(int fd)
{
#ifdef HAVE_FSYNC
  if(fsync(fd) < 0)
    die("fsync");
#endif
}

// Create, write 1 byte, close, unlink.  PARAM 1: fsync before the close
// (where there is one; on xv6 every write is synchronous anyway).
static void
b_crdel(u64 n, int p)
{
  u64 i, t = now();
  int fd;
  for(i = 0; i < n; i++){
    fd = open("lat.c1", O_CREATE | O_RDWR);
    if(fd < 0)
      die("create");
    wr1(fd);
    if(p)
      sync_file(fd);
    close(fd);
    if(unlink("lat.c1") < 0)
      die("unlink");
  }
  report("crdel", p, n, now() - t);
}

// Open an existing file and close it.
static void
b_open(u64 n, int p)
{
  u64 i, t;
  int fd = open("lat.o1", O_CREATE | O_RDWR);
  if(fd < 0)
    die("create");
  close(fd);
  t = now();
  for(i = 0; i < n; i++){
    fd = open("lat.o1", O_RDONLY);
    if(fd < 0)
      die("open");
    close(fd);
  }
  t = now() - t;
  unlink("lat.o1");
  report("open", p, n, t);
}

// Sequential files of PARAM KiB in 4 KiB calls, N times over one name.
// Lines: fwrite (create, write, close), fread (open, read, close) and
// funlink; op = one 4 KiB call for the first two, one file for the third.
static void
files(const char *wn, const char *rn, const char *un, u64 n, int p, int sync)
{
  u64 i, t, tw = 0, tr = 0, tu = 0;
  int j, fd, blocks = p / 4;
  for(i = 0; i < n; i++){
    t = now();
    fd = open("lat.f1", O_CREATE | O_RDWR);
    if(fd < 0)
      die("create");
    for(j = 0; j < blocks; j++)
      if(write(fd, buf, PG) != PG)
        die("fwrite");
    if(sync)
      sync_file(fd);
    close(fd);
    tw += now() - t;
    t = now();
    fd = open("lat.f1", O_RDONLY);
    if(fd < 0)
      die("open");
    for(j = 0; j < blocks; j++)
      if(read(fd, buf, PG) != PG)
        die("fread");
    close(fd);
    tr += now() - t;
    t = now();
    if(unlink("lat.f1") < 0)
      die("unlink");
    tu += now() - t;
  }
  report(wn, p, n * blocks, tw);
  report(rn, p, n * blocks, tr);
  report(un, p, n, tu);
}

static void b_file(u64 n, int p) { files("fwrite", "fread", "funlink", n, p, 0); }
static void b_filesync(u64 n, int p) { files("fwrites", "freads", "funlinks", n, p, 1); }

// Re-read one file of PARAM KiB N times in 4 KiB calls (open/close untimed).
static void
b_reread(u64 n, int p)
{
  u64 i, t = 0, t0;
  int j, fd, blocks = p / 4;
  fd = open("lat.r1", O_CREATE | O_RDWR);
  if(fd < 0)
    die("create");
  for(j = 0; j < blocks; j++)
    if(write(fd, buf, PG) != PG)
      die("fwrite");
  close(fd);
  for(i = 0; i < n; i++){
    fd = open("lat.r1", O_RDONLY);
    t0 = now();
    for(j = 0; j < blocks; j++)
      if(read(fd, buf, PG) != PG)
        die("fread");
    t += now() - t0;
    close(fd);
  }
  unlink("lat.r1");
  report("reread", p, n * blocks, t);
}

// PARAM processes share N turns of CPU work equally: op = one turn.  Shows
// parallel speed-up with several harts and tick + switch overhead with one.
static void
b_hogs(u64 n, int p)
{
  u64 t = now();
  int i;
  for(i = 0; i < p; i++){
    if(xfork() == 0){
      work(n / p);
      exit(0);
    }
  }
  for(i = 0; i < p; i++)
    wait(0);
  report("hogs", p, n, now() - t);
}

#ifdef HAVE_YIELD
// PARAM processes each give up the CPU in a loop: op = one yield.
static void
b_yield(u64 n, int p)
{
  u64 k, t = now();
  int i;
  for(i = 0; i < p; i++){
    if(xfork() == 0){
      for(k = 0; k < n / p; k++)
        yield();
      exit(0);
    }
  }
  for(i = 0; i < p; i++)
    wait(0);
  report("yield", p, n / p * p, now() - t);
}
#endif

// ---- driver ------------------------------------------------------------------

static struct bench {
  const char *name;
  void (*fn)(u64, int);
  int iters, param;
  const char *help;
} benches[] = {
  { "cpu",      b_cpu,      20000000, 0, "pure CPU loop; op = 4 instructions" },
  { "clock",    b_clock,    100000,  0,  "rdtime" },
  { "null",     b_null,     20000,   0,  "getpid" },
  { "pipe1",    b_pipe1,    10000,   0,  "1-byte write + read of own pipe" },
  { "pingpong", b_pingpong, 5000,    0,  "round trip; PARAM CPU-bound rivals" },
  { "ring",     b_ring,     10000,   8,  "token ring of PARAM, old to young" },
  { "ringrev",  b_ringrev,  10000,   8,  "token ring of PARAM, young to old" },
  { "fork",     b_fork,     200,     0,  "fork+exit+wait, PARAM KiB touched" },
  { "forkw",    b_forkw,    200,     1024, "same, child writes each page" },
  { "exec",     b_exec,     100,     0,  "fork+exec+wait; 0 self 1 tiny 2 tiny2" },
  { "page",     b_page,     20,      64, "sbrk PARAM pages, touch, shrink" },
  { "pipebw",   b_pipebw,   500,     4096, "bulk pipe, PARAM-byte writes" },
  { "open",     b_open,     2000,    0,  "open+close an existing file" },
  { "crdel",    b_crdel,    100,     0,  "create+write 1+close+unlink; 1 fsync" },
  { "file",     b_file,     4,       256, "write, read, unlink PARAM KiB files" },
  { "filesync", b_filesync, 4,       256, "same with fsync before close" },
  { "reread",   b_reread,   100,     16, "re-read a PARAM KiB file" },
  { "hogs",     b_hogs,     20000000, 2, "PARAM processes share the work" },
#ifdef HAVE_YIELD
  { "yield",    b_yield,    10000,   2,  "PARAM processes yield in turn" },
#endif
};

#define NBENCH ((int)(sizeof(benches) / sizeof(benches[0])))

int
main(int argc, char **argv)
{
  int i, r, reps = 1;
  u64 iters;
  struct bench *b;
  char line[160], *q;

  if(argc >= 2 && strcmp(argv[1], "nop") == 0)
    exit(0);
  if(argc < 2 || strcmp(argv[1], "list") == 0){
    for(i = 0; i < NBENCH; i++){
      b = &benches[i];
      q = put_s(line, b->name);
      *q++ = ' ';
      q = put_u(q, b->iters);
      *q++ = ' ';
      q = put_u(q, b->param);
      q = put_s(q, "  ");
      q = put_s(q, b->help);
      *q++ = '\n';
      write(1, line, q - line);
    }
    exit(0);
  }
  for(i = 0; i < NBENCH && strcmp(argv[1], benches[i].name) != 0; i++)
    ;
  if(i == NBENCH)
    die("no such benchmark");
  b = &benches[i];
  iters = argc > 2 ? atoi(argv[2]) : b->iters;
  int param = argc > 3 ? atoi(argv[3]) : b->param;
  if(argc > 4)
    reps = atoi(argv[4]);
  if(iters == 0)
    iters = b->iters;
  memset(buf, 'x', sizeof(buf));

  quiet = 1;
  b->fn(iters / 8 + 1, param);   // warm-up: translation, caches, page tables
  quiet = 0;
  for(r = 0; r < reps; r++)
    b->fn(iters, param);
  exit(0);
}
