// options.c - the command line of `sim`. See options.h.

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sched/sim/options.h"
#include "sched/sim/sim.h"

#define LARGEST (1 << 20) // file

#define X(name) extern const struct sched_policy name##_policy;
POLICIES
#undef X

#define X(name) &name##_policy,
const struct sched_policy *const options_policies[] = { POLICIES 0 };
#undef X

static const char usage[] =
  "usage: sim [-p POLICY] -l LIST [options]      a job list of OSTEP's "
  "homework\n"
  "       sim --work FILE [-p POLICY] [options]  a workload file\n"
  "       sim --scale [-p POLICY] [options]      many harts and tasks\n"
  "LIST is RUN,RUN,... or RUN:TICKETS,... or START,RUN,IO:START,RUN,IO:...\n"
  "  -p, --policy NAME  FIFO, SJF, RR, mlfq, lottery or another of sched/;\n"
  "                     without it the form of LIST decides\n"
  "  -q, --quantum N    slice of RR, mlfq, lottery, stride\n"
  "  -n N, -Q N,N,...   levels of mlfq; slices of its levels, best first\n"
  "  -a N, -A N,N,...   slices in an allotment; the same of each level\n"
  "  -B N, -i N         time from boost to boost; time that an I/O takes\n"
  "  -S, -I             an I/O renews slice and allotment; who comes back "
  "from\n"
  "                     one goes to the front of its level, and runs\n"
  "  --draws FILE       the random numbers of lottery.py, for lottery\n"
  "  --params WORDS     parameters of the policy, as PARAMS of make run\n"
  "  --harts N          harts (1)\n"
  "  --perhart          a run queue a hart; --group N: one for N harts\n"
  "  --seed N           for what the policy draws (1)\n"
  "  --chance N         the same, as the state of the first queue's generator\n"
  "  --trace            who runs when, of a workload\n"
  "  --nudge FILE       let tasks run a little longer, or shorter, at times\n"
  "  --check            let the core check all, after each event\n"
  "  --tasks N, --span TIME   tasks a hart, and time, for --scale (100, 10s)\n"
  "docs/simulator.md tells more.\n";

void
options_bad(const char *format, ...)
{
  va_list ap;

  va_start(ap, format);
  fflush(stdout);
  fprintf(stderr, "sim: ");
  vfprintf(stderr, format, ap);
  fprintf(stderr, "\n%s", usage);
  va_end(ap);
  exit(2);
}

char *
options_file(const char *name, size_t *size)
{
  FILE *f = fopen(name, "r");
  char *text = sim_more(0, LARGEST);

  if (f == 0)
    options_bad("cannot read %s: %s", name, strerror(errno));
  *size = fread(text, 1, LARGEST, f);
  if (ferror(f) || *size == LARGEST)
    options_bad("cannot read %s, or it is too long", name);
  fclose(f);
  return text;
}

// ---- words -----------------------------------------------------------------

int64_t
options_number(const char *text, int64_t min, int64_t max, const char *what)
{
  int64_t n = 0;
  const char *s = text;

  for (; isdigit((unsigned char)*s) && n <= max; s++)
    n = 10 * n + (*s - '0');
  if (s == text || *s || n < min || n > max)
    options_bad("%s: \"%s\" is not a number from %lld to %lld", what, text,
                (long long)min, (long long)max);
  return n;
}

nsec
options_time(const char *text, const char **end, const char *what)
{
  const char *s = text;
  nsec n = 0, unit = UNIT;

  for (; isdigit((unsigned char)*s) && n < SEC(1000000); s++)
    n = 10 * n + (*s - '0') * UNIT;
  if (*s == '.')
    for (s++; isdigit((unsigned char)*s) && unit > 1; s++)
      n += (*s - '0') * (unit /= 10);
  if (s == text || isdigit((unsigned char)*s))
    options_bad("%s: \"%s\" does not begin with a number up to 1000000000, or "
                "has more than 6 digits after the point",
                what, text);
  *end = s;
  return n;
}

const struct sched_policy *
options_policy(const char *name)
{
  if (strcasecmp(name, "SJF") == 0)
    name = "stcf";
  for (int i = 0; options_policies[i]; i++)
    if (strcasecmp(options_policies[i]->name, name) == 0)
      return options_policies[i];
  return 0;
}

static const struct sched_policy *
known_policy(const char *name)
{
  const struct sched_policy *policy = options_policy(name);
  char all[256] = "";

  for (int i = 0; options_policies[i]; i++)
    snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
             options_policies[i]->name);
  if (policy == 0)
    options_bad("no policy %s; known: FIFO SJF RR%s", name, all);
  return policy;
}

void
options_set_params(struct options *o, const char *words)
{
  char copy[1024], err[256];

  if (snprintf(copy, sizeof(copy), "%s", words) >= (int)sizeof(copy))
    options_bad("the parameters are too long");
  for (char *w = strtok(copy, " "); w; w = strtok(0, " "))
    if (sched_param_set(o->policy, o->param, w, err, sizeof(err)) < 0)
      options_bad("%s: %s", o->policy->name, err);
}

// ---- the command line ------------------------------------------------------

enum {
  DRAWS = 256,
  PARAMS,
  HARTS,
  PERHART,
  GROUP,
  SEED,
  CHANCE,
  TRACE,
  CHECK,
  WORK,
  NUDGE,
  SCALE,
  TASKS,
  SPAN
};

static const struct option longs[] = {
  { "policy", 1, 0, 'p' },     { "jlist", 1, 0, 'l' },
  { "quantum", 1, 0, 'q' },    { "quantumList", 1, 0, 'Q' },
  { "allotment", 1, 0, 'a' },  { "allotmentList", 1, 0, 'A' },
  { "numQueues", 1, 0, 'n' },  { "boost", 1, 0, 'B' },
  { "iotime", 1, 0, 'i' },     { "stay", 0, 0, 'S' },
  { "iobump", 0, 0, 'I' },     { "compute", 0, 0, 'c' },
  { "draws", 1, 0, DRAWS },    { "params", 1, 0, PARAMS },
  { "harts", 1, 0, HARTS },    { "perhart", 0, 0, PERHART },
  { "group", 1, 0, GROUP },    { "seed", 1, 0, SEED },
  { "chance", 1, 0, CHANCE },  { "trace", 0, 0, TRACE },
  { "schedule", 0, 0, TRACE }, { "check", 0, 0, CHECK },
  { "work", 1, 0, WORK },      { "scale", 0, 0, SCALE },
  { "tasks", 1, 0, TASKS },    { "span", 1, 0, SPAN },
  { "nudge", 1, 0, NUDGE },    { "help", 0, 0, 'h' },
  { 0 },
};

static nsec
read_span(const char *text)
{
  char *end;
  double seconds = strtod(text, &end);

  if (*end == 0 || strcmp(end, "s") == 0)
    if (seconds >= 0.001 && seconds <= 3600)
      return seconds * SEC(1);
  options_bad("--span: \"%s\" is not a time from 0.001s to 3600s", text);
}

static uint64_t
read_chance(const char *text)
{
  char *end;
  uint64_t n = strtoull(text, &end, 0);

  if (!isdigit((unsigned char)*text) || *end || n == 0)
    options_bad("--chance: \"%s\" is not a number above 0", text);
  return n;
}

// Where an option's text is kept that is looked at later; 0: it is none.
static const char **
text_of(struct options *o, int c)
{
  switch (c) {
  case 'l':
    return &o->list;
  case 'q':
    return &o->quantum;
  case 'Q':
    return &o->quanta;
  case 'a':
    return &o->allot;
  case 'A':
    return &o->allots;
  case 'n':
    return &o->levels;
  case 'B':
    return &o->boost;
  case 'i':
    return &o->io;
  case DRAWS:
    return &o->draws;
  case PARAMS:
    return &o->params;
  case WORK:
    return &o->work;
  case NUDGE:
    return &o->nudge;
  }
  return 0;
}

static bool *
flag_of(struct options *o, int c)
{
  static bool ignored; // -c: the answers are always computed

  switch (c) {
  case 'c':
    return &ignored;
  case 'S':
    return &o->stay;
  case 'I':
    return &o->bump;
  case PERHART:
    return &o->perhart;
  case TRACE:
    return &o->trace;
  case CHECK:
    return &o->check;
  case SCALE:
    return &o->scale;
  }
  return 0;
}

static void
read_value(struct options *o, int c, const char *text)
{
  switch (c) {
  case 'p':
    o->policy = known_policy(text);
    break;
  case HARTS:
    o->nhart = options_number(text, 1, 4096, "--harts");
    break;
  case GROUP:
    o->group = options_number(text, 1, SCHED_MAXHART, "--group");
    break;
  case SEED:
    o->seed = options_number(text, 0, INT64_MAX / 100, "--seed");
    break;
  case CHANCE:
    o->chance = read_chance(text);
    break;
  case TASKS:
    o->tasks = options_number(text, 1, 10000, "--tasks");
    break;
  case SPAN:
    o->span = read_span(text);
    break;
  }
}

static void
read_option(struct options *o, int c, const char *text, const char *word)
{
  const char **keep = text_of(o, c);
  bool *flag = flag_of(o, c);

  if (c == 'h') {
    fputs(usage, stdout);
    exit(0);
  }
  if (c == ':')
    options_bad("%s needs a value", word);
  if (c == '?')
    options_bad("no option %s", word);
  if (keep)
    *keep = text;
  else if (flag)
    *flag = true;
  else
    read_value(o, c, text);
}

// What has been given must go together.
static void
check_together(const struct options *o)
{
  int what = (o->list != 0) + (o->work != 0) + o->scale;

  if (what == 0)
    options_bad("nothing to do: give -l LIST, --work FILE or --scale");
  if (what > 1)
    options_bad("one of -l, --work and --scale, please");
  if (o->perhart && o->group)
    options_bad("--perhart is --group 1: give one of the two");
}

void
options_read(struct options *o, int argc, char **argv)
{
  int c, at;

  *o = (struct options){ .seed = 1, .tasks = 100, .span = SEC(10) };
  opterr = 0;
  while (at = optind, (c = getopt_long(argc, argv, ":p:l:q:Q:a:A:n:B:i:SIch",
                                       longs, 0)) != -1)
    read_option(o, c, optarg, argv[at < argc ? at : argc - 1]);
  for (; optind < argc; optind++) {
    if (o->policy)
      options_bad("what is \"%s\"?", argv[optind]);
    o->policy = known_policy(argv[optind]);
  }
  check_together(o);
}

void
options_machine(struct options *o, const char *policy)
{
  if (o->policy == 0)
    o->policy = options_policy(policy);
  if (o->policy == 0)
    options_bad("there is no %s: say which policy with -p", policy);
  if (o->nhart == 0)
    o->nhart = 1;
  if (o->perhart)
    o->group = 1;
  else if (o->group == 0)
    o->group = SCHED_MAXHART;
  sched_params_init(o->policy, o->param);
  if (o->params)
    options_set_params(o, o->params);
}
