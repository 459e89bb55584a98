// tasks.c - the tasks of a workload, and what each does next.

#include "sched/sim/parser.h"

// ---- a task ----------------------------------------------------------------

void
work_begin(const struct work *w, const struct work_task *t, struct work_at *at)
{
  __builtin_memset(at, 0, sizeof(*at));
  at->step = w->kind[t->kind].first;
  at->child = t->child;
}

// The loop at s: into it, or past it.
static void
enter(const struct work_step *s, struct work_at *at, int64_t now)
{
  if (s->op == WORK_UNTIL && s->n >= 0 && now >= s->n) {
    at->step = s->to + 1;
    return;
  }
  at->turn[at->depth++] = 0;
  at->step++;
}

// The end of a loop: to its next turn, or on.
static void
turn(const struct work *w, struct work_at *at, int begin)
{
  const struct work_step *loop = &w->step[begin];

  if (loop->op == WORK_UNTIL) {
    at->depth--;
    at->step = begin;
  } else if (++at->turn[at->depth - 1] < loop->n) {
    at->step = begin + 1;
  } else {
    at->depth--;
    at->step++;
  }
}

// From a step, which is not the last, to the one after it in time.
static void
move(const struct work *w, struct work_at *at, int64_t now)
{
  const struct work_step *s = &w->step[at->step];

  if (s->op == WORK_END) {
    turn(w, at, s->to);
  } else if (s->op == WORK_REPEAT || s->op == WORK_UNTIL) {
    enter(s, at, now);
  } else {
    at->step++;
    at->forked = at->child;
    if (s->op == WORK_FORK)
      at->child += w->kind[s->to].count;
  }
}

const struct work_step *
work_next(const struct work *w, struct work_at *at, int64_t now)
{
  const struct work_step *s;

  while ((s = &w->step[at->step])->op != WORK_EXIT) {
    move(w, at, now);
    if (s->op < WORK_EXIT)
      return s;
  }
  return s;
}

// ---- tasks that will be ----------------------------------------------------

struct list {
  struct work *w;
  struct work_task *task;
  int n, most;
};

static int
add_tasks(struct list *l, int kind, int parent)
{
  struct work_kind *k = &l->w->kind[kind];

  for (int i = 0; i < k->count; i++) {
    if (l->n == l->most)
      return work_fail_at(l->w, k->line, "more tasks than there is room for",
                          0);
    l->task[l->n++] = (struct work_task){
      .kind = kind,
      .number = ++k->total,
      .parent = parent,
      .at = parent < 0 ? k->at + i * k->every : 0,
    };
  }
  return 0;
}

// What task i forks, in order.  Loops in which nothing is forked are passed
// over; in the others each turn adds to the list.
static int
add_children(struct list *l, int i)
{
  const struct work *w = l->w;
  const struct work_step *s;
  struct work_at at;

  l->task[i].child = l->n;
  work_begin(w, &l->task[i], &at);
  while ((s = &w->step[at.step])->op != WORK_EXIT) {
    if (s->op == WORK_UNTIL || (s->op == WORK_REPEAT && !s->forks))
      at.step = s->to + 1;
    else
      move(w, &at, 0);
    if (s->op == WORK_FORK && add_tasks(l, s->to, i) < 0)
      return -1;
  }
  return 0;
}

int
work_tasks(struct work *w, struct work_task *tasks, int most)
{
  struct list l = { .w = w, .task = tasks, .most = most };

  for (int i = 0; i < w->nkind; i++)
    w->kind[i].total = 0;
  for (int i = 0; i < w->nkind; i++)
    if (!w->kind[i].forked && add_tasks(&l, i, -1) < 0)
      return -1;
  for (int i = 0; i < l.n; i++)
    if (add_children(&l, i) < 0)
      return -1;
  return l.n;
}

int
work_first(const struct work_task *tasks, int kind)
{
  int i = 0;

  while (tasks[i].kind != kind)
    i++;
  return i;
}

void
work_label(const struct work *w, const struct work_task *t,
           char label[WORK_LABEL])
{
  const struct work_kind *k = &w->kind[t->kind];
  int at = work_append(label, 0, WORK_LABEL, k->name, WORK_NAME);

  if (k->total == 1)
    return;
  at = work_append(label, at, WORK_LABEL, ".", 1);
  work_append_number(label, at, WORK_LABEL, t->number);
}
