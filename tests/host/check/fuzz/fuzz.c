// fuzz.c - make fuzz: clang's libFuzzer makes up sequences of events, and goes
// on from those that reach new places in the code of the policy.
//
// A byte says on which machine, then a few say each event. What is looked at is
// what the other parts look at (look.c, model.c). The first sequence that fails
// is shortened, told and drawn; the bytes are kept in the file that the
// environment's FAILED names, and the program given that file does it again.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/host/check/story.h"

#define MOST 300 // events

// sched/NAME.c's; the linker gives it this name.
extern const struct sched_policy policy_under_check;

static const struct shape machine[] = {
  { 1, 1, 4, false, false }, { 1, 1, 8, false, false },
  { 2, 1, 6, true, true },   { 2, 2, 6, false, true },
  { 4, 1, 8, false, true },  { 4, 2, 8, false, true },
};

enum { NMACHINE = sizeof(machine) / sizeof(machine[0]) };

static struct check check = { .policy = &policy_under_check, .seed = 1 };
static struct world *world[NMACHINE];
static struct story story;

struct input {
  struct world *w;
  const uint8_t *data;
  size_t size, at;
  char *copy;
};

static int
next(struct input *in, int n)
{
  int byte = in->at < in->size ? in->data[in->at] : 0;

  in->at += n > 1;
  return byte % (n > 1 ? n : 1);
}

static void
play(void *arg)
{
  struct input *in = arg;

  world_reset(in->w);
  while (in->at < in->size && story.n < MOST) {
    struct event e = { .kind = next(in, NKIND) };
    int n[3];

    world_ranges(in->w, e.kind, n);
    e.a = next(in, n[0]);
    e.b = next(in, n[1]);
    e.c = next(in, n[2]);
    if (n[0] == 0 || !world_may(in->w, &e))
      continue;
    e.luck = in->at < in->size ? in->data[in->at] % LUCK : 0;
    story.event[story.n++] = e;
    world_do(in->w, &e);
    world_save(in->w, in->copy);
    world_look(in->w);
    world_restore(in->w, in->copy);
  }
}

static void
keep(const struct input *in)
{
  const char *name = getenv("FAILED");
  FILE *f = name ? fopen(name, "w") : 0;

  if (f == 0)
    return;
  fwrite(in->data, 1, in->size, f);
  fclose(f);
}

static void __attribute__((noreturn))
tell(const struct input *in, const struct fault *fault)
{
  static char text[STORYTEXT];

  keep(in);
  story.fault = *fault;
  world_explain(in->w, &story.fault);
  story_shorten(in->w, &story);
  story_refine(in->w, &story);
  story_words(in->w, &story, text);
  printf("\n%s fails: %s: %s; hook %s()\n\n", story.fault.name, text,
         story.fault.what, story.fault.hook);
  story_draw(&check, &story);
  fflush(stdout);
  _exit(1);
}

static struct world *
world_of(int i)
{
  if (world[i] == 0) {
    world[i] =
      world_new(&policy_under_check, check.param, machine[i], SEC(1000));
    world[i]->watch = true;
  }
  return world[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct input in = { .data = data, .size = size, .at = 1 };
  const struct fault *fault;

  if (size == 0)
    return 0;
  sched_params_init(check.policy, check.param);
  in.w = world_of(data[0] % NMACHINE);
  in.copy = malloc(world_size(in.w));
  story.shape = in.w->shape;
  story.start = in.w->start;
  story.watch = in.w->watch;
  story.n = 0;
  fault = guard(play, &in);
  free(in.copy);
  if (fault)
    tell(&in, fault);
  return 0;
}
