// failalloc.c - no memory, at every place: each allocation that a call makes
// fails once. The call then fails cleanly, or does without; nothing is lost,
// and the call works the next time. Needs a kernel made with DEBUG=1, and says
// so when it has none.

#include "tests/guest/failalloc_files.h"
#include "tests/guest/failalloc_procs.h"

#define MOST 500                // allocations of one call, at most

static const struct try {
  const char *name;
  int (*run)(void);
  void (*before)(void);
  void (*after)(void);
} tries[] = {
  { "fork", do_fork, 0, 0 },
  { "copies", do_copies, 0, 0 },
  { "exec", do_exec, 0, 0 },
  { "exec disk", do_exec_disk, copy_self, 0 },
  { "fork stack", do_fork, use_stacks, end_all },
  { "pipe", do_pipe, 0, 0 },
  { "pipe object", do_pipe, fill_pipes, empty_pipes },
  { "pipe write", do_pipe_write, more_heap, less_heap },
  { "open", do_open, make_there, 0 },
  { "open disk", do_open_disk, forget_files, less_heap },
  { "create", do_create, 0, undo_new },
  { "create disk", do_create, forget_files, undo_disk },
  { "write", do_write, open_append, close_it },
  { "write more", do_write_much, open_more, close_more },
  { "overwrite", do_overwrite, make_there, 0 },
  { "truncate", do_truncate, make_there, 0 },
  { "read", do_read, there_and_heap, less_heap },
  { "read disk", do_read_disk, forget_files, less_heap },
  { "mkdir", do_mkdir, 0, undo_new },
  { "mknod", do_mknod, 0, undo_new },
  { "link", do_link, make_there, undo_new },
  { "unlink", do_unlink, make_there, 0 },
  { "rename", do_rename, make_there, undo_new },
  { "chdir", do_chdir, make_there, 0 },
  { "sbrk", do_sbrk, 0, 0 },
  { "alarm", do_alarm, 0, 0 },
  { "touch", do_touch, 0, 0 },
  { "trace", do_trace, 0, 0 },
  { "wait", do_wait, more_heap, less_heap },
  { "sync", do_sync, open_append, close_it },
  { "stat", do_stat, open_append, close_it },
};

// ---- the walk --------------------------------------------------------------

// One attempt, with the nth allocation failing. True: the call worked, and
// that allocation was not reached.
static int
attempt(const struct try *t)
{
  int ok, reached;

  if (t->before)
    t->before();
  left = nth;
  ok = t->run();
  reached = left == 0;
  if (t->after)
    t->after();
  unlink("there");
  EXPECT(ok || reached);        // it fails for a reason
  return !reached;
}

static void
walk(const struct try *t)
{
  struct memory before;

  nth = 1000000;
  for (int i = 0; i < 3; i++)
    EXPECT(attempt(t));
  before = memory_now();
  for (nth = 1; nth < MOST; nth++) {
    int done = attempt(t);

    expect_same(t->name, before);
    if (done)
      break;
  }
  EXPECT(nth < MOST);
  printf("%s: each of %d allocations has failed\n", t->name, nth - 1);
}

static const struct try *current;

static void
walk_current(void)
{
  for (int i = 0; i < BIG; i += PAGE)
    buf[i] = i / PAGE;
  mkdir(DIR);                   // (a case that failed may have left it)
  EXPECT_IS(chdir(DIR), 0);
  walk(current);
  EXPECT_IS(chdir("/"), 0);
  EXPECT_IS(unlink(DIR), 0);
}

static void
make_filler(void)
{
  int f = open(FILLER, O_CREATE | O_WRONLY);

  EXPECT(f >= 0);
  for (int i = 0; i < 28; i++)
    EXPECT_IS(write(f, buf, BIG), BIG);
  close(f);
}

// All of the table, or the one of that name; and many forks, if there may be so
// many processes.
static int
run_some(const char *name)
{
  static const struct guest_case many = { "many forks", do_many };
  struct sysinfo si;
  uint passed = 0, run = 0;

  EXPECT_IS(sysinfo(&si), 0);
  for (current = tries; current < tries + COUNT(tries); current++)
    if (name == 0 || strcmp(name, current->name) == 0) {
      passed += guest_run(&(struct guest_case){ current->name, walk_current });
      run++;
    }
  if (name ? strcmp(name, many.name) == 0 : si.maxproc >= MANY + 20) {
    passed += guest_run(&many);
    run++;
  }
  printf("t_failalloc: %u of %u passed\n", passed, run);
  return run == 0 || passed != run;
}

int
main(int argc, char **argv)
{
  int status;

  if (argc > 1 && strcmp(argv[1], "=left") == 0)
    return failalloc(0) > 0 ? 7 : 6;
  if (failalloc(0) < 0) {
    printf("%s: the kernel was not made with DEBUG=1\n", argv[0]);
    return 0;
  }
  make_filler();
  status = run_some(argv[1]);
  unlink(FILLER);
  return status;
}
