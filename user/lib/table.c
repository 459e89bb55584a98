// table.c - a line of a table of processes: ps and top print it.

#include "kernel/types.h"
#include "user/peach.h"

#define MSEC 1000000

static const char *const states[] = {
  [PROC_SLEEPING] = "sleep",
  [PROC_READY] = "ready",
  [PROC_RUNNING] = "run",
  [PROC_ZOMBIE] = "zombie",
};

char *
seconds(char *text, uint64 ns)
{
  snprintf(text, SECONDS, "%lu.%03lu", ns / MSEC / 1000, ns / MSEC % 1000);
  return text;
}

void
proc_title(char *line, uint size, const struct sysinfo *si)
{
  uint n = snprintf(line, size,
                    "  PID  PPID STATE  HART       RUN      WAIT "
                    "SWITCHES");

  for (int i = 0; i < NCOLUMN && si->column[i][0] && n < size; i++)
    n += snprintf(line + n, size - n, " %7s", si->column[i]);
}

void
proc_line(char *line, uint size, const struct sysinfo *si,
          const struct procinfo *p)
{
  char ran[SECONDS], waited[SECONDS];
  uint n =
    snprintf(line, size, "%5d %5d %-6s %4d %9s %9s %8lu", p->pid, p->ppid,
             (uint)p->state <= PROC_ZOMBIE ? states[p->state] : "?", p->hart,
             seconds(ran, p->ran), seconds(waited, p->waited), p->switches);

  for (int i = 0; i < NCOLUMN && si->column[i][0] && n < size; i++)
    n += snprintf(line + n, size - n, " %7ld", p->column[i]);
}

void
proc_name(char *line, uint size, const struct procinfo *p)
{
  snprintf(line, size, "%s%s%s%s", p->name, p->wchan[0] ? " (" : "", p->wchan,
           p->wchan[0] ? ")" : "");
}
