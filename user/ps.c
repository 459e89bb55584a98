// ps.c - processes, with what they used and what the policy shows of each;
// -r: harts and their run queues.

#include "kernel/types.h"
#include "user/peach.h"

#define MSEC 1000000

static const char *const states[] = {
  [PROC_SLEEPING] = "sleep",
  [PROC_READY] = "ready",
  [PROC_RUNNING] = "run",
  [PROC_ZOMBIE] = "zombie",
};

// Nanoseconds as seconds, into text of 16 characters.
static const char *
seconds(char *text, uint64 ns)
{
  snprintf(text, 16, "%lu.%03lu", ns / MSEC / 1000, ns / MSEC % 1000);
  return text;
}

static void
show_harts(const struct sysinfo *si)
{
  struct hartinfo h;
  char busy[16], idle[16];

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
show_process(const struct sysinfo *si, const struct procinfo *p)
{
  char ran[16], waited[16], line[160];
  int n;

  n = snprintf(line, sizeof(line), "%5d %5d %-6s %4d %9s %9s %6lu", p->pid,
               p->ppid,
               (uint)p->state <= PROC_ZOMBIE ? states[p->state] : "?", p->hart,
               seconds(ran, p->ran), seconds(waited, p->waited), p->pages);
  for (int i = 0; i < NCOLUMN && si->column[i][0]; i++)
    n += snprintf(line + n, sizeof(line) - n, " %7ld", p->column[i]);
  printf("%s  %s%s%s%s\n", line, p->name, p->wchan[0] ? " (" : "", p->wchan,
         p->wchan[0] ? ")" : "");
}

static void
show_processes(const struct sysinfo *si)
{
  struct procinfo p;

  printf("  PID  PPID STATE  HART       RUN      WAIT  PAGES");
  for (int i = 0; i < NCOLUMN && si->column[i][0]; i++)
    printf(" %7s", si->column[i]);
  printf("  NAME\n");
  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1)
    show_process(si, &p);
}

int
main(int argc, char **argv)
{
  struct sysinfo si;

  if (argc > 2 || (argc == 2 && strcmp(argv[1], "-r"))) {
    fprintf(2, "usage: ps [-r]\n");
    return 2;
  }
  if (sysinfo(&si) < 0) {
    warn("ps", "the kernel tells nothing");
    return 1;
  }
  if (argc == 1)
    show_processes(&si);
  else
    show_harts(&si);
  printf("%s, %s: %d processes (most %d), %d harts, %lu of %lu KiB free\n",
         si.policy, si.runq, si.nproc, si.maxproc, si.nhart,
         si.mem_free / 1024, si.mem_total / 1024);
  return 0;
}
