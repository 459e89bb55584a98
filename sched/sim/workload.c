// workload.c - play a workload file in the simulator. docs/workload.md says
// what such a file says and what is printed; the guest's program `work` plays
// the same.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/options.h"
#include "sched/sim/workload.h"

// Tasks that wait for something, in the order in which they began to.
struct line {
  struct sim_task **task;
  int n, room;
};

struct player {
  struct work_at at;
  const struct work_step *again; // looked at once more when it wakes up, or 0
  struct sim_task *j;            // or 0: it is not there yet
};

// A time that a task had a hart, and who waited at its beginning.
struct piece {
  struct sim_span span;
  char *waiting; // or 0
};

struct play {
  struct work work;
  struct work_task *task;
  struct player *player; // by number, as work_task
  int ntask;
  int *order, nended;   // numbers of tasks, as they ended
  int left[WORK_KINDS]; // tasks of that kind that have not ended
  struct line ended[WORK_KINDS];
  int messages[WORK_CHANNELS];
  struct line channel[WORK_CHANNELS];
  struct piece *piece;
  int npiece, room;
  int *last;   // by hart: its last span, or -1
  bool detail; // say more of each: see nudge.c
  char *waits; // who waited when a hart picked last, as text
  int waits_room;
};

static struct play play;

// ---- the file --------------------------------------------------------------

static int
number(const struct sim_task *j)
{
  return (struct player *)j->program - play.player;
}

static void
fail(void)
{
  fprintf(stderr, "%s\n", play.work.error);
  exit(2);
}

static void
load(const char *name)
{
  size_t size;
  char *text = options_file(name, &size);

  if (work_parse(&play.work, name, text, size) < 0)
    fail();
  free(text);
  play.task = sim_more(0, WORK_MAXCOUNT * sizeof(*play.task));
  play.ntask = work_tasks(&play.work, play.task, WORK_MAXCOUNT);
  if (play.ntask < 0)
    fail();
  play.player = sim_more(0, play.ntask * sizeof(*play.player));
  play.order = sim_more(0, play.ntask * sizeof(*play.order));
  for (int i = 0; i < play.ntask; i++) {
    work_begin(&play.work, &play.task[i], &play.player[i].at);
    play.player[i].again = 0;
    play.player[i].j = 0;
  }
  for (int k = 0; k < play.work.nkind; k++)
    play.left[k] = play.work.kind[k].total;
}

int
workload_find(const char *name)
{
  char text[WORK_LABEL];

  for (int i = 0; i < play.ntask; i++) {
    work_label(&play.work, &play.task[i], text);
    if (strcmp(text, name) == 0)
      return i;
  }
  return -1;
}

// ---- steps -----------------------------------------------------------------

static void
join(struct line *l, struct sim_task *j)
{
  if (l->n == l->room) {
    l->room = 2 * l->room + 8;
    l->task = sim_more(l->task, l->room * sizeof(*l->task));
  }
  l->task[l->n++] = j;
}

static void
wake_all(struct sim *s, struct line *l)
{
  int n = l->n;

  l->n = 0;
  for (int i = 0; i < n; i++)
    sim_rouse(s, l->task[i]);
}

static void create(struct sim *s, int i, struct sim_task *parent, nsec at);

static struct sim_act
end(struct sim *s, int i)
{
  int kind = play.task[i].kind;

  play.order[play.nended++] = i;
  if (--play.left[kind] == 0)
    wake_all(s, &play.ended[kind]);
  return (struct sim_act){ SIM_EXIT, 0 };
}

static struct sim_act
receive(struct sim *s, struct sim_task *j, const struct work_step *step)
{
  struct player *p = j->program;

  p->again = 0;
  if (play.messages[step->to] > 0) {
    play.messages[step->to]--;
    if (j->looks)
      sim_take_back(s, j);
    j->looks = false;
    return (struct sim_act){ SIM_AGAIN, 0 };
  }
  p->again = step;
  j->looks = true;
  join(&play.channel[step->to], j);
  return (struct sim_act){ SIM_BLOCK, 0 };
}

static void
fork_tasks(struct sim *s, struct sim_task *j, const struct work_step *step)
{
  int first = play.player[number(j)].at.forked;

  for (int i = 0; i < play.work.kind[step->to].count; i++)
    create(s, first + i, j, sim_now(s));
}

static struct sim_act
do_step(struct sim *s, struct sim_task *j, const struct work_step *step)
{
  switch (step->op) {
  case WORK_RUN:
    return (struct sim_act){ SIM_RUN, step->n };
  case WORK_SLEEP:
    return (struct sim_act){ step->n > 0 ? SIM_SLEEP : SIM_AGAIN, step->n };
  case WORK_YIELD:
    return (struct sim_act){ SIM_YIELD, 0 };
  case WORK_SET:
    sim_set(s, j, play.work.attr[step->to], step->n);
    break;
  case WORK_FORK:
    fork_tasks(s, j, step);
    break;
  case WORK_WAIT:
    if (play.left[step->to] == 0)
      break;
    join(&play.ended[step->to], j);
    return (struct sim_act){ SIM_BLOCK, 0 };
  case WORK_SEND:
    play.messages[step->to] += step->n;
    wake_all(s, &play.channel[step->to]);
    break;
  case WORK_RECV:
    return receive(s, j, step);
  case WORK_LEND:
    sim_lend(s, j, play.player[work_first(play.task, step->to)].j);
    break;
  case WORK_EXIT:
    return end(s, number(j));
  default:
    break;
  }
  return (struct sim_act){ SIM_AGAIN, 0 };
}

static struct sim_act
next(struct sim *s, struct sim_task *j)
{
  struct player *p = j->program;

  if (p->again)
    return do_step(s, j, p->again);
  return do_step(s, j, work_next(&play.work, &p->at, sim_now(s)));
}

static void
create(struct sim *s, int i, struct sim_task *parent, nsec at)
{
  struct player *p = &play.player[i];

  p->j = sim_task(s, parent, next, p);
  sim_start(s, p->j, at);
}

// ---- what happened ---------------------------------------------------------

static const char *
label(int i)
{
  static char text[WORK_LABEL];

  work_label(&play.work, &play.task[i], text);
  return text;
}

// j has got a hart: note who waits.
static void
note_waiting(void *arg, struct sim *s, struct sim_task *j)
{
  int n = 0;

  for (int i = 0; i < play.ntask; i++) {
    struct sim_task *k = play.player[i].j;

    if (n + WORK_LABEL + 2 > play.waits_room) {
      play.waits_room = 2 * play.waits_room + 256;
      play.waits = sim_more(play.waits, play.waits_room);
    }
    if (k && k->begun && k->t->state == TASK_READY)
      n += sprintf(play.waits + n, " %s", label(i));
  }
  play.waits[n] = 0;
}

// A span that goes on where the last one of its hart ended is one with it.
static void
note_span(void *arg, const struct sim_span *span)
{
  struct piece *last =
    play.last[span->hart] < 0 ? 0 : &play.piece[play.last[span->hart]];

  if (last && last->span.j == span->j && last->span.to == span->from) {
    last->span.to = span->to;
    last->span.turn = span->turn;
    return;
  }
  if (play.npiece == play.room) {
    play.room = 2 * play.room + 64;
    play.piece = sim_more(play.piece, play.room * sizeof(*play.piece));
  }
  play.last[span->hart] = play.npiece;
  play.piece[play.npiece++] = (struct piece){
    .span = *span,
    .waiting = play.detail && span->j ? strdup(play.waits) : 0,
  };
}

static int
by_beginning(const void *a, const void *b)
{
  const struct sim_span *x = &((const struct piece *)a)->span;
  const struct sim_span *y = &((const struct piece *)b)->span;

  if (x->from != y->from)
    return x->from < y->from ? -1 : 1;
  return x->hart - y->hart;
}

static void
print_time(nsec t)
{
  if (t == NSEC_NEVER)
    printf(" -");
  else
    printf(" %llu.%03llu", (unsigned long long)(t / 1000),
           (unsigned long long)(t % 1000));
}

static void
print_pieces(void)
{
  if (play.npiece > 0)
    qsort(play.piece, play.npiece, sizeof(*play.piece), by_beginning);
  for (int i = 0; i < play.npiece; i++) {
    const struct sim_span *p = &play.piece[i].span;

    if (p->j == 0)
      continue;
    printf("ran");
    print_time(p->from);
    print_time(p->to);
    printf(" %d %s", p->hart, label(number(p->j)));
    if (play.detail)
      printf(" %llu%s", (unsigned long long)p->turn, play.piece[i].waiting);
    printf("\n");
    free(play.piece[i].waiting);
  }
}

static void
print_order(void)
{
  printf("ended");
  for (int i = 0; i < play.nended; i++)
    printf(" %s", label(play.order[i]));
  printf("\n");
}

static void
print_task(struct sim *s, int i)
{
  struct sim_task *j = play.player[i].j;
  struct task_stats st = { 0 };

  if (j)
    sim_stats(s, j, &st, 0);
  printf("task %s", label(i));
  print_time(j && j->begun ? j->born : NSEC_NEVER);
  print_time(j ? j->first : NSEC_NEVER);
  print_time(j ? j->end : NSEC_NEVER);
  print_time(st.ran);
  print_time(st.waited);
  printf(" %llu\n", (unsigned long long)st.switches);
}

// ----------------------------------------------------------------------------

static nsec
really(void *arg, const struct sim_task *j, nsec planned)
{
  return nudge_end(number(j), j->t->st.switches, planned);
}

static void
run(struct options *o)
{
  struct sim_config c = {
    .policy = o->policy,
    .param = o->param,
    .nhart = o->nhart,
    .group = o->group,
    .seed = o->seed,
    .chance = o->chance,
    .check = o->check,
    .span = o->trace ? note_span : 0,
  };
  struct sim *s;

  if (o->nudge) {
    nudge_read(o->nudge);
    c.got = note_waiting;
    play.detail = true;
    c.really = really;
  }
  s = sim_new(&c);

  for (int i = 0; i < play.ntask && play.task[i].parent < 0; i++)
    create(s, i, 0, play.task[i].at);
  sim_run(s, play.work.limit);
  printf("# %s under %s, harts: %d, queues: %d\n", play.work.file,
         o->policy->name, o->nhart, sim_nqueue(s));
  print_pieces();
  if (play.detail)
    print_order();
  for (int i = 0; i < play.ntask; i++)
    print_task(s, i);
  sim_free(s);
}

int
workload_main(struct options *o)
{
  options_machine(o, "rr");
  load(o->work);
  play.last = sim_more(0, o->nhart * sizeof(*play.last));
  for (int h = 0; h < o->nhart; h++)
    play.last[h] = -1;
  run(o);
  return 0;
}
