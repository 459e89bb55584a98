// nudge.c - what if a task had had the hart a little longer, or shorter?
//
// In the simulator nothing takes time but what tasks want to; in the kernel a
// switch and a system call take microseconds. Where two events are as close as
// that, the other one may come first, and a policy that goes by CPU time used
// may find another task the first of two equals. So `make twin` can nudge the
// simulator: a file of lines
//
//     TASK N NS
//
// says that the run and the slice that would end in the N-th time that TASK
// has the hart end that much later, as does a call after which it has to give
// up the hart; a run ends earlier if NS is below 0.  With such a file each line
// "ran" goes on with the number of the time, the last if it is several in a
// row, and the tasks that waited when the first of them began; and a line
// "ended" names the tasks in the order in which they did, which the times of
// two that end at once do not tell.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/options.h"
#include "sched/sim/workload.h"

struct nudge {
  int task;
  uint64_t turn;
  int64_t by;
};

static struct nudge *nudge;
static int nnudge, room;

static void
add(int task, long turn, long by)
{
  if (nnudge == room) {
    room = 2 * room + 64;
    nudge = sim_more(nudge, room * sizeof(*nudge));
  }
  nudge[nnudge++] = (struct nudge){ task, turn, by };
}

void
nudge_read(const char *name)
{
  FILE *f = fopen(name, "r");
  char line[200], label[WORK_LABEL + 1];
  long turn, by;

  if (f == 0)
    options_bad("cannot read %s", name);
  while (fgets(line, sizeof(line), f)) {
    int task = -1;

    if (sscanf(line, "%28s %ld %ld", label, &turn, &by) == 3)
      task = workload_find(label);
    if (task < 0)
      options_bad("%s: not a task of the workload, a number and a time: %s",
                  name, line);
    add(task, turn, by);
  }
  fclose(f);
}

nsec
nudge_end(int task, uint64_t turn, nsec planned)
{
  for (int i = 0; i < nnudge; i++)
    if (nudge[i].task == task && nudge[i].turn == turn)
      planned += nudge[i].by;
  return planned;
}
