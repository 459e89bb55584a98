// main.c - the program `sim`: see docs/simulator.md.

#include <stdio.h>
#include <stdlib.h>

#include "sched/sim/options.h"

void
sched_broken(const struct runq *rq, const struct task *t, const char *hook,
             int promise, const char *what)
{
  fflush(stdout);
  fprintf(stderr,
          "sim: policy %s broke promise (%d) of sched.h in %s(), task %d: %s\n",
          rq->policy->name, promise, hook, t ? t->id : -1, what);
  exit(1);
}

int
main(int argc, char **argv)
{
  struct options o;
  int status;

  options_read(&o, argc, argv);
  if (o.list)
    status = ostep_main(&o);
  else if (o.work)
    status = workload_main(&o);
  else
    status = scale_main(&o);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "sim: cannot write the output\n");
    return 1;
  }
  return status;
}
