// fuzz.c - random system calls: every call, with arguments that are fair,
// wild, or at the edge of something, from several processes at once. What a
// call answers does not matter; the kernel must live, and afterwards have as
// many processes, pages and objects as before. Of inodes and names, which it
// keeps for later, it may have more, but not without end.
//
//     t_fuzz [SEED [CALLS [PROCS]]]   20000 calls of 3 processes by default
//
// A worker makes a number of calls and ends. It may well hang, by a read of
// its own empty pipe, or kill itself by giving its memory back; so its parent
// looks after it, and starts others with further seeds until all calls are
// made. It counts them by what a worker writes to a pipe that the calls do not
// reach.

#include "kernel/memlayout.h"
#include "kernel/syscall.h"
#include "tests/guest/memory.h"

#define QUOTA 500               // calls of one worker
#define STEP 10                 // calls for a byte to the parent
#define REPORT 48               // the pipe to it; FD arguments are below
#define MOST 20                 // workers at once
#define PATIENCE (20 * MSEC)    // of a worker that sleeps
#define WAIT (60 * SEC)         // for what is left to go away
#define ARGS 4                  // of a call, at most
#define LENGTH 40               // of a name
#define SLACK 16                // pages: see left()
#define KEPT 512                // pages: of inodes and names kept for later

enum kind { NONE, FD, BUFFER, AMOUNT, NAME, WORD, SELF, SHORT, DELTA };

// What the arguments of a call look like, if they are fair. Calls that would
// end the test, or hang it, are missing, or made by a child, or get only
// harmless values: SELF is the worker's own pid.
// A call that is not in the table gets numbers at the edge of something.
static const enum kind calls[SYS_MAX + 1][ARGS] = {
  [SYS_wait] = { BUFFER },
  [SYS_pipe] = { BUFFER },
  [SYS_read] = { FD, BUFFER, AMOUNT },
  [SYS_kill] = { SHORT },
  [SYS_exec] = { NAME, BUFFER },
  [SYS_fstat] = { FD, BUFFER },
  [SYS_chdir] = { NAME },
  [SYS_dup] = { FD },
  [SYS_getpid] = { NONE },
  [SYS_sbrk] = { DELTA, WORD },
  [SYS_sleep] = { NONE },
  [SYS_uptime] = { NONE },
  [SYS_open] = { NAME, WORD },
  [SYS_write] = { FD, BUFFER, AMOUNT },
  [SYS_mknod] = { NAME, WORD, WORD },
  [SYS_unlink] = { NAME },
  [SYS_link] = { NAME, NAME },
  [SYS_mkdir] = { NAME },
  [SYS_close] = { FD },
  [SYS_sync] = { NONE },
  [SYS_fsync] = { FD },
  [SYS_yield] = { NONE },
  [SYS_clock_ns] = { NONE },
  [SYS_sleep_ns] = { SHORT },
  [SYS_sched_setattr] = { SELF, NAME, WORD },
  [SYS_sched_getattr] = { WORD, NAME, BUFFER },
  [SYS_sched_setaffinity] = { SELF, WORD },
  [SYS_sched_getaffinity] = { WORD, BUFFER },
  [SYS_procinfo] = { WORD, BUFFER },
  [SYS_hartinfo] = { WORD, BUFFER },
  [SYS_sysinfo] = { BUFFER },
  [SYS_sched_param] = { WORD, BUFFER },
  [SYS_sched_promise] = { WORD, BUFFER },
  [SYS_waitx] = { BUFFER, BUFFER, BUFFER, BUFFER },
  [SYS_waitpid] = { WORD, BUFFER, WORD },
  [SYS_setpgid] = { SELF, WORD },
  [SYS_getpgid] = { WORD },
  [SYS_getppid] = { NONE },
  [SYS_rename] = { NAME, NAME },
  [SYS_sched_attr] = { WORD, BUFFER },
  [SYS_console_mode] = { FD, WORD },
  [SYS_consoleinfo] = { FD, BUFFER },
  [SYS_sched_lend] = { WORD },
  [SYS_sigalarm] = { WORD, SELF },      // a handler at 0 is the worker's end
  [SYS_sigreturn] = { NONE },
  [SYS_memmap] = { BUFFER, WORD },
};

static const uint64 edges[] = {
  0, 1, 2, 8, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff, 1UL << 32,
  TRAPFRAME, TRAMPOLINE, MAXVA - 1, MAXVA, 1UL << 63, -1UL, -2UL, -4096UL,
  0xffffffc080200000, 0xffffffe000000000,
};

static uint64 seed;
static char buf[4 * PAGE];
static char names[ARGS][LENGTH];

static uint64
rnd(uint64 n)
{
  seed += seed == 0;            // a call may have written there
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (seed >> 11) % n;
}

static uint64
any_address(void)
{
  switch (rnd(8)) {
  case 0:
    return edges[rnd(COUNT(edges))];
  case 1:
    return (uint64)sbrk(0) - rnd(16);
  case 2:
    return rnd(PAGE);           // text
  case 3:
    return (uint64)buf + sizeof(buf) - rnd(16);
  default:
    return (uint64)buf + rnd(sizeof(buf) / 2);
  }
}

// A name out of few, so that calls meet each other's files.
static uint64
any_name(char *name)
{
  static const char *const fixed[] = {
    "", ".", "..", "/", "/README", "/true", "nice", "tickets", "../fz",
    "/fz.dir/../fz.dir", "12345678901234567890", "a/b/c",
  };
  uint n = rnd(20);

  if (n < COUNT(fixed))
    return (uint64)fixed[n];
  if (n == 19)
    return any_address();
  snprintf(name, LENGTH, "%sfz%d", n % 3 ? "" : "fz0/", (int)rnd(5));
  return (uint64)name;
}

static uint64
argument(enum kind k, int i)
{
  if (k != SELF && k != SHORT && rnd(10) == 0)
    return edges[rnd(COUNT(edges))];
  switch (k) {
  case FD:
    return rnd(16);
  case BUFFER:
    return any_address();
  case AMOUNT:
    return rnd(2) ? rnd(100) : rnd(3 * PAGE);
  case NAME:
    return any_name(names[i]);
  case WORD:
    return rnd(2) ? rnd(4) : 1UL << rnd(12);
  case SELF:
    return 0;
  case SHORT:
    return rnd(3) ? 100000 + rnd(100000) : -rnd(3);
  case DELTA:
    return rnd(2) ? rnd(20 * PAGE) : -rnd(4 * PAGE);
  default:
    return rnd(2) ? 0 : edges[rnd(COUNT(edges))];
  }
}

static void
call(int number, const uint64 *a)
{
  register uint64 a0 asm("a0") = a[0];
  register uint64 a1 asm("a1") = a[1];
  register uint64 a2 asm("a2") = a[2];
  register uint64 a3 asm("a3") = a[3];
  register uint64 a7 asm("a7") = number;

  asm volatile("ecall"
               : "+r"(a0)
               : "r"(a1), "r"(a2), "r"(a3), "r"(a7)
               : "memory");
}

static void
one_call(void)
{
  // No such call: rarely, since the kernel prints a line.
  int number = rnd(2000) ? 1 + rnd(SYS_MAX) : rnd(2) ? 0 : SYS_MAX + rnd(9);
  const enum kind *k = calls[number <= SYS_MAX ? number : 0];
  uint64 a[ARGS] = { 0 };

  if (number == SYS_fork || number == SYS_exit || number == SYS_exec) {
    if (rnd(4) || fork() != 0)
      return;
    close(REPORT);
    seed += 77;
    if (rnd(2))
      call(SYS_exec, (uint64[ARGS]){ any_name(names[0]), any_address() });
    exit(rnd(3));
  }
  if (number == SYS_poweroff || (number == SYS_pipe && rnd(8)) ||
      (number == SYS_sync && rnd(20)) || (number == SYS_fsync && rnd(10)))
    return;
  for (int i = 0; i < ARGS; i++)
    a[i] = argument(k[i], i);
  if (number == SYS_sleep)
    a[0] = 0;
  call(number, a);
}

static void
work(uint64 first, int report)
{
  seed = first * 0x9e3779b97f4a7c15 + 1;
  while (dup(report) < REPORT)
    ;
  for (int fd = 0; fd < REPORT; fd++)
    close(fd);
  mkdir("fz.dir");
  chdir("fz.dir");
  for (int i = 1; i <= QUOTA; i++) {
    one_call();
    if (i % STEP == 0)
      write(REPORT, "", 1);
  }
  exit(0);
}

// ---- the parent ------------------------------------------------------------

struct worker {
  int pid;              // 0: none
  uint64 switches;      // when it was last seen to do something
  uint64 since;
  int report;           // the pipe from it
};

static void
start(struct worker *w, uint64 first)
{
  int p[2];

  if (pipe(p) < 0) {
    printf("t_fuzz: no pipe\n");
    exit(1);
  }
  w->since = clock_ns();
  w->pid = fork();
  if (w->pid == 0)
    work(first, p[1]);
  close(p[1]);
  w->report = p[0];
  if (w->pid < 0) // not now
    close(p[0]);
}

// The worker has ended: how many calls has it made?
static uint64
count(struct worker *w)
{
  char bytes[QUOTA / STEP];
  uint64 made = 0;
  int n;

  while ((n = read(w->report, bytes, sizeof(bytes))) > 0)
    made += n * STEP;
  close(w->report);
  w->pid = 0;
  return made;
}

// How many calls it has made, if it has ended.
static uint64
look_after(struct worker *w, uint64 now)
{
  struct procinfo p;

  if (waitpid(w->pid, 0, WNOHANG) == w->pid)
    return count(w);
  if (procinfo(w->pid, &p) != w->pid)
    return 0;
  if (p.state != PROC_SLEEPING || p.switches != w->switches) {
    w->switches = p.switches;
    w->since = now;
  } else if (now - w->since > PATIENCE) {
    kill(w->pid);
  }
  return 0;
}

static void
remove_all(const char *path)
{
  struct dir d;
  char entry[64];

  if (unlink(path) == 0 || dir_open(&d, path) < 0)
    return;
  while (dir_next(&d))
    if (path_join(entry, sizeof(entry), path, d.name))
      remove_all(entry);
  dir_close(&d);
  unlink(path);
}

// Who is there, and what they wait for.
static void
show_all(void)
{
  struct procinfo p;

  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1)
    printf("t_fuzz: pid %d of %d: %s, state %d %s, %lu pages\n", p.pid, p.ppid,
           p.name, p.state, p.wchan, p.pages);
}

// What there is. An inode that nobody uses counts twice in memory_now: as memory
// that is free, so many to a page, and by the pages of its cache. So take one
// away. Inodes in use, and pages that this program touches late, come to SLACK.
struct left {
  int nproc;
  long pages;
  long objects;
  long kept;            // pages of inodes and names
};

static struct left
left(void)
{
  struct memory m = memory_now();
  long kept = 0;
  struct cacheinfo ci;
  struct sysinfo si;

  for (int i = 0; cacheinfo(i, &ci) == 0; i++) {
    int inode = strcmp(ci.name, "inode") == 0;

    if (inode)
      m.pages -= ci.used / 16;
    if (inode || strcmp(ci.name, "name") == 0)
      kept += ci.pages;
  }
  sysinfo(&si);
  return (struct left){ si.nproc, m.pages, m.objects, kept };
}

// Orphans end, and what was removed is given back, in a moment; on a busy host
// in a long one. 0 when nothing is missing of what there was.
static int
settled(struct left was)
{
  uint64 end = clock_ns() + WAIT;
  struct left is;

  do {
    is = left();
    if (is.nproc <= was.nproc && is.objects <= was.objects &&
        is.pages + SLACK >= was.pages && is.kept <= was.kept + KEPT)
      return 0;
    sleep_ns(10 * MSEC);
  } while (clock_ns() < end);
  printf("t_fuzz: after %lu s: processes: %d, were %d; objects: %ld, were %ld; "
         "pages: %ld, were %ld; kept: %ld, were %ld\n", WAIT / SEC, is.nproc,
         was.nproc, is.objects, was.objects, is.pages, was.pages, is.kept,
         was.kept);
  show_all();
  return 1;
}

static void
run(uint64 first, uint64 n, uint procs)
{
  static struct worker workers[MOST];
  uint64 begun = 0, made = 0;
  uint alive;

  do {
    uint64 now = clock_ns();

    alive = 0;
    for (uint i = 0; i < procs; i++) {
      struct worker *w = &workers[i];

      if (w->pid > 0)
        made += look_after(w, now);
      if (w->pid <= 0 && made < n)
        start(w, first + begun++);
      alive += w->pid > 0;
    }
    sleep_ns(MSEC);
  } while (alive > 0);
  printf("t_fuzz: seed %lu, %lu calls by %lu workers\n", first, made, begun);
}

// As many processes as there can be.
static void
crowd(void)
{
  int gate[2], made = 0, pid;

  pipe(gate);
  while ((pid = fork()) > 0)
    made++;
  close(gate[1]);
  if (pid == 0)
    exit(read(gate[0], buf, 1));
  close(gate[0]);
  while (made-- > 0)
    wait(0);
}

int
main(int argc, char **argv)
{
  uint64 first = argc > 1 ? atoi(argv[1]) : 1;
  uint64 n = argc > 2 ? atoi(argv[2]) : 20000;
  uint procs = argc > 3 ? atoi(argv[3]) : 3;
  struct left before;

  if (procs < 1 || procs > MOST) {
    fprintf(2, "usage: t_fuzz [SEED [CALLS [PROCS]]]   (PROCS: 1 to %d)\n",
            MOST);
    return 2;
  }
  before = left();
  crowd();
  run(first, n, procs);
  remove_all("/fz.dir");
  remove_all("/fz");
  return settled(before);
}
