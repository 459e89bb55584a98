// search.c - all sequences of events, breadth first, so that the first fault
// found has a shortest sequence.
//
// A state is kept as the event that led to it and the state before, not as a
// copy: to go on from it, its sequence is let happen once more, which takes
// a microsecond.  A state is known by a hash of 64 bits of all that matters
// (world_hash).  With ten million states, two of them have the same hash with
// a probability of 1 in 400,000; then one would be missed.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check/story.h"

#define MAXDEPTH 200

struct node {
  uint32_t before; // the state before; itself: the start
  uint32_t event;  // packed
};

struct hunt {
  struct search *s;
  struct world *w;
  int by;
  struct node *node;
  uint64_t nnode, room;
  uint64_t *seen; // a table of hashes; 0: free
  uint64_t slots;
  char *start, *here; // copies of states
  // The node that is being expanded, and how far.
  uint64_t at;
  struct event path[MAXDEPTH], list[MAXEVENT];
  int depth, nlist, i, luck;
};

// ---- what is known ---------------------------------------------------------

static uint32_t
pack(const struct event *e)
{
  return e->kind | e->a << 5 | e->b << 10 | e->c << 16 | e->luck << 20;
}

static struct event
unpack(uint32_t x)
{
  return (struct event){ x & 31, x >> 5 & 31, x >> 10 & 63, x >> 16 & 15,
                         x >> 20 };
}

static bool
insert(uint64_t *table, uint64_t slots, uint64_t hash)
{
  uint64_t i = hash & (slots - 1);

  for (; table[i]; i = (i + 1) & (slots - 1))
    if (table[i] == hash)
      return false;
  table[i] = hash;
  return true;
}

static void
grow_table(struct hunt *h)
{
  uint64_t *bigger = calloc(h->slots * 2, sizeof(*bigger));

  assert(bigger);
  for (uint64_t i = 0; i < h->slots; i++)
    if (h->seen[i])
      insert(bigger, h->slots * 2, h->seen[i]);
  free(h->seen);
  h->seen = bigger;
  h->slots *= 2;
}

// Was the world's state seen?  If not, it is now.
static bool
is_new(struct hunt *h)
{
  if (2 * h->nnode > h->slots)
    grow_table(h);
  return insert(h->seen, h->slots, world_hash(h->w, h->by));
}

static void
add_node(struct hunt *h, uint32_t before, uint32_t event)
{
  if (h->nnode == h->room) {
    h->room *= 2;
    h->node = realloc(h->node, h->room * sizeof(*h->node));
    assert(h->node);
  }
  h->node[h->nnode++] = (struct node){ before, event };
}

// ---- the search ------------------------------------------------------------

static void
begin(void *arg)
{
  struct hunt *h = arg;

  world_reset(h->w);
  world_save(h->w, h->start);
  is_new(h);
  add_node(h, 0, 0);
  world_look(h->w);
}

// The events that led to node h->at.
static void
find_path(struct hunt *h)
{
  struct event back[MAXDEPTH];

  h->depth = 0;
  for (uint64_t n = h->at; n; n = h->node[n].before)
    back[h->depth++] = unpack(h->node[n].event);
  for (int i = 0; i < h->depth; i++)
    h->path[i] = back[h->depth - 1 - i];
}

// Let event i of the list happen; true if there is another draw to be tried.
static bool
try_event(struct hunt *h)
{
  struct event *e = &h->list[h->i];
  bool drew;

  e->luck = h->luck;
  world_restore(h->w, h->here);
  world_do(h->w, e);
  h->s->steps++;
  drew = world_drew(h->w);
  if (is_new(h)) {
    add_node(h, h->at, pack(e));
    world_look(h->w);
  }
  return drew && h->luck + 1 < LUCK;
}

static void
expand(void *arg)
{
  struct hunt *h = arg;

  world_restore(h->w, h->start);
  for (h->i = 0; h->i < h->depth; h->i++)
    world_do(h->w, &h->path[h->i]);
  world_save(h->w, h->here);
  h->nlist = world_events(h->w, h->list);
  for (h->i = 0; h->i < h->nlist; h->i++)
    for (h->luck = 0; try_event(h); h->luck++)
      ;
}

// A fault: keep the events that led to it.
static void
keep_story(struct hunt *h, const struct fault *fault)
{
  struct story *s = &h->s->story;

  h->s->found = true;
  s->shape = h->w->shape;
  s->start = h->w->start;
  s->watch = h->w->watch;
  s->ignore = h->w->ignore;
  s->n = h->depth;
  memcpy(s->event, h->path, h->depth * sizeof(h->path[0]));
  if (h->nlist > 0)
    s->event[s->n++] = h->list[h->i];
  s->fault = *fault;
  world_explain(h->w, &s->fault);
  story_refine(h->w, s);
}

static bool
step(struct hunt *h, void (*body)(void *))
{
  const struct fault *fault = guard(body, h);

  if (fault)
    keep_story(h, fault);
  return fault == 0;
}

static void
go(struct hunt *h)
{
  struct search *s = h->s;

  if (!step(h, begin))
    return;
  for (h->at = 0; h->at < h->nnode; h->at++) {
    find_path(h);
    s->reached = h->depth;
    s->cut_short = s->most && h->nnode >= s->most;
    if ((s->depth && h->depth >= s->depth) || h->depth + 1 >= MAXDEPTH ||
        s->cut_short)
      return;
    h->nlist = 0;
    if (!step(h, expand))
      return;
  }
  s->all = true;
}

void
search(struct check *c, struct search *s)
{
  struct hunt h = { .s = s, .room = 1024, .slots = 4096 };

  h.by = depends(c, s->shape);
  h.w = world_new(c->policy, c->param, s->shape, SEC(1000));
  h.w->watch = s->watch;
  h.w->ignore = s->ignore;
  h.node = malloc(h.room * sizeof(*h.node));
  h.seen = calloc(h.slots, sizeof(*h.seen));
  h.start = malloc(world_size(h.w));
  h.here = malloc(world_size(h.w));
  go(&h);
  s->states = h.nnode;
  free(h.start);
  free(h.here);
  free(h.seen);
  free(h.node);
  world_free(h.w);
}
