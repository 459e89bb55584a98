// ostep.c - run a job list of OSTEP's homework: each job is a task of the
// simulator, a unit of time is a millisecond, and the policy is the one of
// sched/ that stands in the book under that name. docs/simulator.md says where
// the book's own simulators differ.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/ostep.h"

// ---- options to parameters -------------------------------------------------

static bool
has_param(const struct options *o, const char *name)
{
  const struct sched_param *p = o->policy->params;

  while (p && p->name && strcmp(p->name, name) != 0)
    p++;
  return p && p->name;
}

// The parameter of that name := a number, or units of time, that was given with
// the option.
static void
set_count(struct options *o, const char *name, const char *option,
          const char *text)
{
  char word[64];

  snprintf(word, sizeof(word), "%s=%lld", name,
           (long long)options_number(text, 0, INT32_MAX, option));
  options_set_params(o, word);
}

static nsec
read_units(const char *option, const char *text)
{
  const char *end;
  nsec t = options_time(text, &end, option);

  if (*end)
    options_bad("%s: \"%s\" is not a number", option, text);
  return t;
}

static void
set_time(struct options *o, const char *name, const char *option,
         const char *text)
{
  char word[64];
  nsec t = read_units(option, text);

  if (t % UNIT == 0)
    snprintf(word, sizeof(word), "%s=%lldms", name, (long long)(t / UNIT));
  else
    snprintf(word, sizeof(word), "%s=%lldns", name, (long long)t);
  options_set_params(o, word);
}

// The same for a list x,y,... of either.
static void
set_list(struct options *o, const char *name, const char *option,
         const char *list, bool times)
{
  char copy[512], word[1024];
  int n = snprintf(word, sizeof(word), "%s", name);

  if (snprintf(copy, sizeof(copy), "%s", list) >= (int)sizeof(copy))
    options_bad("%s: the list is too long", option);
  for (char *item = copy, *end; item; item = end ? end + 1 : 0) {
    end = strchr(item, ',');
    if (end)
      *end = 0;
    n += snprintf(
      word + n, sizeof(word) - n, "%c%lld%s", item == copy ? '=' : ',',
      (long long)(times ? read_units(option, item)
                        : (nsec)options_number(item, 0, INT32_MAX, option)),
      times ? "ns" : "");
  }
  options_set_params(o, word);
}

static bool
wants_mlfq(const struct options *o)
{
  return o->quanta || o->allot || o->allots || o->levels || o->boost ||
         o->stay || o->bump;
}

// Is it mlfq, or will it be?
static bool
is_mlfq(const struct options *o)
{
  return o->policy ? strcmp(o->policy->name, "mlfq") == 0
                   : wants_mlfq(o) || o->io;
}

// How many there are in a list x,y,...
static int
items(const char *list)
{
  int n = 1;

  for (; *list; list++)
    n += *list == ',';
  return n;
}

// A switch; one that is off need not be there, as in an mlfq of the lab.
static void
set_switch(struct options *o, const char *name, bool on)
{
  if (on || has_param(o, name))
    set_count(o, name, "", on ? "1" : "0");
}

// mlfq.py's options, and its defaults.
static void
set_mlfq(struct options *o)
{
  const char *slice = o->quantum ? o->quantum : "10";
  const char *allot = o->allot ? o->allot : "1";
  char levels[16];

  snprintf(levels, sizeof(levels), "%d", o->quanta ? items(o->quanta) : 3);
  if (o->quanta == 0 && o->levels)
    snprintf(levels, sizeof(levels), "%s", o->levels);
  set_count(o, "levels", o->quanta ? "-Q" : "-n", levels);
  if (o->allots && items(o->allots) != atoi(levels))
    options_bad("-A: %d allotments for %s levels", items(o->allots), levels);
  set_count(o, "grow", "", "1");
  set_list(o, "slice", o->quanta ? "-Q" : "-q", o->quanta ? o->quanta : slice,
           true);
  set_list(o, "allot", o->allots ? "-A" : "-a", o->allots ? o->allots : allot,
           false);
  set_time(o, "boost", "-B", o->boost ? o->boost : "0");
  set_switch(o, "stay", o->stay);
  set_switch(o, "front", o->bump);
  set_switch(o, "even", false);
}

static void
set_params(struct options *o)
{
  if (strcmp(o->policy->name, "mlfq") == 0)
    set_mlfq(o);
  else if (has_param(o, "slice"))
    set_time(o, "slice", "-q", o->quantum ? o->quantum : "1");
  if (o->params)
    options_set_params(o, o->params);
}

static const char *
policy_for(enum list_form form)
{
  if (form == LIST_IO)
    return "mlfq";
  return form == LIST_TICKETS ? "lottery" : "fifo";
}

static void
check_options(const struct ostep *e, const struct options *o)
{
  bool mlfq = strcmp(o->policy->name, "mlfq") == 0;

  if (!mlfq && wants_mlfq(o))
    options_bad("-n, -Q, -a, -A, -B, -S and -I are for mlfq, not for %s",
                o->policy->name);
  if (o->io && e->form != LIST_IO)
    options_bad("-i is for jobs with I/O: START,RUN,IO:START,RUN,IO:...");
  if (o->draws && strcmp(o->policy->name, "lottery") != 0)
    options_bad("--draws is for lottery, not for %s", o->policy->name);
}

// ---- the jobs --------------------------------------------------------------

static struct sim_act
next(struct sim *s, struct sim_task *j)
{
  struct ostep_job *job = ((struct ostep *)j->program)->job + j->id;
  nsec io = ((struct ostep *)j->program)->io;
  nsec ran = job->run - job->left;
  nsec run = job->left;

  if (job->left == 0)
    return (struct sim_act){ SIM_EXIT, 0 };
  if (job->every > 0 && ran > 0 && ran % job->every == 0 && !job->in_io) {
    job->in_io = true;
    return (struct sim_act){ SIM_SLEEP, io };
  }
  job->in_io = false;
  if (job->every > 0 && run > job->every - ran % job->every)
    run = job->every - ran % job->every;
  job->left -= run;
  return (struct sim_act){ SIM_RUN, run };
}

static void
add_task(struct ostep *e, struct sim *s, struct ostep_job *job)
{
  struct sim_task *j = sim_task(s, 0, next, e);
  nsec burst = job->every > 0 && job->every < job->run ? job->every : job->run;

  job->j = j;
  // lottery.py lets a job have the whole of its last slice.
  if (e->form == LIST_TICKETS && e->quantum > 0 &&
      strcmp(e->o->policy->name, "lottery") == 0)
    job->run = (job->run + e->quantum - 1) / e->quantum * e->quantum;
  job->left = job->run;
  sim_set(s, j, "burst", burst); // for policies that have it
  if (job->tickets && sim_set(s, j, "tickets", job->tickets) < 0)
    options_bad("%s takes no %lld tickets", e->o->policy->name,
                (long long)job->tickets);
  sim_start(s, j, job->start);
}

// ---- what is recorded ------------------------------------------------------

static void
note_got(void *arg, struct sim *s, struct sim_task *j)
{
  struct ostep *e = arg;
  int64_t stats[SCHED_MAXSTAT] = { 0 };

  sim_stats(s, j, 0, stats);
  e->stat[j->hart] = stats[0];
}

static void
note_span(void *arg, const struct sim_span *span)
{
  struct ostep *e = arg;

  if (e->nspan == e->room) {
    e->room = 2 * e->room + 64;
    e->span = sim_more(e->span, e->room * sizeof(*e->span));
  }
  e->span[e->nspan++] =
    (struct ostep_span){ span->hart, span->j ? span->j->id : -1, span->from,
                         span->to, e->stat[span->hart] };
}

// ----------------------------------------------------------------------------

static void
feed(const struct options *o)
{
  int n;
  uint64_t *draws;

  if (o->draws == 0)
    return;
  draws = ostep_read_draws(o->draws, &n);
  sim_feed(draws, n);
}

static void
run(struct ostep *e, const struct options *o)
{
  struct sim_config c = {
    .policy = o->policy,
    .param = o->param,
    .nhart = o->nhart,
    .group = o->group,
    .seed = o->seed,
    .book = true,
    .check = o->check,
    .arg = e,
    .got = note_got,
    .span = note_span,
  };
  struct sim *s;

  e->stat = sim_more(0, o->nhart * sizeof(*e->stat));
  feed(o);
  s = sim_new(&c);
  for (int i = 0; i < e->njob; i++)
    add_task(e, s, &e->job[i]);
  sim_run(s, NSEC_NEVER - 1);
  for (int i = 0; i < e->njob; i++) {
    struct task_stats st;

    sim_stats(s, e->job[i].j, &st, 0);
    e->job[i].waited = st.waited;
  }
  ostep_report(e);
  sim_free(s);
}

int
ostep_main(struct options *o)
{
  struct ostep e = { .o = o };

  ostep_read_list(&e, o->list, is_mlfq(o));
  options_machine(o, policy_for(e.form));
  check_options(&e, o);
  set_params(o);
  e.io = read_units("-i", o->io ? o->io : "5");
  if (has_param(o, "slice"))
    e.quantum = read_units("-q", o->quantum ? o->quantum : "1");
  run(&e, o);
  free(e.job);
  free(e.span);
  free(e.stat);
  return 0;
}
