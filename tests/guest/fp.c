// fp.c - floating point of several processes at once.
//
//     t_fp [N [ROUNDS]]       N processes, 4; ROUNDS each, 40
//
// Each process fills all 32 registers and fcsr with values of its own, spins
// for longer than a few instructions of the kernel could hide, and looks at
// them again: what it finds must be what it left, whoever ran in between, on
// whichever hart it goes on. Every second process makes system calls between
// the rounds. A forked child must find its parent's registers.

#include "kernel/types.h"
#include "user/peach.h"

#define NREG 32
#define SPIN 300000     // turns; some milliseconds

static uint64 set[NREG], got[NREG];

#define EACH(op, at)                                                          \
  op " f0, 0(" at ")\n" op " f1, 8(" at ")\n" op " f2, 16(" at ")\n"          \
  op " f3, 24(" at ")\n" op " f4, 32(" at ")\n" op " f5, 40(" at ")\n"        \
  op " f6, 48(" at ")\n" op " f7, 56(" at ")\n" op " f8, 64(" at ")\n"        \
  op " f9, 72(" at ")\n" op " f10, 80(" at ")\n" op " f11, 88(" at ")\n"      \
  op " f12, 96(" at ")\n" op " f13, 104(" at ")\n" op " f14, 112(" at ")\n"   \
  op " f15, 120(" at ")\n" op " f16, 128(" at ")\n" op " f17, 136(" at ")\n"  \
  op " f18, 144(" at ")\n" op " f19, 152(" at ")\n" op " f20, 160(" at ")\n"  \
  op " f21, 168(" at ")\n" op " f22, 176(" at ")\n" op " f23, 184(" at ")\n"  \
  op " f24, 192(" at ")\n" op " f25, 200(" at ")\n" op " f26, 208(" at ")\n"  \
  op " f27, 216(" at ")\n" op " f28, 224(" at ")\n" op " f29, 232(" at ")\n"  \
  op " f30, 240(" at ")\n" op " f31, 248(" at ")\n"

#define ALL "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9",       \
  "f10", "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19",       \
  "f20", "f21", "f22", "f23", "f24", "f25", "f26", "f27", "f28", "f29",       \
  "f30", "f31", "memory"

// Fill the registers, spin, read them back. Return fcsr as it is then.
static uint64
hold(uint64 fcsr, uint64 turns)
{
  uint64 after;

  asm volatile(EACH("fld", "%2")
               "fscsr %4\n"
               "1: addi %1, %1, -1\n"
               "bnez %1, 1b\n"
               "frcsr %0\n"
               EACH("fsd", "%3")
               : "=&r"(after), "+&r"(turns)
               : "r"(set), "r"(got), "r"(fcsr)
               : ALL);
  return after;
}

// Fill the registers, fork, and read them back in the child.
static int
fork_holding(uint64 fcsr, uint64 *after)
{
  register long num asm("a7") = 1;      // SYS_fork
  register long pid asm("a0");

  asm volatile(EACH("fld", "%2")
               "fscsr %4\n"
               "ecall\n"
               "frcsr %1\n"
               EACH("fsd", "%3")
               : "=r"(pid), "=&r"(*after)
               : "r"(set), "r"(got), "r"(fcsr), "r"(num)
               : ALL);
  return pid;
}

static void
fill(uint64 seed)
{
  for (int i = 0; i < NREG; i++)
    set[i] = seed * 0x9e3779b97f4a7c15 + i * 0xbf58476d1ce4e5b9;
}

// The same numbers, or exit with a message.
static void
compare(const char *when, uint64 fcsr, uint64 after)
{
  for (int i = 0; i < NREG; i++)
    if (got[i] != set[i]) {
      fprintf(2, "t_fp: pid %d, %s: f%d is %p, was %p\n", getpid(), when, i,
              (void *)got[i], (void *)set[i]);
      exit(1);
    }
  if (after != fcsr) {
    fprintf(2, "t_fp: pid %d, %s: fcsr is %d, was %d\n", getpid(), when,
            (int)after, (int)fcsr);
    exit(1);
  }
}

// What the compiler makes of doubles, against a sum that is known.
static void
harmonic(int n)
{
  double sum = 0, back = 0;

  for (int i = 1; i <= n; i++)
    sum += 1.0 / i;
  for (int i = n; i >= 1; i--)
    back += 1.0 / i;
  if (sum - back > 1e-9 || back - sum > 1e-9 || (n > 100 && sum < 5.18)) {
    fprintf(2, "t_fp: sums differ\n");
    exit(1);
  }
}

static void
one(int id, int rounds)
{
  uint64 fcsr = (id % 4) << 5 | id % 32, after;

  for (int r = 0; r < rounds; r++) {
    fill(id * 1000 + r);
    after = hold(fcsr, SPIN);
    compare("after a spin", fcsr, after);
    if (id % 2)
      sleep_ns(1000000);
    asm volatile("fscsr zero");
    harmonic(1000 + 100 * id);
  }
  exit(0);
}

static void
inherit(void)
{
  uint64 fcsr = 3 << 5 | 17, after;
  int pid, status;

  fill(77);
  pid = fork_holding(fcsr, &after);
  compare(pid ? "parent after fork" : "child after fork", fcsr, after);
  asm volatile("fscsr zero");
  if (pid == 0)
    exit(0);
  if (wait(&status) != pid || status != 0)
    exit(1);
}

int
main(int argc, char *argv[])
{
  int n = argc > 1 ? atoi(argv[1]) : 4;
  int rounds = argc > 2 ? atoi(argv[2]) : 40;
  int status, bad = 0;

  inherit();
  for (int i = 0; i < n; i++)
    if (fork() == 0)
      one(i + 1, rounds);
  for (int i = 0; i < n; i++)
    bad |= wait(&status) < 0 || status != 0;
  printf("%s %f\n", bad ? "FAILED" : "ok", 0.5);
  exit(bad);
}
