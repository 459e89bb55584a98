// chart.h - who had which hart when, out of a trace (kernel/trace.h), as a
// chart of characters. chart.c is the library's; timeline and peach draw with
// it.

#ifndef USER_CHART_H
#define USER_CHART_H

#include "kernel/types.h"
#include "user/peach.h"

#define CHART_WIDE 200 // most columns

struct chart_row {
  int pid;
  char name[16];
  char letter; // '.' for one that has none any more
  uint64 ran;  // ns while the trace was taken
  uint64 ready;
  uint64 blocked;
  uint64 picked; // times
  // While it is made:
  int state; // enum proc_state, or -1: not there
  int hart;
  uint64 since;
  uint64 run_in[CHART_WIDE], ready_in[CHART_WIDE]; // ns, by column
};

struct chart {
  int wide, nhart;
  uint64 begin, end; // ns
  uint64 lost;       // records
  struct chart_row *row;
  int n, room;
  int owner[16][CHART_WIDE]; // of hart and column: a row + 1, or 0
  uint64 most[16][CHART_WIDE];
};

// Before the trace begins: which processes there are. 0, or -1: no memory.
int chart_start(struct chart *, int wide);

// After it has been stopped; info: what that told. 0, or -1.
int chart_read(struct chart *, const struct trace_info *info);

// A line of chart->wide characters and a 0: the letters of those who had the
// hart the longest; or what a process did most: # ran, + ran for a part,
// - ready, blank: blocked or not there.
void chart_hart(const struct chart *, int hart, char *line);
void chart_process(const struct chart *, int row, char *line);

void chart_free(struct chart *);

#endif
