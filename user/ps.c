// ps.c - processes: what they used, what the policy shows of each, what they
// wait for. -l: more about each; -r: harts and their run queues.

#include "kernel/types.h"
#include "user/peach.h"

static void
show_harts(const struct sysinfo *si)
{
  struct hartinfo h;
  char busy[SECONDS], idle[SECONDS];

  printf("HART RUNS  READY     BUSY      IDLE SWITCHES  TIMERS     IPIS"
         "  STEALS\n");
  for (int i = 0; i < si->nhart; i++) {
    if (hartinfo(i, &h) < 0)
      continue;
    printf("%4d %5d %5d %9s %9s %8lu %7lu %8lu %7lu\n", h.hart, h.running,
           h.nready, seconds(busy, h.busy), seconds(idle, h.idle), h.switches,
           h.timers, h.ipis, h.steals);
  }
}

static void
show_more(const struct procinfo *p)
{
  char worst[SECONDS];

  printf(" %9s %7lu %7lu %6lu %5lu %9lx", seconds(worst, p->max_wait),
         p->preempted, p->woken, p->moved, p->pages, p->affinity);
}

static void
show_processes(const struct sysinfo *si, int more)
{
  char line[160], name[40];
  struct procinfo p;

  proc_title(line, sizeof(line), si);
  printf("%s%s  NAME\n", line,
         more ? "  MAX-WAIT PREEMPT   WOKEN  MOVED PAGES     HARTS" : "");
  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1) {
    proc_line(line, sizeof(line), si, &p);
    proc_name(name, sizeof(name), &p);
    printf("%s", line);
    if (more)
      show_more(&p);
    printf("  %s\n", name);
  }
}

int
main(int argc, char **argv)
{
  const char *option = argc > 1 ? argv[1] : "";
  struct sysinfo si;

  if (argc > 2 || (argc == 2 && strcmp(option, "-r") && strcmp(option, "-l"))) {
    fprintf(2, "usage: ps [-l | -r]\n");
    return 2;
  }
  if (sysinfo(&si) < 0) {
    warn("ps", "the kernel tells nothing");
    return 1;
  }
  if (strcmp(option, "-r") == 0)
    show_harts(&si);
  else
    show_processes(&si, argc > 1);
  printf("%s, %s: %d processes (most %d), %d harts, %lu of %lu KiB free\n",
         si.policy, si.runq, si.nproc, si.maxproc, si.nhart, si.mem_free / 1024,
         si.mem_total / 1024);
  return 0;
}
