// watch.c - does a hook write what is not its own?  Before each hook all memory
// is copied, and compared after it: a hook that takes const may write nothing,
// any other nothing that is marked (c) in sched.h.  Slow, so not for long.

#include <stdlib.h>
#include <string.h>

#include "tests/host/check/world.h"

static struct world *watched;
static char *copy;

// A field of the core's, with its size.
struct field {
  const char *name;
  size_t at, size;
};

#define FIELD(type, name)                                                      \
  {                                                                            \
#name, offsetof(type, name), sizeof(((type *)0)->name)                     \
  }
#define TASK(name) FIELD(struct task, name)
#define RUNQ(name) FIELD(struct runq, name)

static const struct field task_fields[] = {
  TASK(id),       TASK(queue),       TASK(hart),     TASK(state),
  TASK(harts),    TASK(since),       TASK(st),       TASK(lacks),
  TASK(seen_ran), TASK(seen_waited), TASK(run_next), TASK(run_prev),
  TASK(due),      { 0, 0, 0 },
};

static const struct field runq_fields[] = {
  RUNQ(policy),  RUNQ(param), RUNQ(id),     RUNQ(running), RUNQ(charged),
  RUNQ(harts),   RUNQ(busy),  RUNQ(idle),   RUNQ(told),    RUNQ(kick),
  RUNQ(stopped), RUNQ(due),   RUNQ(nready), RUNQ(nfree),   RUNQ(nstranded),
  RUNQ(npinned), { 0, 0, 0 },
};

static void
compare(const struct field *f, const char *what, const void *was,
        const void *is)
{
  for (; f->name; f++)
    if (memcmp((const char *)was + f->at, (const char *)is + f->at, f->size))
      guard_leave(8, guard_hook, guard_task,
                  "writes %s->%s, which is the core's", what, f->name);
}

static bool
is_gone(const struct task *t)
{
  return (unsigned char)t->st.ran == 0x5a && t->id == 0x5a5a5a5a;
}

static void
compare_task(const struct world *w, int i, const struct task *was, bool may)
{
  const struct task *is = w->task[i];

  if (is_gone(was) && memcmp(was, is, w->task_size))
    guard_leave(8, guard_hook, guard_task,
                "writes to the memory of %s, which has ended", task_name(i));
  if (!may && memcmp(was, is, w->task_size))
    guard_leave(8, guard_hook, guard_task,
                "changes task %s, which it takes as const", task_name(i));
  compare(task_fields, "t", was, is);
  if (strcmp(guard_hook, "charge") == 0 && i != guard_task &&
      was->slice != is->slice)
    guard_leave(8, guard_hook, guard_task,
                "writes the slice of another task, %s", task_name(i));
}

static void
before(const struct task *t, bool may)
{
  world_save(watched, copy);
}

static void
after(const struct task *t, bool may)
{
  const struct world *w = watched;
  const char *p = copy + sizeof(w->s);

  for (int q = 0; q < w->shape.nqueue; q++, p += w->runq_size) {
    if (!may && memcmp(p, w->rq[q], w->runq_size))
      guard_leave(8, guard_hook, guard_task,
                  "changes the run queue, which it takes as const");
    compare(runq_fields, "rq", p, w->rq[q]);
  }
  for (int i = 0; i < w->shape.ntask; i++, p += w->task_size)
    compare_task(w, i, (const struct task *)p, may);
}

void
watch_begin(struct world *w)
{
  watched = w;
  if (w->watch && w->copy == 0)
    w->copy = malloc(world_size(w));
  copy = w->copy;
  guard_before = w->watch ? before : 0;
  guard_after = w->watch ? after : 0;
}
