// joblist.c - job lists as students write them for the simulators of OSTEP's
// homework, and the numbers that the book's lottery.py draws.
//
//   RUN,RUN,...                      scheduler.py   (chapter 7)
//   START,RUN,IO:START,RUN,IO:...    mlfq.py        (chapter 8)
//   RUN:TICKETS,RUN:TICKETS,...      lottery.py     (chapter 9)

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/ostep.h"

#define MOST 100000 // jobs

static struct ostep_job *
add_job(struct ostep *e)
{
  if (e->njob == MOST)
    options_bad("-l: more than %d jobs", MOST);
  e->job = sim_more(e->job, (e->njob + 1) * sizeof(*e->job));
  e->job[e->njob] = (struct ostep_job){ 0 };
  return &e->job[e->njob++];
}

static nsec
number(const char **s)
{
  return options_time(*s, s, "-l");
}

static void
want(const char **s, char c, const char *form)
{
  if (*(*s)++ != c)
    options_bad("-l: not a list of %s", form);
}

static void
read_plain(struct ostep *e, const char *s)
{
  do
    add_job(e)->run = number(&s);
  while (*s == ',' && s++);
  if (*s)
    options_bad("-l: not a list of RUN,RUN,...");
}

static void
read_io(struct ostep *e, const char *s)
{
  static const char form[] = "START,RUN,IO:START,RUN,IO:...";

  for (;; s++) {
    struct ostep_job *j = add_job(e);

    j->start = number(&s);
    want(&s, ',', form);
    j->run = number(&s);
    want(&s, ',', form);
    j->every = number(&s);
    if (*s == 0)
      return;
    if (*s != ':')
      options_bad("-l: not a list of %s", form);
  }
}

static void
read_tickets(struct ostep *e, const char *s)
{
  static const char form[] = "RUN:TICKETS,RUN:TICKETS,...";

  for (;; s++) {
    struct ostep_job *j = add_job(e);
    const char *end;
    char text[24];

    j->run = number(&s);
    want(&s, ':', form);
    end = s + strspn(s, "0123456789");
    snprintf(text, sizeof(text), "%.*s", (int)(end - s), s);
    j->tickets = options_number(text, 1, INT32_MAX, "-l: tickets");
    s = end;
    if (*s == 0)
      return;
    if (*s != ',')
      options_bad("-l: not a list of %s", form);
  }
}

// Which of the three it is. One job of mlfq.py alone may be three plain ones:
// it is what `io` says.
static enum list_form
form_of(const char *list, bool io)
{
  const char *colon = strchr(list, ':');
  const char *comma = strchr(list, ',');

  if (colon == 0)
    return io ? LIST_IO : LIST_PLAIN;
  return comma && comma < colon ? LIST_IO : LIST_TICKETS;
}

void
ostep_read_list(struct ostep *e, const char *list, bool io)
{
  e->form = form_of(list, io);
  if (e->form == LIST_PLAIN)
    read_plain(e, list);
  else if (e->form == LIST_IO)
    read_io(e, list);
  else
    read_tickets(e, list);
  for (int i = 0; i < e->njob; i++)
    if (e->job[i].run == 0)
      options_bad("-l: job %d runs for no time", i);
}

// ---- draws -----------------------------------------------------------------

static void
add_draw(uint64_t **draws, int *n, const char *s)
{
  if (*n % 1024 == 0)
    *draws = sim_more(*draws, (*n + 1024) * sizeof(**draws));
  (*draws)[(*n)++] = strtoull(s, 0, 10);
}

// A number on the line counts if it stands first, or after "Random", which is
// how lottery.py prints one, with and without -c.
uint64_t *
ostep_read_draws(const char *file, int *n)
{
  FILE *f = fopen(file, "r");
  uint64_t *draws = 0;
  char line[256];

  *n = 0;
  if (f == 0)
    options_bad("--draws: cannot read %s: %s", file, strerror(errno));
  while (fgets(line, sizeof(line), f)) {
    char *s = line + strspn(line, " \t");

    if (strncmp(s, "Random ", 7) == 0)
      s += 7;
    if (isdigit((unsigned char)*s))
      add_draw(&draws, n, s);
  }
  fclose(f);
  if (*n == 0)
    options_bad("--draws: no number in %s", file);
  return draws;
}
