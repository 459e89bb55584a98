// schedstat.c - what the scheduler counts: the policy with its parameters and
// promises, each hart, and each process or the one given.
//
//     schedstat [PID]

#include "kernel/types.h"
#include "user/peach.h"

// "10 ms", where it is a time.
static void
show_value(const char *name, long value, int is_time)
{
  if (is_time && value % 1000000 == 0)
    printf(" %s=%ldms", name, value / 1000000);
  else if (is_time && value % 1000 == 0)
    printf(" %s=%ldus", name, value / 1000);
  else
    printf(" %s=%ld", name, value);
}

static void
show_policy(const struct sysinfo *si)
{
  struct sched_param_info p;
  struct sched_promise_info promise;

  printf("policy %s, %s, parameters:", si->policy, si->runq);
  for (int i = 0; sched_param(i, &p) == 0; i++)
    show_value(p.name, p.value, strcmp(p.unit, "ns") == 0);
  printf("\npromises:");
  for (int i = 0; sched_promise(i, &promise) == 0; i++)
    printf("%s %s", i ? "," : "", promise.name);
  printf("\n");
}

static void
show_harts(const struct sysinfo *si)
{
  struct hartinfo h;
  char busy[SECONDS], idle[SECONDS];

  printf("\nHART      BUSY      IDLE SWITCHES  TIMERS LATE-AVG-US LATE-MAX-US"
         "    IPIS STEALS IDLE-FAULTS\n");
  for (int i = 0; i < si->nhart; i++)
    if (hartinfo(i, &h) == 0)
      printf("%4d %9s %9s %8lu %7lu %11lu %11lu %7lu %6lu %11lu\n", h.hart,
             seconds(busy, h.busy), seconds(idle, h.idle), h.switches, h.timers,
             h.late_sum / (h.timers ? h.timers : 1) / 1000, h.late_max / 1000,
             h.ipis, h.steals, h.idle_faults);
}

static void
show_process(const struct procinfo *p)
{
  char ran[SECONDS], waited[SECONDS], worst[SECONDS];

  printf("%5d %9s %9s %9s %8lu %9lu %7lu %6lu  %s\n", p->pid,
         seconds(ran, p->ran), seconds(waited, p->waited),
         seconds(worst, p->max_wait), p->switches, p->preempted, p->woken,
         p->moved, p->name);
}

static void
show_processes(long only)
{
  struct procinfo p;

  printf("\n  PID       RUN      WAIT  MAX-WAIT SWITCHES PREEMPTED   WOKEN"
         "  MOVED  NAME\n");
  for (int pid = only ? only : 1; procinfo(pid, &p) > 0; pid = p.pid + 1) {
    if (only && p.pid != only)
      break;
    show_process(&p);
  }
}

int
main(int argc, char **argv)
{
  struct sysinfo si;
  struct procinfo p;
  long pid = 0;

  if (argc > 2 || (argc == 2 && (!parse_long(argv[1], &pid) || pid <= 0))) {
    fprintf(2, "usage: schedstat [PID]\n");
    return 2;
  }
  if (pid && procinfo(pid, &p) != pid) {
    warn("schedstat", "no process %ld", pid);
    return 1;
  }
  if (sysinfo(&si) < 0)
    return 1;
  show_policy(&si);
  show_harts(&si);
  show_processes(pid);
  return 0;
}
