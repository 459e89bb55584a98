// alarm.c - sigalarm and sigreturn: when the handler runs, what it finds, what
// is left of it afterwards, and what a wrong one does.

#include "kernel/memlayout.h"
#include "kernel/syscall.h"
#include "tests/guest/guest.h"

static volatile int rung;       // how often a handler has run

// Does the guest's clock count instructions? Then a tick is long enough.
#ifndef EXACT
#define EXACT 0
#endif

// n tenths of a second, in ticks; at least n. A host that stops a hart for
// a moment, which counts as time that it ran, must not look like a tick.
static int
ticks(int n)
{
  struct sysinfo si;

  EXPECT_IS(sysinfo(&si), 0);
  return n * (!EXACT && si.hz > 10 ? si.hz / 10 : 1);
}

// ns of ticks(1)
static uint64
tick(void)
{
  struct sysinfo si;

  EXPECT_IS(sysinfo(&si), 0);
  return SEC / si.hz * ticks(1);
}

static uint64
ran(void)
{
  struct procinfo pi;

  EXPECT_IS(procinfo(getpid(), &pi), getpid());
  return pi.ran;
}

// Burn that much time of a hart, without a system call but for the clock.
static void
burn(uint64 ns)
{
  uint64 end = ran() + ns;

  while (ran() < end)
    for (volatile int i = 0; i < 2000; i++)
      ;
}

// Burn until the handler has run n times; fail if it takes far too long.
static void
burn_until(int n)
{
  uint64 most = ran() + (2 * n + 20) * tick();

  while (rung < n && ran() < most)
    for (volatile int i = 0; i < 2000; i++)
      ;
  EXPECT_IS(rung, n);
}

static void
ring(void)
{
  rung++;
  sigreturn();
}

// ---- when ------------------------------------------------------------------

static void
rings_again_and_again(void)
{
  EXPECT_IS(sigalarm(ticks(1), ring), 0);
  burn_until(5);
}

// Not before its time has been used, and soon afterwards: the timer is set for
// the moment itself.
static void
rings_in_time(void)
{
  uint64 begin = ran(), took;

  EXPECT_IS(sigalarm(ticks(2), ring), 0);
  while (rung == 0 && ran() < begin + 10 * tick())
    ;
  took = ran() - begin;
  EXPECT_IS(rung, 1);
  EXPECT(took >= 2 * tick());
}

// Time asleep does not count.
static void
sleep_does_not_count(void)
{
  EXPECT_IS(sigalarm(ticks(2), ring), 0);
  for (int i = 0; i < 5; i++)
    sleep(ticks(1));
  EXPECT(ran() < 2 * tick());
  EXPECT_IS(rung, 0);
  burn_until(1);
}

static void
stops(void)
{
  EXPECT_IS(sigalarm(ticks(1), ring), 0);
  burn_until(1);
  EXPECT_IS(sigalarm(0, 0), 0);
  burn(3 * tick());
  EXPECT_IS(rung, 1);
}

static void
ring_last(void)
{
  rung++;
  sigalarm(0, 0);
  sigreturn();
}

static void
stops_in_the_handler(void)
{
  EXPECT_IS(sigalarm(ticks(1), ring_last), 0);
  burn_until(1);
  burn(3 * tick());
  EXPECT_IS(rung, 1);
}

static volatile int deep, deepest;

// Longer than the interval, with calls that sleep.
static void
ring_slowly(void)
{
  if (++deep > deepest)
    deepest = deep;
  burn(3 * tick());
  sleep(1);
  deep--;
  rung++;
  sigreturn();
}

// It is not entered again before it is back, and the program gets on.
static void
is_not_entered_twice(void)
{
  uint64 turns = 0;

  EXPECT_IS(sigalarm(ticks(1), ring_slowly), 0);
  for (int seen = 0; seen < 3; turns = 0) {
    while (rung == seen)
      turns++;
    EXPECT(turns > 0);
    seen = rung;
  }
  EXPECT_IS(deepest, 1);
}

static volatile int other;

static void
ring_other(void)
{
  other++;
  sigreturn();
}

static void
ring_and_change(void)
{
  rung++;
  sigalarm(ticks(2), ring_other);
  sigreturn();
}

static void
changes(void)
{
  EXPECT_IS(sigalarm(1000000, ring), 0);
  EXPECT_IS(sigalarm(ticks(1), ring_and_change), 0);
  burn_until(1);
  burn(5 * tick());
  EXPECT_IS(rung, 1);
  EXPECT(other >= 1);
}

// A call that is under way ends as if nothing had been.
static void
calls_are_not_disturbed(void)
{
  static char big[4 * PAGE];
  int fd[2], pid, status;
  long in = 0, n;

  EXPECT_IS(pipe(fd), 0);
  pid = fork();
  if (pid == 0) {
    close(fd[0]);
    for (int i = 0; i < 200; i++)
      EXPECT_IS(write(fd[1], big, sizeof(big)), sizeof(big));
    exit(0);
  }
  close(fd[1]);
  EXPECT_IS(sigalarm(ticks(1), ring), 0);
  while ((n = read(fd[0], big, sizeof(big))) > 0) {
    in += n;
    burn(tick() / 50);
  }
  EXPECT_IS(n, 0);
  EXPECT_IS(in, 200L * sizeof(big));
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
  EXPECT(rung > 0);
}

// ---- registers -------------------------------------------------------------

// All of them, integer and floating point, spoilt; then sigreturn.
void spoil(void);
asm(".text\n"
    ".globl spoil\n"
    "spoil:\n"
    "  la t0, rung\n"
    "  lw t1, 0(t0)\n"
    "  addi t1, t1, 1\n"
    "  sw t1, 0(t0)\n"
    "  li t0, -1\n"
    "  fscsr t0\n"
    "  .irp r, ra,gp,tp,t1,t2,s0,s1,a0,a1,a2,a3,a4,a5,a6,a7,s2,s3,s4,s5,s6,"
    "s7,s8,s9,s10,s11,t3,t4,t5,t6\n"
    "  mv \\r, t0\n"
    "  .endr\n"
    "  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"
    "24,25,26,27,28,29,30,31\n"
    "  fmv.d.x f\\n, t0\n"
    "  .endr\n"
    "  li sp, 24\n"
    "  j sigreturn\n");

// hold(set, got, turns): fill registers from set, spin until `rung` is not 0 or
// the turns are over, store what they hold then. set[0..24] and got: ra, gp,
// tp, s0 .. s11, a0, a2 .. a7, t3 .. t5; [25]: fcsr; [26..57]: f0 .. f31.
#define NSAVED 58
void hold(const uint64 *set, uint64 *got, uint64 turns);
asm(".text\n"
    ".macro each_held op, base\n"
    "  .set at, 0\n"
    "  .irp r, ra,gp,tp,s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,a0,a2,a3,a4,a5,"
    "a6,a7,t3,t4,t5\n"
    "  \\op \\r, at(\\base)\n"
    "  .set at, at + 8\n"
    "  .endr\n"
    ".endm\n"
    ".macro each_float op, base\n"
    "  .set at, 208\n"
    "  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"
    "24,25,26,27,28,29,30,31\n"
    "  \\op f\\n, at(\\base)\n"
    "  .set at, at + 8\n"
    "  .endr\n"
    ".endm\n"
    ".globl hold\n"
    "hold:\n"
    "  addi sp, sp, -224\n"
    "  each_held sd, sp\n"          // the caller's
    "  sd a1, 200(sp)\n"
    "  sd sp, 208(sp)\n"
    "  mv t6, a2\n"
    "  mv t0, a0\n"
    "  each_float fld, t0\n"
    "  ld t1, 200(t0)\n"
    "  fscsr t1\n"
    "  each_held ld, t0\n"
    "1: lla t1, rung\n"
    "  lw t2, 0(t1)\n"
    "  bnez t2, 2f\n"
    "  addi t6, t6, -1\n"
    "  bnez t6, 1b\n"
    "2: ld t0, 200(sp)\n"
    "  ld t1, 208(sp)\n"
    "  bne t1, sp, 3f\n"
    "  each_held sd, t0\n"
    "  frcsr t1\n"
    "  sd t1, 200(t0)\n"
    "  each_float fsd, t0\n"
    "3: each_held ld, sp\n"
    "  addi sp, sp, 224\n"
    "  ret\n");

static void
registers_come_back(void)
{
  static uint64 set[NSAVED], got[NSAVED];

  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < NSAVED; i++)
      set[i] = (i + 1) * 0x9e3779b97f4a7c15 + round;
    set[25] = round % 4 << 5 | (round + 9); // fcsr
    memset(got, 0, sizeof(got));
    rung = 0;
    EXPECT_IS(sigalarm(ticks(1), spoil), 0);
    hold(set, got, 2000000000);
    sigalarm(0, 0);
    asm volatile("fscsr zero");
    EXPECT_IS(rung, 1);
    for (int i = 0; i < NSAVED; i++)
      EXPECT_IS(got[i], set[i]);
  }
}

// ring_float is the first in the process to use floating point. What the
// program has when it begins later is all zero, not the handler's.
static void
ring_float(void)
{
  asm volatile("fmv.d.x f5, %0" : : "r"(-1L) : "ft5");
  rung++;
  sigreturn();
}

static void
float_only_in_the_handler(void)
{
  uint64 f5;

  EXPECT_IS(sigalarm(ticks(1), ring_float), 0);
  burn_until(1);
  sigalarm(0, 0);
  asm volatile("fmv.x.d %0, f5" : "=r"(f5));
  EXPECT_IS(f5, 0);
}

// ---- what a process keeps of it --------------------------------------------

static void
not_in_a_child(void)
{
  int pid, status;

  EXPECT_IS(sigalarm(ticks(1), ring), 0);
  pid = fork();
  if (pid == 0) {
    burn(3 * tick());
    exit(rung);
  }
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
  burn_until(1);
}

static volatile int child_status = -2, child_return;

static void
ring_and_fork(void)
{
  int pid, status;

  rung++;
  pid = fork();
  if (pid == 0)
    exit(sigreturn() == -1 ? 5 : 6);
  if (waitpid(pid, &status, 0) == pid)
    child_status = status;
  sigreturn();
}

static void
not_in_a_child_of_the_handler(void)
{
  EXPECT_IS(sigalarm(ticks(1), ring_and_fork), 0);
  burn_until(1);
  EXPECT_IS(child_status, 5);
}

static const char *self;

static void
become(void)
{
  char *args[] = { (char *)self, "=burn", 0 };

  sigalarm(ticks(1), ring);
  exec(args[0], args);
  exit(6);
}

static void
become_in_the_handler(void)
{
  sigalarm(ticks(1), become);
  burn(10 * tick());
}

static void
not_after_exec(void)
{
  EXPECT_IS(guest_status(become), 5);
  EXPECT_IS(guest_status(become_in_the_handler), 5);
}

// ---- mistakes --------------------------------------------------------------

static void
refused(void)
{
  EXPECT_IS(sigreturn(), -1);           // there was no handler
  EXPECT_IS(sigalarm(-1, ring), -1);
  EXPECT_IS(sigalarm(-0x7fffffff - 1, ring), -1);
  EXPECT_IS(sigalarm(0, 0), 0);         // nothing to stop
  EXPECT_IS(sigalarm(0x7fffffff, ring), 0);
  EXPECT_IS(sigreturn(), -1);
  EXPECT_IS(sigalarm(ticks(1), ring), 0);
  EXPECT_IS(sigalarm(-5, ring_last), -1);       // and all stays as it was
  burn_until(2);
  EXPECT_IS(sigreturn(), -1);
}

static uint64 handler;

static void
jump_there(void)
{
  sigalarm(ticks(1), (void (*)(void))handler);
  burn(10 * tick());
}

static void
wild_handlers(void)
{
  static const uint64 wild[] = {
    0, KERNBASE, TRAPFRAME, MAXVA, 1UL << 63, -1UL, -4096UL, 0xffffffc080200000,
  };

  EXPECT_IS(guest_status(jump_there), KILLED);
  for (uint i = 0; i < COUNT(wild); i++) {
    handler = wild[i];
    EXPECT_IS(guest_status(jump_there), KILLED);
  }
  handler = (uint64)&handler;           // data
  EXPECT_IS(guest_status(jump_there), KILLED);
}

// A handler that exits, and one that is killed.
static void
ring_and_exit(void)
{
  exit(12);
}

static void
ring_and_hang(void)
{
  for (;;)
    rung++;
}

static void
until_exit(void)
{
  sigalarm(ticks(1), ring_and_exit);
  burn(10 * tick());
}

static void
ends_in_the_handler(void)
{
  int pid, status;

  EXPECT_IS(guest_status(until_exit), 12);
  pid = fork();
  if (pid == 0) {
    sigalarm(ticks(1), ring_and_hang);
    for (;;)
      ;
  }
  sleep(ticks(5));
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, KILLED);
}

// Several at once, each with its own.
static void
many(void)
{
  int status;

  for (int i = 0; i < 6; i++)
    if (fork() == 0) {
      EXPECT_IS(sigalarm(ticks(1 + i % 2), ring), 0);
      burn_until(3);
      exit(0);
    }
  for (int i = 0; i < 6; i++) {
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
}

static const struct guest_case cases[] = {
  { "rings_again_and_again", rings_again_and_again },
  { "rings_in_time", rings_in_time },
  { "sleep_does_not_count", sleep_does_not_count },
  { "stops", stops },
  { "stops_in_the_handler", stops_in_the_handler },
  { "is_not_entered_twice", is_not_entered_twice },
  { "changes", changes },
  { "calls_are_not_disturbed", calls_are_not_disturbed },
  { "registers_come_back", registers_come_back },
  { "float_only_in_the_handler", float_only_in_the_handler },
  { "not_in_a_child", not_in_a_child },
  { "not_in_a_child_of_the_handler", not_in_a_child_of_the_handler },
  { "not_after_exec", not_after_exec },
  { "refused", refused },
  { "wild_handlers", wild_handlers },
  { "ends_in_the_handler", ends_in_the_handler },
  { "many", many },
};

int
main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "=burn") == 0) {
    burn(3 * tick());
    return sigreturn() == -1 ? 5 : 7;
  }
  self = argv[0][0] == '/' ? argv[0] : "/t_alarm";
  return guest_main(cases, COUNT(cases), argc, argv);
}
