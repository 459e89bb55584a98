// refine.c - which hook was it?  A task that runs and is queued as well was
// either left on the queue by pick(), or put there twice by ready().  To tell,
// the last event happens once more, and right after the ready() of that task
// the queue is asked for tasks: it comes out twice, or, if pick() leaves it, as
// often as asked.

#include <string.h>

#include "tests/host/check/story.h"

static struct {
  struct world *w;
  int task, last; // whom it is about; number of the last event
  int times;      // that it was found
} probe;

static void
after_ready(const struct task *t, bool may)
{
  struct world *w = probe.w;
  struct runq *rq;

  if (world_slot(w, t) != probe.task || strcmp(guard_hook, "ready") != 0)
    return;
  guard_after = 0;
  rq = w->rq[t->queue];
  for (int i = 0; i <= w->shape.ntask + 2; i++) {
    int hart = __builtin_ctzll(t->harts & rq->harts);
    struct task *got = w->policy->pick(rq, hart, w->s.now);

    if (got == 0)
      break;
    probe.times += got == t;
    rq->nready -= got != t;
  }
  guard_leave(0, "ready", probe.task, "seen");
}

static void
arm(struct world *w, const struct event *e, int i, void *arg)
{
  if (i == probe.last)
    guard_after = after_ready;
}

void
story_refine(struct world *w, struct story *s)
{
  bool watch = w->watch;

  if (s->fault.promise != 3 || s->fault.task < 0 || s->n == 0 ||
      strcmp(s->fault.hook, "pick") != 0)
    return;
  probe.w = w;
  probe.task = s->fault.task;
  probe.last = s->n - 1;
  probe.times = 0;
  w->watch = false;
  story_tell(w, s, arm, 0);
  w->watch = watch;
  guard_after = 0;
  if (probe.times == 2) {
    s->fault.hook = "ready";
    strcpy(s->fault.what, task_name(s->fault.task));
    strcat(s->fault.what, " is queued twice");
  }
}
