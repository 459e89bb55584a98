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

// The parameter of that name := text, a number of units or a plain number.
static void
set_param(struct options *o, const char *name, const char *text,
          const char *unit)
{
  char word[64];

  if (snprintf(word, sizeof(word), "%s=%s%s", name, text, unit) >=
      (int)sizeof(word))
    options_bad("%s: \"%s\" is too long", name, text);
  options_set_params(o, word);
}

static bool
wants_mlfq(const struct options *o)
{
  return o->quanta || o->allot || o->allots || o->levels || o->boost || o->stay ||
         o->bump;
}

// mlfq.py's options, and its defaults.
static void
set_mlfq(struct options *o)
{
  set_param(o, "levels", o->levels ? o->levels : "3", "");
  set_param(o, "slice", o->quantum ? o->quantum : "10", "ms");
  set_param(o, "grow", "1", "");
  set_param(o, "allot", o->allot ? o->allot : "1", "");
  set_param(o, "boost", o->boost ? o->boost : "0", "ms");
}

static void
set_params(struct options *o)
{
  if (strcmp(o->policy->name, "mlfq") == 0)
    set_mlfq(o);
  else if (has_param(o, "slice"))
    set_param(o, "slice", o->quantum ? o->quantum : "1", "ms");
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
run(struct ostep *e, const struct options *o)
{
  struct sim_config c = {
    .policy = o->policy, .param = o->param, .nhart = o->nhart,
    .group = o->group,   .seed = o->seed,   .book = true,
    .check = o->check,   .arg = e,          .got = note_got,
    .span = note_span,
  };
  struct sim *s;

  e->stat = calloc(o->nhart, sizeof(*e->stat));
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
  bool mlfq = o->policy && strcmp(o->policy->name, "mlfq") == 0;
  struct ostep e = { .o = o };
  const char *end;

  ostep_read_list(&e, o->list, mlfq || wants_mlfq(o) || o->io);
  options_machine(o, policy_for(e.form));
  check_options(&e, o);
  set_params(o);
  e.io = options_time(o->io ? o->io : "5", &end, "-i");
  if (*end)
    options_bad("-i: \"%s\" is not a number", o->io);
  if (has_param(o, "slice"))
    e.quantum = options_time(o->quantum ? o->quantum : "1", &end, "-q");
  run(&e, o);
  free(e.job);
  free(e.span);
  free(e.stat);
  return 0;
}
