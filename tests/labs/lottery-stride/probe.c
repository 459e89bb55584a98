// probe.c - a student's lottery and stride, watched while events are played.
//
//   probe play POLICY PARAMS SEED EVENT...   see tests/labs/frame/spy.h
//   probe defaults POLICY                    the values of its parameters

#include "tests/labs/frame/spy.h"

static const struct sched_policy *
named(const char *name)
{
  for (int i = 0; all_policies[i]; i++)
    if (strcmp(all_policies[i]->name, name) == 0)
      return all_policies[i];
  fail_msg("no policy that calls itself %s", name);
  return 0;
}

static void
defaults(const struct sched_policy *policy)
{
  for (const struct sched_param *p = policy->params; p && p->name; p++)
    lab_tell(p->name, "%lld", (long long)p->init);
}

void
lab_main(int argc, char **argv)
{
  if (argc > 5 && strcmp(argv[1], "play") == 0)
    spy_play(named(argv[2]), argv[3], strtoull(argv[4], 0, 10), argv + 5);
  else if (argc == 3 && strcmp(argv[1], "defaults") == 0)
    defaults(named(argv[2]));
  else
    fail_msg("no such part");
}
