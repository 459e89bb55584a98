// probe.c - a student's mlfq, watched while events are played.
//
//   probe play PARAMS EVENT...   see tests/labs/frame/spy.h
//   probe late PARAMS NS         a hog whose first tick comes after so long
//   probe defaults               the values of its parameters

#include "tests/labs/frame/spy.h"

static void
late(const char *params, nsec by)
{
  struct machine *m = machine_new(spy_on(&mlfq_policy), 1, 1, params, 1);
  struct job *j = machine_hog(m);

  m->now += by;
  machine_affinity(m, j, 1); // any call: the hart obeys
  machine_run(m, SEC(10));
  machine_free(m);
}

static void
defaults(void)
{
  const struct sched_param *p = mlfq_policy.params;

  for (; p && p->name; p++)
    lab_tell(p->name, "%lld", (long long)p->init);
}

void
lab_main(int argc, char **argv)
{
  if (argc > 3 && strcmp(argv[1], "play") == 0)
    spy_play(&mlfq_policy, argv[2], 1, argv + 3);
  else if (argc == 4 && strcmp(argv[1], "late") == 0)
    late(argv[2], strtoull(argv[3], 0, 10));
  else if (argc == 2 && strcmp(argv[1], "defaults") == 0)
    defaults();
  else
    fail_msg("no such part");
}
