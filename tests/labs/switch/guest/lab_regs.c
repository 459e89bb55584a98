// lab_regs.c - registers: of programs over traps, and of the kernel's own work
// over a switch.
//
//   lab_regs SEED RING    tells the cases, "preempted N", and "getpid N": what
//                         a call takes, in hundredths of a nanosecond
//
// Who fills registers keeps only sp, which points to a struct area, so that one
// that does not come back shows as a value, or else the program ends.

#include "kernel/syscall.h"
#include "tests/labs/frame/guest.h"

struct area {
  uint64 kept[32]; // the compiler's
  uint64 set[32];
  uint64 got[32];
};

static uint64 seed;
static struct area area;

static uint64
mix(uint64 x)
{
  x = (x + seed) * 0x9e3779b97f4a7c15;
  return x ^ x >> 29;
}

// ---- filling all of them ----------------------------------------------------

void lab_call(struct area *);  // ecall
void lab_spin(struct area *);  // turns: x5 down, x6 up
void lab_touch(struct area *); // a byte at x7
asm(".pushsection .text\n"
    ".macro lab_each op, at, base\n"
    "  .irp n, 1,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,"
    "26,27,28,29,30,31\n"
    "  \\op x\\n, (\\at + \\n * 8)(\\base)\n"
    "  .endr\n"
    ".endm\n"
    ".macro lab_do_call\n"
    "  ecall\n"
    ".endm\n"
    ".macro lab_do_spin\n"
    "1: addi x5, x5, -1\n"
    "  addi x6, x6, 1\n"
    "  bnez x5, 1b\n"
    ".endm\n"
    ".macro lab_do_touch\n"
    "  sb zero, 0(x7)\n"
    ".endm\n"
    ".macro lab_hold what\n"
    "lab_\\what:\n"
    "  lab_each sd, 0, a0\n"
    "  sd sp, 16(a0)\n"
    "  mv sp, a0\n"
    "  lab_each ld, 256, sp\n"
    "  ld a0, 336(sp)\n"
    "  lab_do_\\what\n"
    "  sd a0, 592(sp)\n"
    "  lab_each sd, 512, sp\n"
    "  mv a0, sp\n"
    "  lab_each ld, 0, a0\n"
    "  ld sp, 16(a0)\n"
    "  ret\n"
    ".endm\n"
    "lab_hold call\n"
    "lab_hold spin\n"
    "lab_hold touch\n"
    ".popsection\n");

static void
fill(uint64 round)
{
  for (uint64 n = 1; n < 32; n++)
    area.set[n] = mix(n + 100 * round);
}

// All but sp, and x10, are as they were set.
static void
compare(const char *over)
{
  for (int n = 1; n < 32; n++) {
    if (n == 2 || n == 10 || area.got[n] == area.set[n])
      continue;
    lab_tell(lab_now, "x%d was %lx, and is %lx after %s", n, area.set[n],
             area.got[n], over);
    exit(LAB_TOLD);
  }
}

static long
call(const char *name, int number, long a0)
{
  static uint64 round;

  fill(round++);
  area.set[17] = number;
  area.set[10] = a0;
  lab_call(&area);
  compare(name);
  return area.got[10];
}

static void
calls(void)
{
  int pid = getpid();

  for (int i = 0; i < 20; i++) {
    LAB_IS(call("getpid", SYS_getpid, 0), pid);
    LAB_IS(call("yield", SYS_yield, 0), 0);
    LAB_IS(call("sleep_ns", SYS_sleep_ns, 100000), 0);
    LAB_IS(call("close", SYS_close, 99), -1);
  }
}

static void
spin(uint64 round, uint64 turns)
{
  fill(round);
  area.set[5] = turns;
  area.set[6] = 7;
  lab_spin(&area);
  area.set[5] = 0;
  area.set[6] = 7 + turns;
  LAB_IS(area.got[10], area.set[10]);
  compare("an interrupt");
}

// Three at a time, each longer than many slices.
static void
preempted(void)
{
  struct procinfo me;
  int pid[2], status;

  for (int i = 0; i < 2; i++) {
    pid[i] = fork();
    if (pid[i] == 0) {
      for (uint64 round = 0; round < 10; round++)
        spin(1000 * (i + 1) + round, 300000);
      exit(LAB_OK);
    }
  }
  for (uint64 round = 0; round < 10; round++)
    spin(round, 300000);
  LAB_IS(procinfo(getpid(), &me), getpid());
  for (int i = 0; i < 2; i++) {
    LAB_IS(waitpid(pid[i], &status, 0), pid[i]);
    if (status == LAB_TOLD)
      exit(LAB_TOLD);
    LAB_IS(status, LAB_OK);
  }
  lab_tell("preempted", "%ld", (long)me.preempted);
}

static void
touch(char *at, int pages, uint64 round)
{
  for (int i = 0; i < pages; i++) {
    fill(round + i);
    area.set[7] = (uint64)(at + 4096 * i);
    lab_touch(&area);
    LAB_IS(area.got[10], area.set[10]);
    compare("a page fault");
  }
}

static void
faults(void)
{
  char *heap = sbrk(32 * 4096);
  int pid, status;

  LAB_EXPECT(heap != SBRK_ERROR);
  touch(heap, 32, 1);
  pid = fork();
  if (pid == 0) {
    touch(heap, 32, 50);
    exit(LAB_OK);
  }
  LAB_IS(waitpid(pid, &status, 0), pid);
  if (status == LAB_TOLD)
    exit(LAB_TOLD);
  LAB_IS(status, LAB_OK);
}

// ---- floating point ---------------------------------------------------------

void lab_fill_fp(const uint64 *set);
void lab_read_fp(uint64 *got);
asm(".pushsection .text\n"
    ".macro lab_fp op\n"
    "  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"
    "24,25,26,27,28,29,30,31\n"
    "  \\op f\\n, (\\n * 8)(a0)\n"
    "  .endr\n"
    "  ret\n"
    ".endm\n"
    "lab_fill_fp: lab_fp fld\n"
    "lab_read_fp: lab_fp fsd\n"
    ".popsection\n");

static void
hold_fp(uint64 who)
{
  uint64 set[32], got[32];

  for (uint64 n = 0; n < 32; n++)
    set[n] = mix(who * 1000 + n);
  fill(who);
  area.set[5] = 400000; // turns
  lab_fill_fp(set);
  lab_spin(&area);
  getpid();
  lab_read_fp(got);
  for (int n = 0; n < 32; n++)
    LAB_IS(got[n], set[n]);
}

static void
floating(void)
{
  int pid = fork(), status;

  if (pid == 0) {
    hold_fp(1);
    exit(LAB_OK);
  }
  hold_fp(2);
  LAB_IS(waitpid(pid, &status, 0), pid);
  if (status == LAB_TOLD)
    exit(LAB_TOLD);
  LAB_IS(status, LAB_OK);
}

// ---- the kernel's switch, in a program --------------------------------------

// lab.py puts the file itself into the place of .include.

struct context { // as in kernel/proc/proc.h
  uint64 ra, sp, s[12];
};

void switch_context(struct context *from, const struct context *to);
void lab_keep(struct context *from, struct context *to, const uint64 *set,
              uint64 *got);
asm(".pushsection .text\n"
    ".include \"kernel/proc/switch.S\"\n"
    ".text\n"
    ".macro lab_saved op, at, base\n"
    "  .set lab_at, \\at\n"
    "  .irp r, s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11\n"
    "  \\op \\r, lab_at(\\base)\n"
    "  .set lab_at, lab_at + 8\n"
    "  .endr\n"
    ".endm\n"
    "lab_keep:\n"
    "  addi sp, sp, -112\n"
    "  lab_saved sd, 0, sp\n"
    "  sd ra, 96(sp)\n"
    "  sd a3, 104(sp)\n"
    "  lab_saved ld, 0, a2\n"
    "  call switch_context\n"
    "  ld a3, 104(sp)\n"
    "  lab_saved sd, 0, a3\n"
    "  lab_saved ld, 0, sp\n"
    "  ld ra, 96(sp)\n"
    "  addi sp, sp, 112\n"
    "  ret\n"
    ".popsection\n");

// What the kernel's file calls, and nothing here comes to.
#define NOT_HERE(name)                                                         \
  void name(void);                                                             \
  void name(void)                                                              \
  {                                                                            \
    exit(99);                                                                  \
  }
NOT_HERE(dispatch_arrive)
NOT_HERE(user_return)
NOT_HERE(kthread_end)
NOT_HERE(panic)

#define SIDES 3
static struct context context[SIDES];
static char stacks[SIDES][4096] __attribute__((aligned(16)));

// Each side holds registers of its own while the others run.
static void
take_turn(int side, uint64 round)
{
  uint64 set[12], got[12];
  int next = (side + 1) % SIDES;

  for (uint64 i = 0; i < 12; i++)
    set[i] = mix(side * 100000 + round * 100 + i);
  lab_keep(&context[side], &context[next], set, got);
  for (int i = 0; i < 12; i++) {
    if (got[i] == set[i])
      continue;
    lab_tell(lab_now, "s%d was %lx, and is %lx after switch_context", i, set[i],
             got[i]);
    exit(LAB_TOLD);
  }
}

#define SIDE(n)                                                                \
  static void side##n(void)                                                    \
  {                                                                            \
    for (uint64 round = 0;; round++)                                           \
      take_turn(n, round);                                                     \
  }
SIDE(1)
SIDE(2)

static void
switches(void)
{
  void (*const begin[])(void) = { 0, side1, side2 };

  for (int i = 1; i < SIDES; i++) {
    context[i].ra = (uint64)begin[i];
    context[i].sp = (uint64)(stacks[i] + sizeof(stacks[i]));
  }
  for (uint64 round = 0; round < 50; round++)
    take_turn(0, round);
}

// ---- many processes ---------------------------------------------------------

static int nring;

// A number goes round through all, each of which adds its own to it.
static void
ring(void)
{
  int first[2], in, out[2];
  long n = 0, want = 0;

  LAB_IS(pipe(first), 0);
  in = first[0];
  for (long i = 1; i <= nring; i++) {
    LAB_IS(pipe(out), 0);
    if (fork() == 0) {
      while (read(in, &n, sizeof(n)) == sizeof(n)) {
        n += i;
        write(out[1], &n, sizeof(n));
      }
      exit(0);
    }
    close(in);
    close(out[1]);
    in = out[0];
  }
  for (int round = 1; round <= 20; round++) {
    LAB_IS(write(first[1], &n, sizeof(n)), sizeof(n));
    LAB_IS(read(in, &n, sizeof(n)), sizeof(n));
    want += (long)nring * (nring + 1) / 2;
    LAB_IS(n, want);
  }
}

static void
cost(void)
{
  uint64 began;

  getpid();
  began = clock_ns();
  for (int i = 0; i < 2000; i++)
    getpid();
  lab_tell("getpid", "%ld", (long)(clock_ns() - began) / 20);
}

int
main(int argc, char **argv)
{
  lab_begin();
  seed = atoi(argv[1]);
  nring = atoi(argv[2]);
  lab_case("switch", switches, LAB_SEC);
  lab_case("call", calls, LAB_SEC);
  lab_case("preempt", preempted, 2 * LAB_SEC);
  lab_case("fault", faults, LAB_SEC);
  lab_case("ring", ring, 2 * LAB_SEC);
  cost();
  lab_case("fp", floating, LAB_SEC); // last: if it hangs, so may its child
  return lab_end();
}
