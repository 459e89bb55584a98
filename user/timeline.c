// timeline.c - run a command and draw who had which hart meanwhile.
//
//     timeline [-w COLUMNS] CMD [ARG..]
//
// A line a hart with the letters of those who had it, and a line a process that
// ran. The status is the command's. `make trace` draws the same as a picture.

#include "kernel/types.h"
#include "user/chart.h"

#define MSEC   1000000UL
#define MARGIN 24

static struct chart chart;

// "12.345 ms"
static const char *
ms(uint64 ns)
{
  static char text[4][24];
  static int next;
  char *s = text[next++ & 3];

  snprintf(s, sizeof(text[0]), "%lu.%03lu ms", ns / MSEC, ns % MSEC / 1000);
  return s;
}

static void
show_axis(void)
{
  const char *middle = ms((chart.end - chart.begin) / 2);
  const char *end = ms(chart.end - chart.begin);
  int gap = chart.wide / 2 - 1;
  int rest = chart.wide - gap - 1 - (int)strlen(middle) - (int)strlen(end);

  printf("%*s0%*s%s%*s%s\n", MARGIN, "", gap, "", middle, rest > 1 ? rest : 1,
         "", end);
}

static void
show_process(int row)
{
  const struct chart_row *r = &chart.row[row];
  char line[CHART_WIDE + 1];

  chart_process(&chart, row, line);
  printf("%c %5d %-15s %s\n", r->letter, r->pid, r->name, line);
}

static void
show(void)
{
  char line[CHART_WIDE + 1];

  show_axis();
  for (int h = 0; h < chart.nhart; h++) {
    chart_hart(&chart, h, line);
    printf("  hart %2d %*s%s\n", h, MARGIN - 10, "", line);
  }
  for (int i = 0; i < chart.n; i++)
    if (chart.row[i].ran > 0)
      show_process(i);
  printf(
    "# ran, + for a part of the time, - ready, blank: blocked or not there; "
    "a column is %s\n",
    ms((chart.end - chart.begin) / chart.wide));
  if (chart.lost)
    warn("timeline", "%lu records before these were lost", chart.lost);
}

static int
run(char **argv, struct trace_info *info)
{
  int pid, status = 1;

  if (trace_ctl(TRACE_START, 0) < 0) {
    warn("timeline", "no memory, or another trace is taken");
    return -1;
  }
  pid = fork();
  if (pid == 0)
    exit(exec_search("timeline", argv));
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    warn("timeline", "no process left");
    status = 1;
  }
  trace_ctl(TRACE_STOP, (uint64)info);
  return status;
}

int
main(int argc, char **argv)
{
  struct trace_info info;
  long wide = 79 - MARGIN;
  int i = 1, status;

  if (argc > 2 && strcmp(argv[1], "-w") == 0) {
    if (!parse_long(argv[2], &wide) || wide < 20 || wide > CHART_WIDE)
      argc = 0;
    i = 3;
  }
  if (i >= argc || argv[i][0] == '-') {
    fprintf(2,
            "usage: timeline [-w COLUMNS] CMD [ARG..]   (20 to %d columns)\n",
            CHART_WIDE);
    return 2;
  }
  if (chart_start(&chart, wide) < 0) {
    warn("timeline", "no memory");
    return 1;
  }
  status = run(argv + i, &info);
  if (status < 0)
    return 1;
  if (chart_read(&chart, &info) < 0) {
    warn("timeline", "no memory for %lu records", info.kept);
    return 1;
  }
  trace_ctl(TRACE_FREE, 0);
  show();
  return status;
}
