// work.c - read a workload file.
//
// A file is lines of words.  It is gone through twice: first for the names of
// the tasks, which may be used before they are described, then for what they
// do.  Whatever the bytes are, the result is a workload that comes to an end,
// or an error that names the line.

#include "sched/sim/parser.h"

// ---- steps -----------------------------------------------------------------

static struct work_step *
add(struct parser *p, enum work_op op, int to, int64_t n)
{
  struct work *w = p->w;
  struct work_step *s = &w->step[w->nstep];

  if (w->nstep == WORK_STEPS) {
    work_fail(p, "too many steps");
    return 0;
  }
  w->nstep++;
  *s = (struct work_step){ .op = op, .to = to, .n = n, .line = p->line };
  return s;
}

static int
added(const struct work_step *s)
{
  return s ? 0 : -1;
}

static int
find_kind(const struct work *w, const struct word *a)
{
  for (int i = 0; i < w->nkind; i++)
    if (work_is(a, w->kind[i].name))
      return i;
  return -1;
}

// run, sleep
static int
timed_step(struct parser *p, enum work_op op)
{
  int64_t ns = 0;

  if (work_time(p, 1, &ns) < 0)
    return -1;
  if (ns == 0)
    return work_fail(p, "a time above 0, please");
  if (p->depth > 0)
    p->loop[p->depth - 1].timed = true;
  return added(add(p, op, 0, ns));
}

static int
step_run(struct parser *p)
{
  return timed_step(p, WORK_RUN);
}

static int
step_sleep(struct parser *p)
{
  return timed_step(p, WORK_SLEEP);
}

static int
step_yield(struct parser *p)
{
  return added(add(p, WORK_YIELD, 0, 0));
}

static int
step_set(struct parser *p)
{
  struct work *w = p->w;
  int64_t v = 0;
  int attr = work_intern(w->attr, &w->nattr, WORK_ATTRS, &p->word[1]);

  if (attr < 0)
    return work_fail_word(p, "no name of an attribute, or one too many", 1);
  if (work_value(p, 2, &v) < 0)
    return -1;
  return added(add(p, WORK_SET, attr, v));
}

// A kind of tasks that is named by a step.
static int
want_kind(struct parser *p)
{
  int kind = find_kind(p->w, &p->word[1]);

  if (kind < 0)
    work_fail_word(p, "no task of that name", 1);
  return kind;
}

static int
step_fork(struct parser *p)
{
  int kind = want_kind(p);

  if (kind < 0)
    return -1;
  for (int i = 0; i < p->depth; i++) {
    struct work_step *loop = &p->w->step[p->loop[i].step];

    if (loop->op == WORK_UNTIL)
      return work_fail(p, "fork in a loop without a number of turns");
    loop->forks = true;
  }
  p->w->kind[kind].forked = true;
  return added(add(p, WORK_FORK, kind, 0));
}

static int
step_wait(struct parser *p)
{
  int kind = want_kind(p);

  if (kind < 0)
    return -1;
  if (&p->w->kind[kind] == p->kind)
    return work_fail(p, "a task that waits for its own end");
  return added(add(p, WORK_WAIT, kind, 0));
}

static int
step_lend(struct parser *p)
{
  int kind = want_kind(p);

  if (kind < 0)
    return -1;
  if (p->w->kind + kind >= p->kind)
    return work_fail_word(p, "lend only to a task described further up", 1);
  return added(add(p, WORK_LEND, kind, 0));
}

static int
message_step(struct parser *p, enum work_op op, int64_t n)
{
  struct work *w = p->w;
  int c = work_intern(w->channel, &w->nchannel, WORK_CHANNELS, &p->word[1]);

  if (c < 0)
    return work_fail_word(p, "no name of a channel, or one too many", 1);
  return added(add(p, op, c, n));
}

static int
step_send(struct parser *p)
{
  int64_t n = 1;

  if (p->nword == 3 &&
      (p->word[2].s[0] != 'x' || work_count(p, 2, 1, &n) < 0 || n > 1000))
    return work_fail_word(p, "not x1 to x1000", 2);
  return message_step(p, WORK_SEND, n);
}

static int
step_recv(struct parser *p)
{
  return message_step(p, WORK_RECV, 1);
}

// ---- loops -----------------------------------------------------------------

static int
begin_loop(struct parser *p, enum work_op op, int64_t n)
{
  int64_t turns = p->depth > 0 ? p->loop[p->depth - 1].turns : 1;

  if (p->depth == WORK_DEPTH)
    return work_fail(p, "too many loops inside loops");
  if (op == WORK_REPEAT)
    turns *= n;
  if (turns > WORK_MAXCOUNT)
    return work_fail(p,
                     "loops inside loops of more than 1000000 turns together");
  p->loop[p->depth++] = (struct loop){ p->w->nstep, turns, false };
  return added(add(p, op, 0, n));
}

static int
step_repeat(struct parser *p)
{
  int64_t n = 0;

  if (work_count(p, 1, 0, &n) < 0)
    return -1;
  return begin_loop(p, WORK_REPEAT, n);
}

static int
step_until(struct parser *p)
{
  int64_t at = 0;

  if (work_time(p, 1, &at) < 0)
    return -1;
  return begin_loop(p, WORK_UNTIL, at);
}

static int
step_forever(struct parser *p)
{
  p->endless = true;
  return begin_loop(p, WORK_UNTIL, -1);
}

// What may go on for ever has to take time in each turn, or no clock would
// ever end it.
static int
step_end(struct parser *p)
{
  struct work_step *begin;
  struct loop *loop;

  if (p->depth == 0)
    return work_fail(p, "end without repeat, until or forever");
  loop = &p->loop[p->depth - 1];
  begin = &p->w->step[loop->step];
  if (loop->step == p->w->nstep - 1)
    return work_fail(p, "an empty loop");
  if (begin->op == WORK_UNTIL && !loop->timed)
    return work_fail(p, "until and forever need run or sleep in each turn");
  begin->to = p->w->nstep;
  p->depth--;
  if (begin->op == WORK_REPEAT && loop->timed && p->depth > 0)
    loop[-1].timed = true;
  return added(add(p, WORK_END, loop->step, 0));
}

// ---- tasks -----------------------------------------------------------------

// A task's steps are over.
static int
end_kind(struct parser *p)
{
  if (p->kind == 0)
    return 0;
  if (p->depth > 0)
    return work_fail_at(p->w, p->w->step[p->loop[p->depth - 1].step].line,
                        "a loop without end", 0);
  return added(add(p, WORK_EXIT, 0, 0));
}

// One of xN, at TIME, every TIME.  Returns how many words it is, or -1.
static int
option(struct parser *p, struct work_kind *k, int i)
{
  int64_t n = 0;

  if (p->word[i].s[0] == 'x') {
    if (work_count(p, i, 1, &n) < 0)
      return -1;
    k->count = (int)n;
    return 1;
  }
  if (work_is(&p->word[i], "at"))
    return work_time(p, i + 1, &k->at) < 0 ? -1 : 2;
  if (work_is(&p->word[i], "every"))
    return work_time(p, i + 1, &k->every) < 0 ? -1 : 2;
  return work_fail_word(p, "not xN, at TIME or every TIME", i);
}

// First time through: the name and how many there are.
static int
declare_task(struct parser *p)
{
  struct work *w = p->w;
  struct work_kind *k = &w->kind[w->nkind];

  if (p->nword < 2)
    return work_fail(p, "a task without a name");
  if (!work_named(&p->word[1]))
    return work_fail_word(p, "not a name (a letter first, 15 bytes at most)",
                          1);
  if (find_kind(w, &p->word[1]) >= 0)
    return work_fail_word(p, "two tasks of one name", 1);
  if (w->nkind == WORK_KINDS)
    return work_fail(p, "too many kinds of tasks");
  *k = (struct work_kind){ .line = p->line, .count = 1 };
  work_copy(k->name, &p->word[1]);
  for (int i = 2; i < p->nword;) {
    int n = option(p, k, i);

    if (n < 0)
      return -1;
    i += n;
  }
  if (k->every > 0 && k->count > WORK_MAXTIME / k->every)
    return work_fail(p, "the last of them would start too late");
  w->nkind++;
  return 0;
}

static int
step_task(struct parser *p)
{
  if (end_kind(p) < 0)
    return -1;
  p->kind = &p->w->kind[find_kind(p->w, &p->word[1])];
  p->kind->first = p->w->nstep;
  return 0;
}

static int
step_limit(struct parser *p)
{
  if (p->kind)
    return work_fail(p, "limit stands before the first task");
  if (work_time(p, 1, &p->w->limit) < 0)
    return -1;
  return p->w->limit > 0 ? 0 : work_fail(p, "a time above 0, please");
}

// ---- the file --------------------------------------------------------------

static const struct statement {
  const char *name;
  int least, most; // words
  bool inside;     // of a task
  int (*step)(struct parser *);
} statements[] = {
  { "limit", 2, 2, false, step_limit }, { "task", 2, WORDS, false, step_task },
  { "run", 2, 2, true, step_run },      { "sleep", 2, 2, true, step_sleep },
  { "yield", 1, 1, true, step_yield },  { "set", 3, 3, true, step_set },
  { "fork", 2, 2, true, step_fork },    { "wait", 2, 2, true, step_wait },
  { "send", 2, 3, true, step_send },    { "recv", 2, 2, true, step_recv },
  { "lend", 2, 2, true, step_lend },    { "repeat", 2, 2, true, step_repeat },
  { "until", 2, 2, true, step_until },  { "forever", 1, 1, true, step_forever },
  { "end", 1, 1, true, step_end },      { 0 },
};

static int
statement(struct parser *p)
{
  const struct statement *s = statements;

  while (s->name && !work_is(&p->word[0], s->name))
    s++;
  if (s->name == 0)
    return work_fail_word(p, "unknown word", 0);
  if (p->nword < s->least)
    return work_fail_word(p, "something is missing after", 0);
  if (p->nword > s->most)
    return work_fail_word(p, "too much on this line, from", s->most);
  if (s->inside && p->kind == 0)
    return work_fail_word(p, "a step before the first task", 0);
  return s->step(p);
}

// Call fn for each line that has words and, if `first` is given, begins so.
static int
each_line(struct parser *p, const char *text, size_t size, const char *first,
          int (*fn)(struct parser *))
{
  int n;

  p->p = text;
  p->end = text + size;
  p->line = 0;
  while ((n = work_line(p)) > 0)
    if ((first == 0 || work_is(&p->word[0], first)) && fn(p) < 0)
      return -1;
  return n;
}

// What can be said only when all is known.
static int
check_kinds(struct parser *p)
{
  bool starts = false;

  for (int i = 0; i < p->w->nkind; i++) {
    const struct work_kind *k = &p->w->kind[i];

    starts = starts || !k->forked;
    if (k->forked && (k->at || k->every))
      return work_fail_at(p->w, k->line,
                          "a task that is forked has no start time", 0);
  }
  for (int i = 0; i < p->w->nstep; i++)
    if (p->w->step[i].op == WORK_LEND && p->w->kind[p->w->step[i].to].forked)
      return work_fail_at(p->w, p->w->step[i].line,
                          "lend only to a task that starts by itself", 0);
  if (!starts)
    return work_fail(p, "no task that starts by itself");
  if (p->endless && p->w->limit == 0)
    return work_fail(p,
                     "there is a forever: say \"limit TIME\" before the tasks");
  return 0;
}

int
work_parse(struct work *w, const char *file, const char *text, size_t size)
{
  struct parser p = { .w = w };

  __builtin_memset(w, 0, sizeof(*w));
  w->file = file;
  if (each_line(&p, text, size, "task", declare_task) < 0 ||
      each_line(&p, text, size, 0, statement) < 0 || end_kind(&p) < 0 ||
      check_kinds(&p) < 0)
    return -1;
  if (w->limit == 0)
    w->limit = WORK_LIMIT;
  return 0;
}
