// lab_alarm.c - sigalarm and sigreturn: lab_alarm TICKS.
//
// The cases are those of tests/guest/alarm.c, which tell the grader instead of
// printing, and some that depend on the term.

#include "tests/labs/frame/guest.h"

#define guest_fail guest_fail_printed
#include "tests/guest/guest.h"
#undef guest_fail

static void __attribute__((noreturn))
guest_fail(const char *file, int line, const char *what, int numbers, long got,
           long want)
{
  if (numbers)
    lab_tell(lab_now, "%s:%d: %s is %ld, not %ld", file, line, what, got, want);
  else
    lab_tell(lab_now, "%s:%d: not so: %s", file, line, what);
  exit(LAB_TOLD);
}

#define EXACT 1
#define main t_alarm_main
int t_alarm_main(int argc, char **argv);
#include "tests/guest/alarm.c"
#undef main

static int every; // ticks

// Three times, each after so much time of its own.
static void
rings(void)
{
  EXPECT_IS(sigalarm(every, ring), 0);
  for (int i = 1; i <= 3; i++) {
    uint64 begin = ran(), took;

    while (rung < i && ran() < begin + 20 * every * tick())
      ;
    took = ran() - begin;
    EXPECT_IS(rung, i);
    EXPECT(took >= every * tick() - tick() / 10);
    EXPECT(took <= every * tick() + tick() / 2);
  }
}

// Beside a hog, which has every other slice.
static void
beside_a_hog(void)
{
  int pid = fork();
  uint64 begin;

  if (pid == 0)
    for (;;)
      ;
  EXPECT_IS(sigalarm(2 * every, ring), 0);
  begin = ran();
  while (rung == 0 && ran() < begin + 10 * every * tick())
    ;
  EXPECT(ran() - begin >= 2 * every * tick() - tick() / 10);
  EXPECT_IS(rung, 1);
  kill(pid);
}

static const struct guest_case all[] = {
  { "rings", rings },
  { "in-time", rings_in_time },
  { "undisturbed", calls_are_not_disturbed },
  { "many", many },
  { "registers", registers_come_back },
  { "float", float_only_in_the_handler },
  { "once", is_not_entered_twice },
  { "stops", stops },
  { "stops-inside", stops_in_the_handler },
  { "changes", changes },
  { "asleep", sleep_does_not_count },
  { "beside-a-hog", beside_a_hog },
  { "child", not_in_a_child },
  { "child-inside", not_in_a_child_of_the_handler },
  { "exec", not_after_exec },
  { "refused", refused },
  { "wild", wild_handlers },
  { "ends-inside", ends_in_the_handler },
};

int
main(int argc, char **argv)
{
  lab_begin();
  every = atoi(argv[1]);
  self = "/t_alarm";
  for (uint i = 0; i < COUNT(all); i++)
    lab_case(all[i].name, all[i].run, 2 * LAB_SEC);
  return lab_end();
}
