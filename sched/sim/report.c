// report.c - what came of a job list: who ran when, and the times by which
// OSTEP judges a schedule.

#include <stdio.h>
#include <string.h>

#include "sched/sim/ostep.h"

// A time in units, with as many digits after the point as it needs.
static const char *
units(nsec t)
{
  static char text[4][32];
  static int next;
  char *s = text[next++ % 4];
  int n =
    snprintf(s, sizeof(text[0]), "%llu.%06llu", (unsigned long long)(t / UNIT),
             (unsigned long long)(t % UNIT));

  while (s[n - 1] == '0')
    s[--n] = 0;
  if (s[n - 1] == '.')
    s[--n] = 0;
  return s;
}

static double
real(nsec t)
{
  return (double)t / UNIT;
}

// A to Z, or nothing beyond.
static char
letter(const struct ostep *e, int job)
{
  return e->njob <= 26 ? 'A' + job : 0;
}

static void
print_jobs(const struct ostep *e)
{
  printf("\nJobs:\n");
  for (int i = 0; i < e->njob; i++) {
    const struct ostep_job *j = &e->job[i];

    printf("  Job %3d", i);
    if (letter(e, i))
      printf(" (%c)", letter(e, i));
    printf(": length %s", units(j->run));
    if (e->form == LIST_IO)
      printf(", start %s, I/O every %s", units(j->start), units(j->every));
    if (e->form == LIST_TICKETS)
      printf(", tickets %lld", (long long)j->tickets);
    printf("\n");
  }
}

static void
print_span(const struct ostep *e, const struct ostep_span *s)
{
  const char *const *names = e->o->policy->stat_names;
  const struct ostep_job *j = &e->job[s->job];

  printf("  [ time %3s ]", units(s->from));
  if (e->o->nhart > 1)
    printf(" hart %d:", s->hart);
  if (s->job < 0) {
    printf(" idle for %s\n", units(s->to - s->from));
    return;
  }
  printf(" Run job %3d for %s", s->job, units(s->to - s->from));
  if (names && names[0] && strcmp(names[0], "level") == 0)
    printf(" at level %lld", (long long)s->stat);
  if (j->j->end == s->to)
    printf(" ( DONE at %s )", units(s->to));
  printf("\n");
}

// The letters of who ran, one a span.
static void
print_order(const struct ostep *e)
{
  int n = 0;

  if (e->o->nhart > 1 || letter(e, 0) == 0)
    return;
  printf("\nOrder:");
  for (int i = 0; i < e->nspan; i++)
    if (e->span[i].job >= 0) {
      printf(n > 0 && n % 32 == 0 ? "\n       %c" : " %c",
             letter(e, e->span[i].job));
      n++;
    }
  printf("\n");
}

static void
print_times(const struct ostep *e)
{
  double response = 0, turnaround = 0, wait = 0;

  printf("\nFinal statistics:\n");
  for (int i = 0; i < e->njob; i++) {
    const struct ostep_job *j = &e->job[i];
    double r = real(j->j->first - j->start), t = real(j->j->end - j->start);
    double w = real(j->waited);

    printf("  Job %3d -- Response: %3.2f  Turnaround %3.2f  Wait %3.2f\n", i, r,
           t, w);
    response += r;
    turnaround += t;
    wait += w;
  }
  printf("\n  Average -- Response: %3.2f  Turnaround %3.2f  Wait %3.2f\n",
         response / e->njob, turnaround / e->njob, wait / e->njob);
}

void
ostep_report(const struct ostep *e)
{
  const struct sched_param *p = e->o->policy->params;

  printf("Policy %s", e->o->policy->name);
  for (int i = 0; p && p[i].name; i++)
    if (p[i].unit == UNIT_TIME)
      printf(" %s=%s", p[i].name, units(e->o->param[i]));
    else
      printf(" %s=%lld", p[i].name, (long long)e->o->param[i]);
  printf("\n");
  print_jobs(e);
  printf("\nSchedule:\n");
  for (int i = 0; i < e->nspan; i++)
    print_span(e, &e->span[i]);
  print_order(e);
  print_times(e);
}
