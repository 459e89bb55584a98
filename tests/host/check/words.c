// words.c - events and sequences of them in words.

#include <stdio.h>
#include <string.h>

#include "tests/host/check/story.h"

#define MS(t) ((double)(t) / 1e6)

const char *
task_name(int slot)
{
  static char text[8][8];
  static int next;
  char *name = text[next++ % 8];

  if (slot < 0 || slot >= MAXTASK)
    return "?";
  snprintf(name, sizeof(text[0]), slot < 26 ? "%c" : "T%d",
           slot < 26 ? 'A' + slot : slot);
  return name;
}

static const char *
on(const struct world *w, int hart)
{
  return w->s.on[hart] ? task_name(world_slot(w, w->s.on[hart])) : "?";
}

static const char *
next_name(const struct world *w)
{
  for (int i = 0; i < w->shape.ntask; i++)
    if (!w->live[i])
      return task_name(i);
  return "?";
}

// " on queue 1", where there are several.
static const char *
on_queue(const struct world *w, int queue)
{
  static const char text[][12] = { " on queue 0", " on queue 1", " on queue 2",
                                   " on queue 3" };

  return w->shape.nqueue > 1 ? text[queue] : "";
}

// "A's slice ends", if that is what comes next.
static void
tick_words(const struct world *w, char *text, size_t size)
{
  nsec tick = world_next_tick(w);

  for (int h = 0; h < w->shape.nhart; h++)
    if (w->s.on[h] &&
        queue_of_hart(w, h)->charged + w->s.on[h]->slice == tick) {
      snprintf(text, size, "%s's slice ends", on(w, h));
      return;
    }
  snprintf(text, size, "the alarm comes");
}

static void
pin_words(const struct world *w, const struct event *e, char *text, size_t size)
{
  uint64_t mask = tried_mask(w, e->b);

  if (mask == SCHED_ANYHART)
    snprintf(text, size, "%s may run anywhere", task_name(e->a));
  else
    snprintf(text, size, "%s may run on hart %d only", task_name(e->a),
             __builtin_ctzll(mask));
}

static void
set_words(const struct world *w, const struct event *e, char *text, size_t size)
{
  const struct sched_attr *a = &w->policy->attrs[e->b];

  snprintf(text, size, "%s gets %s %lld", task_name(e->a), a->name,
           (long long)tried_value(a, e->c));
}

void
event_words(struct world *w, const struct event *e, char *text, size_t size)
{
  switch ((enum kind)e->kind) {
  case CREATE:
    snprintf(text, size, "%s created%s", next_name(w), on_queue(w, e->a));
    break;
  case FORK:
    snprintf(text, size, "%s forks %s", on(w, e->a), next_name(w));
    break;
  case BLOCK:
    snprintf(text, size, "%s blocks", on(w, e->a));
    break;
  case YIELD:
    snprintf(text, size, "%s yields", on(w, e->a));
    break;
  case EXIT:
    snprintf(text, size, "%s exits", on(w, e->a));
    break;
  case WAKE:
    snprintf(text, size, "%s wakes%s", task_name(e->a), on_queue(w, e->b));
    break;
  case RUN:
    snprintf(text, size, "%g ms pass", MS(w->little));
    break;
  case TICK:
    tick_words(w, text, size);
    break;
  case LATE:
    tick_words(w, text, size);
    snprintf(text + strlen(text), size - strlen(text), ", late");
    break;
  case ALARM:
    snprintf(text, size, "time passes to the alarm");
    break;
  case SET:
    set_words(w, e, text, size);
    break;
  case PIN:
    pin_words(w, e, text, size);
    break;
  case MOVE:
    snprintf(text, size, "%s moves to queue %d", task_name(e->a), e->b);
    break;
  case STEAL:
    snprintf(text, size, "hart %d steals", e->a);
    break;
  case OBEY:
    snprintf(text, size, "hart %d obeys", e->a);
    break;
  case LEND:
    snprintf(text, size, "%s is lent %d", task_name(e->a), e->b ? LOAN : 0);
    break;
  case NKIND:
    break;
  }
}

// ---- a story ---------------------------------------------------------------

struct telling {
  struct world *w;
  const struct story *story;
  void (*before)(struct world *, const struct event *, int, void *);
  void *arg;
};

static void
tell(void *arg)
{
  struct telling *t = arg;

  world_reset(t->w);
  for (int i = 0; i < t->story->n; i++) {
    const struct event *e = &t->story->event[i];

    if (!world_may(t->w, e))
      continue;
    if (t->before)
      t->before(t->w, e, i, t->arg);
    world_do(t->w, e);
  }
  world_look(t->w);
}

const struct fault *
story_tell(struct world *w, const struct story *s,
           void (*before)(struct world *, const struct event *, int, void *),
           void *arg)
{
  struct telling t = { w, s, before, arg };

  return guard(tell, &t);
}

#define TOLD 30 // events, of a long story the last ones

struct text {
  char *text;
  int skip; // events
};

static void
add_words(struct world *w, const struct event *e, int i, void *arg)
{
  struct text *to = arg;
  size_t n = strlen(to->text);

  if (i < to->skip || n + 80 > STORYTEXT)
    return;
  if (n == 0 && to->skip)
    n = sprintf(to->text, "after %d events and: ", to->skip);
  else
    n += sprintf(to->text + n, "%s", n ? ", " : "after: ");
  event_words(w, e, to->text + n, STORYTEXT - n);
}

void
story_words(struct world *w, const struct story *s, char text[STORYTEXT])
{
  struct text to = { text, s->n > TOLD ? s->n - TOLD / 2 : 0 };

  *text = 0;
  story_tell(w, s, add_words, &to);
  if (*text == 0)
    strcpy(text, "at once");
}
