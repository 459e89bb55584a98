// threads.c - the threads of user/thread.h: turns, registers, ends, and what
// is refused.

#include "tests/guest/guest.h"
#include "user/thread.h"

static char said[200];          // letters, in the order in which they came
static uint nsaid;

static void
say(char c)
{
  EXPECT(nsaid + 1 < sizeof(said));
  said[nsaid++] = c;
}

static void
say_thrice(void *arg)
{
  for (int i = 0; i < 3; i++) {
    say((long)arg);
    thread_yield();
  }
}

static int
create(void (*fn)(void *), long arg)
{
  int id = thread_create(fn, (void *)arg);

  EXPECT(id > 0);
  return id;
}

static int
join(int id)
{
  int status = -2;

  EXPECT_IS(thread_join(id, &status), 0);
  return status;
}

// ---- turns -----------------------------------------------------------------

static void
take_turns(void)
{
  int a = create(say_thrice, 'a'), b = create(say_thrice, 'b');
  int c = create(say_thrice, 'c');

  EXPECT_IS(nsaid, 0);          // none runs before its turn
  for (int i = 0; i < 4; i++) {
    say('.');
    thread_yield();
  }
  EXPECT_IS(strcmp(said, ".abc.abc.abc."), 0);
  EXPECT_IS(join(a) + join(b) + join(c), 0);
}

static void
alone(void)
{
  for (int i = 0; i < 10; i++)
    thread_yield();
  EXPECT_IS(thread_self(), 0);
}

static void
give_self(void *arg)
{
  thread_yield();
  *(int *)arg = thread_self();
  thread_exit(100 + thread_self());
}

static void
statuses(void)
{
  int self[3], id[3];

  for (int i = 0; i < 3; i++)
    id[i] = create(give_self, (long)&self[i]);
  for (int i = 2; i >= 0; i--) {
    EXPECT_IS(join(id[i]), 100 + id[i]);
    EXPECT_IS(self[i], id[i]);
  }
  EXPECT_IS(thread_self(), 0);
  EXPECT_IS(thread_join(create(say_thrice, 'x'), 0), 0);
}

// Every thread makes two, down to a depth, and joins them.
static void
tree(void *arg)
{
  long depth = (long)arg, sum = 1;

  if (depth > 0) {
    int left = create(tree, depth - 1), right = create(tree, depth - 1);

    sum += join(left) + join(right);
  }
  thread_exit(sum);
}

static void
threads_make_threads(void)
{
  EXPECT_IS(join(create(tree, 6)), 127);
}

// ---- registers -------------------------------------------------------------

#define NKEPT 24        // s0 .. s11, fs0 .. fs11

// Fill the registers that a function must keep from set, yield, and store into
// got what they hold then.
void hold(const uint64 *set, uint64 *got);
asm(".text\n"
    ".macro each_kept int, float, base\n"
    "  .set at, 0\n"
    "  .irp r, s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11\n"
    "  \\int \\r, at(\\base)\n"
    "  .set at, at + 8\n"
    "  .endr\n"
    "  .irp r, fs0,fs1,fs2,fs3,fs4,fs5,fs6,fs7,fs8,fs9,fs10,fs11\n"
    "  \\float \\r, at(\\base)\n"
    "  .set at, at + 8\n"
    "  .endr\n"
    ".endm\n"
    ".globl hold\n"
    "hold:\n"
    "  addi sp, sp, -208\n"
    "  each_kept sd, fsd, sp\n"
    "  sd ra, 192(sp)\n"
    "  sd a1, 200(sp)\n"
    "  each_kept ld, fld, a0\n"
    "  call thread_yield\n"
    "  ld a1, 200(sp)\n"
    "  each_kept sd, fsd, a1\n"
    "  each_kept ld, fld, sp\n"
    "  ld ra, 192(sp)\n"
    "  addi sp, sp, 208\n"
    "  ret\n");

static void
hold_own(void *arg)
{
  uint64 set[NKEPT], got[NKEPT];

  for (int round = 0; round < 20; round++) {
    for (uint64 i = 0; i < NKEPT; i++)
      set[i] = ((uint64)arg * 1000 + round * 40 + i) * 0x9e3779b97f4a7c15;
    hold(set, got);
    for (int i = 0; i < NKEPT; i++)
      EXPECT_IS(got[i], set[i]);
  }
}

static void
registers_are_kept(void)
{
  int id[5];

  for (int i = 0; i < 5; i++)
    id[i] = create(hold_own, i + 1);
  hold_own((void *)9);
  for (int i = 0; i < 5; i++)
    EXPECT_IS(join(id[i]), 0);
}

static void
see_stack(void *arg)
{
  *(uint64 *)arg = (uint64)__builtin_frame_address(0);
}

// As the calling convention wants it, or some function will not work.
static void
stacks_are_aligned(void)
{
  uint64 sp = 1;

  EXPECT_IS(join(create(see_stack, (long)&sp)), 0);
  EXPECT_IS(sp % 16, 0);
}

// ---- ends ------------------------------------------------------------------

static void
nothing(void *arg)
{
}

static void
nothing_is_left(void)
{
  char *end = 0;

  for (int round = 0; round < 4; round++) {
    int id[100];

    for (uint i = 0; i < COUNT(id); i++)
      id[i] = create(nothing, 0);
    for (uint i = 0; i < COUNT(id); i++)
      EXPECT_IS(join(id[i]), 0);
    if (round == 0)
      end = sbrk(0);
  }
  EXPECT(sbrk(0) == end);
}

static void
end_for_all(void *arg)
{
  exit(31);
}

static void
exit_in_a_thread(void)
{
  join(create(end_for_all, 0));
}

static void
yield_often(void *arg)
{
  for (int i = 0; i < 5; i++)
    thread_yield();
}

static void
main_ends_first(void)
{
  create(yield_often, 0);
  create(yield_often, 0);
  thread_exit(33);
}

static void
join_main(void *arg)
{
  EXPECT_IS(join(0), 34);
  exit(35);
}

static void
main_is_joined(void)
{
  create(join_main, 0);
  thread_exit(34);
}

static void
main_returns(void)
{
  create(yield_often, 0);
}

static void
ends(void)
{
  EXPECT_IS(guest_status(exit_in_a_thread), 31);
  EXPECT_IS(guest_status(main_ends_first), 33);
  EXPECT_IS(guest_status(main_is_joined), 35);
  EXPECT_IS(guest_status(main_returns), 0);
}

// ---- what is refused -------------------------------------------------------

static void
join_refused(void *arg)
{
  thread_exit(thread_join((long)arg, 0) == -1 ? 1 : 2);
}

static void
join_what(void *arg)
{
  thread_exit(thread_join((long)arg, 0) == 0 ? 3 : 4);
}

static void
no_circles(void)
{
  int id, last;

  EXPECT_IS(thread_join(0, 0), -1);     // itself
  EXPECT_IS(join(create(join_refused, 0)), 1);  // who waits for it
  id = create(join_refused, 0);
  for (int i = 0; i < 3; i++)
    id = create(join_what, id);
  EXPECT_IS(join(id), 4);               // the last would have closed the circle
  id = create(yield_often, 0);
  last = create(join_what, id);
  thread_yield();
  EXPECT_IS(thread_join(id, 0), -1);    // another waits for it
  EXPECT_IS(join(last), 3);
}

static void
no_such_thread(void)
{
  int id = create(nothing, 0);

  EXPECT_IS(thread_join(-1, 0), -1);
  EXPECT_IS(thread_join(id + 1, 0), -1);
  EXPECT_IS(join(id), 0);
  EXPECT_IS(thread_join(id, 0), -1);    // it is gone
}

static void
no_memory(void)
{
  int made = 0;

  for (int n = 1 << 24; n >= 16; n /= 2)
    while (sbrk(n) != SBRK_ERROR)
      ;
  while (made < 100 && thread_create(nothing, 0) > 0)
    made++;
  EXPECT(made < 100);
  while (made > 0)
    EXPECT_IS(join(made--), 0);
}

static int
deep(int n)
{
  volatile char page[512];

  for (uint i = 0; i < sizeof(page); i++)
    page[i] = n;
  return n == 0 ? 0 : deep(n - 1) + page[n];
}

static void
use_much(void *arg)
{
  deep(THREAD_STACK / 512);
}

static void
overrun(void)
{
  int gap = create(nothing, 0), id = create(use_much, 0);

  join(gap);
  join(id);
}

static void
overrun_is_told(void)
{
  EXPECT_IS(guest_status(overrun), 1);
}

static const struct guest_case cases[] = {
  { "take_turns", take_turns },
  { "alone", alone },
  { "statuses", statuses },
  { "threads_make_threads", threads_make_threads },
  { "registers_are_kept", registers_are_kept },
  { "stacks_are_aligned", stacks_are_aligned },
  { "nothing_is_left", nothing_is_left },
  { "ends", ends },
  { "no_circles", no_circles },
  { "no_such_thread", no_such_thread },
  { "no_memory", no_memory },
  { "overrun_is_told", overrun_is_told },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
