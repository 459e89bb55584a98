// draw.c - a story as a picture.  A row for each task, a column for each event,
// what each task did after it, and below the last column what broke.  Of a long
// one the last events are drawn, of many tasks the first.

#include <stdio.h>
#include <string.h>

#include "tests/host/check/story.h"

#define WIDTH  10 // of a column
#define BAND   7  // columns side by side
#define LINES  5  // of words above a column
#define MARGIN 5
#define MOST   (10 * BAND) // columns
#define ROWS   26

#define MS(t) ((double)(t) / 1e6)

struct column {
  char words[LINES][WIDTH];
  char cell[ROWS][WIDTH];
  char clock[2 * WIDTH];
};

struct drawing {
  const struct story *story;
  struct column column[MOST];
  int n;
  int tasks; // rows
};

// ---- a column --------------------------------------------------------------

// Put the words below each other.
static void
set_words(struct column *c, char *text)
{
  int line = -1;

  for (char *w = strtok(text, " "); w; w = strtok(0, " ")) {
    size_t room = line < 0 ? 0 : WIDTH - 1 - strlen(c->words[line]);

    if (line < 0 || strlen(w) + 1 >= room) {
      if (line + 1 == LINES)
        return;
      snprintf(c->words[++line], WIDTH, "%s", w);
    } else {
      strcat(c->words[line], " ");
      strcat(c->words[line], w);
    }
  }
}

// What task i does.
static void
set_cell(const struct world *w, int i, char *cell)
{
  const struct task *t = w->task[i];
  enum task_state state = w->emptying ? w->was[i] : t->state;

  if (!w->live[i])
    strcpy(cell, ".");
  else if (state == TASK_BLOCKED)
    strcpy(cell, "blocked");
  else if (state == TASK_RUNNING && w->shape.nhart > 1)
    snprintf(cell, WIDTH, "RUNS on %d", t->hart & 7);
  else if (state == TASK_RUNNING)
    strcpy(cell, "RUNS");
  else if (w->shape.nqueue > 1 && t->queue >= 0)
    snprintf(cell, WIDTH, "waits %d", t->queue & 7);
  else
    strcpy(cell, "waits");
}

static void
set_after(struct drawing *d, const struct world *w)
{
  struct column *c = &d->column[d->n - 1];

  for (int i = 0; i < w->shape.ntask && i < ROWS; i++) {
    set_cell(w, i, c->cell[i]);
    if (w->live[i] && i >= d->tasks)
      d->tasks = i + 1;
  }
  snprintf(c->clock, sizeof(c->clock), "%.4g", MS(w->s.now - w->start));
}

static void
note_event(struct world *w, const struct event *e, int i, void *arg)
{
  struct drawing *d = arg;
  char text[100];

  if (i < d->story->n - MOST)
    return;
  if (d->n > 0)
    set_after(d, w);
  event_words(w, e, text, sizeof(text));
  set_words(&d->column[d->n++], text);
}

// ---- the drawing -----------------------------------------------------------

static void
end_line(char *line)
{
  int n = (int)strlen(line);

  while (n > 0 && line[n - 1] == ' ')
    n--;
  printf("%.*s\n", n, line);
}

// A line of columns from..to-1: what `get` says of each.
static void
print_row(const struct drawing *d, int from, int to, const char *head,
          const char *(*get)(const struct column *, int), int which)
{
  char line[MARGIN + BAND * WIDTH + 1];
  int n = snprintf(line, sizeof(line), "%-*s", MARGIN, head);

  for (int i = from; i < to; i++)
    n += snprintf(line + n, sizeof(line) - n, "%-*s", WIDTH,
                  get(&d->column[i], which));
  end_line(line);
}

static const char *
get_words(const struct column *c, int line)
{
  return c->words[line];
}

static const char *
get_cell(const struct column *c, int task)
{
  return c->cell[task];
}

static const char *
get_clock(const struct column *c, int unused)
{
  return c->clock;
}

static int
lines_of(const struct drawing *d, int from, int to)
{
  int n = 0;

  for (int i = from; i < to; i++)
    while (n < LINES && d->column[i].words[n][0])
      n++;
  return n;
}

static void
print_band(const struct drawing *d, int from, int to)
{
  int n = lines_of(d, from, to);

  for (int l = 0; l < n; l++)
    print_row(d, from, to, "", get_words, l);
  for (int i = 0; i < d->tasks; i++)
    print_row(d, from, to, task_name(i), get_cell, i);
  print_row(d, from, to, "ms", get_clock, 0);
}

void
story_draw(struct check *c, const struct story *s)
{
  static struct drawing d;
  struct world *w = story_world(c, s);
  int from = 0;

  memset(&d, 0, sizeof(d));
  d.story = s;
  story_tell(w, s, note_event, &d);
  if (d.n > 0)
    set_after(&d, w);
  world_free(w);
  if (s->n > MOST)
    printf("After %d events:\n", s->n - MOST);
  for (; from < d.n; from += BAND) {
    print_band(&d, from, from + BAND < d.n ? from + BAND : d.n);
    if (from + BAND < d.n)
      printf("\n");
  }
  if (d.n > 0)
    printf("%*s\n", MARGIN + (d.n - 1) % BAND * WIDTH + 1, "^");
  printf("%s fails: %s; hook %s()", s->fault.name, s->fault.what,
         s->fault.hook);
  if (s->fault.promise)
    printf(", promise (%d) of sched/sched.h", s->fault.promise);
  printf("\n");
}
