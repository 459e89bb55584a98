// lab_threads.c - threads of user/thread.h.
//
//   lab_threads SEED THREADS TURNS    tells the cases

#include "tests/labs/frame/guest.h"
#include "user/thread.h"

static uint64 seed;
static int nthread, turns;

static int
create(void (*fn)(void *), long arg)
{
  int id = thread_create(fn, (void *)arg);

  LAB_EXPECT(id > 0);
  return id;
}

static int
join(int id)
{
  int status = -2;

  LAB_IS(thread_join(id, &status), 0);
  return status;
}

// ---- turns ------------------------------------------------------------------

static char said[400];
static uint nsaid;

static void
say(char c)
{
  LAB_EXPECT(nsaid + 1 < sizeof(said));
  said[nsaid++] = c;
}

static void
say_often(void *arg)
{
  for (int i = 0; i < turns; i++) {
    say('a' + (long)arg);
    thread_yield();
  }
}

// As it was said: a turn of each, main's the first; nobody begins before.
static void
in_turn(void)
{
  char want[400];
  uint n = 0;

  thread_yield(); // alone
  for (long i = 0; i < nthread; i++)
    create(say_often, i);
  LAB_IS(nsaid, 0);
  for (int i = 0; i < turns; i++) {
    say('.');
    thread_yield();
    want[n++] = '.';
    for (int t = 0; t < nthread; t++)
      want[n++] = 'a' + t;
  }
  want[n] = 0;
  if (strcmp(said, want) == 0)
    return;
  lab_tell(lab_now, "the turns were %s, not %s", said, want);
  exit(LAB_TOLD);
}

// ---- registers --------------------------------------------------------------

#define NKEPT 24 // s0 .. s11, fs0 .. fs11

void lab_across(const uint64 *set, uint64 *got);
asm(".pushsection .text\n"
    ".macro lab_kept int, float, base\n"
    "  .set lab_at, 0\n"
    "  .irp r, s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11\n"
    "  \\int \\r, lab_at(\\base)\n"
    "  .set lab_at, lab_at + 8\n"
    "  .endr\n"
    "  .irp r, fs0,fs1,fs2,fs3,fs4,fs5,fs6,fs7,fs8,fs9,fs10,fs11\n"
    "  \\float \\r, lab_at(\\base)\n"
    "  .set lab_at, lab_at + 8\n"
    "  .endr\n"
    ".endm\n"
    "lab_across:\n"
    "  addi sp, sp, -208\n"
    "  lab_kept sd, fsd, sp\n"
    "  sd ra, 192(sp)\n"
    "  sd a1, 200(sp)\n"
    "  lab_kept ld, fld, a0\n"
    "  call thread_yield\n"
    "  ld a1, 200(sp)\n"
    "  lab_kept sd, fsd, a1\n"
    "  lab_kept ld, fld, sp\n"
    "  ld ra, 192(sp)\n"
    "  addi sp, sp, 208\n"
    "  ret\n"
    ".popsection\n");

static void
hold(void *arg)
{
  uint64 set[NKEPT], got[NKEPT];

  for (int round = 0; round < 10; round++) {
    for (uint64 i = 0; i < NKEPT; i++)
      set[i] =
        ((uint64)arg * 1000 + round * 40 + i + seed) * 0x9e3779b97f4a7c15;
    lab_across(set, got);
    for (int i = 0; i < NKEPT; i++) {
      if (got[i] == set[i])
        continue;
      lab_tell(lab_now, "%ss%d was %lx, and is %lx after a yield",
               i < 12 ? "" : "f", i % 12, set[i], got[i]);
      exit(LAB_TOLD);
    }
  }
}

static void
registers(void)
{
  for (int i = 0; i < nthread; i++)
    create(hold, i + 1);
  hold((void *)77);
}

// ---- stacks -----------------------------------------------------------------

volatile uint64 at_begin; // sp

void lab_see(void *);
asm(".pushsection .text\n"
    "lab_see: la t0, at_begin; sd sp, 0(t0); ret\n"
    ".popsection\n");

static uint64 where[2];

// Uses 5000 bytes, and finds them again after the others' turns.
static void
use(void *arg)
{
  volatile char local[5000];

  where[(long)arg] = (uint64)local;
  for (uint i = 0; i < sizeof(local); i++)
    local[i] = i * 3 + (long)arg;
  thread_yield();
  for (uint i = 0; i < sizeof(local); i++)
    LAB_IS(local[i], (char)(i * 3 + (long)arg));
}

static void
stacks(void)
{
  uint64 apart;

  create(lab_see, 0);
  thread_yield();
  LAB_EXPECT(at_begin != 0);
  LAB_IS(at_begin % 16, 0);
  create(use, 0);
  create(use, 1);
  thread_yield();
  thread_yield();
  apart = where[0] < where[1] ? where[1] - where[0] : where[0] - where[1];
  LAB_EXPECT(apart >= THREAD_STACK);
}

// ---- ends -------------------------------------------------------------------

static void
end_with(void *arg)
{
  thread_yield();
  thread_exit((long)arg + 40);
}

static void
end_early(void *arg)
{
}

static void
joins(void)
{
  int id[8];

  for (int i = 0; i < nthread; i++)
    id[i] = create(end_with, i);
  for (int i = nthread - 1; i >= 0; i--)
    LAB_IS(join(id[i]), 40 + i);
  id[0] = create(end_early, 0); // ends before anybody waits
  thread_yield();
  LAB_IS(join(id[0]), 0);
  LAB_IS(thread_join(create(end_with, 9), 0), 0);
}

static int
status_of(void (*fn)(void))
{
  int pid = fork(), status = -2;

  if (pid == 0) {
    fn();
    exit(0);
  }
  LAB_IS(waitpid(pid, &status, 0), pid);
  return status;
}

static void
main_first(void)
{
  create(end_with, 1);
  create(end_with, 2);
  thread_exit(33);
}

static void
main_returns(void)
{
  create(end_with, 1);
}

static void
last_ends(void)
{
  LAB_IS(status_of(main_first), 33);
  LAB_IS(status_of(main_returns), 0);
}

static void
join_of(void *arg)
{
  thread_exit(thread_join((long)arg, 0) == 0 ? 3 : 4);
}

static void
refused(void)
{
  int id = create(end_early, 0), last;

  LAB_IS(thread_join(id + 1, 0), -1);
  LAB_IS(thread_join(-1, 0), -1);
  LAB_IS(join(id), 0);
  LAB_IS(thread_join(id, 0), -1);      // it is gone
  LAB_IS(thread_join(0, 0), -1);       // itself
  LAB_IS(join(create(join_of, 0)), 4); // who waits for it
  id = create(end_with, 1);
  last = create(join_of, id);
  thread_yield();
  LAB_IS(thread_join(id, 0), -1); // another waits for it
  LAB_IS(join(last), 3);
}

static void
memory(void)
{
  char *end = 0;

  for (int round = 0; round < 60; round++) {
    int id[8];

    for (int i = 0; i < 8; i++)
      id[i] = create(end_early, 0);
    for (int i = 0; i < 8; i++)
      LAB_IS(join(id[i]), 0);
    if (round == 1)
      end = sbrk(0);
  }
  LAB_IS(sbrk(0), end);
}

int
main(int argc, char **argv)
{
  lab_begin();
  seed = atoi(argv[1]);
  nthread = atoi(argv[2]);
  turns = atoi(argv[3]);
  lab_case("turns", in_turn, LAB_SEC / 10);
  lab_case("registers", registers, LAB_SEC / 10);
  lab_case("stacks", stacks, LAB_SEC / 10);
  lab_case("joins", joins, LAB_SEC / 10);
  lab_case("last", last_ends, LAB_SEC / 10);
  lab_case("refused", refused, LAB_SEC / 10);
  lab_case("memory", memory, LAB_SEC / 10);
  return lab_end();
}
