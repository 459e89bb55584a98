// story.h - a sequence of events that ends in a fault: told, shortened, put
// into words.

#ifndef TESTS_HOST_CHECK_STORY_H
#define TESTS_HOST_CHECK_STORY_H

#include "tests/host/check/world.h"

#define MAXSTORY  30000
#define STORYTEXT 4000

struct story {
  struct shape shape;
  nsec start;
  bool watch;      // as of a world
  unsigned ignore; //
  struct fault fault; // in which it ends
  int n;
  struct event event[MAXSTORY];
};

// Let it happen in w, without the events that are not possible when they
// come, looking at the last state; call before, if there is one, before each
// event.  The fault in which it ends, or 0.
const struct fault *
story_tell(struct world *w, const struct story *s,
           void (*before)(struct world *, const struct event *, int, void *),
           void *arg);

// "after: A created, B created, A blocks"
void story_words(struct world *w, const struct story *s, char text[STORYTEXT]);

// Take away events as long as it ends in the same fault.
void story_shorten(struct world *w, struct story *s);

// Find out more about whose fault it is.
void story_refine(struct world *w, struct story *s);

// The whole: "after: A created, A yields: A is lost; hook ready()", reported
// under the fault's name.
void story_fails(struct check *c, const struct story *s);

// ---- who finds them --------------------------------------------------------

// All sequences of events, shortest first: search.c.  Stops after `depth`
// events, or when `most` states were seen; 0: no such limit.
struct search {
  struct shape shape;
  int depth;
  uint64_t most;
  bool watch;
  unsigned ignore; // rules, as of a world
  // What came of it.
  uint64_t states, steps; // seen; events tried
  int reached;            // depth up to which all was seen
  bool all;               // there are no more states
  bool cut_short;         // by `most`, not by the depth
  bool found;             // a fault, with its story
  struct story story;
};

void search(struct check *c, struct search *s);

// Does what happens depend on the clock's value, or on what the core counts?
// As for world_hash: depends.c.
int depends(struct check *c, struct shape shape);

// A world in which to tell it.
struct world *story_world(struct check *c, const struct story *s);

// Draw it: draw.c.
void story_draw(struct check *c, const struct story *s);

#endif
