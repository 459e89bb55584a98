// failalloc.c - no memory, at every place: each allocation that a call makes
// fails once. The call then fails cleanly, or does without; nothing is lost,
// and the call works the next time. Needs a kernel made with DEBUG=1, and says
// so when it has none.

#include "tests/guest/memory.h"

#define DIR "t_failalloc.dir"
#define FILLER "/t_failalloc.big"
#define BIG (40 * PAGE)
#define MOST 500                // allocations of one call, at most

static char buf[BIG];
static char *lazy;
static int fd[2];
static int nth;                 // the allocation that fails
static int left;                // allocations from here to it, 0: it was

// Make a call with the nth allocation of this attempt to fail. The kernel
// counts only here, not in what the test does to see how it went. Nothing is
// stored before the counting has stopped, as a store may need a page.
#define TRY(call)                                                       \
  ({                                                                    \
    failalloc(left);                                                    \
    long try_result = (long)(call);                                     \
    int try_left = failalloc(0);                                        \
    left = try_left;                                                    \
    try_result;                                                         \
  })

static void
expect_same(const char *what, struct memory then)
{
  struct memory now = memory_now();

  if (now.pages == then.pages && now.objects == then.objects)
    return;
  printf("%s, allocation %d: pages %ld, were %ld; objects %ld, were %ld\n",
         what, nth, now.pages, then.pages, now.objects, then.objects);
  exit(97);
}

static int
size_of(const char *path)
{
  struct stat st;

  return stat(path, &st) < 0 ? -1 : (int)st.size;
}

// ---- the calls: 1 if it worked, 0 if it failed cleanly ---------------------

static int
do_fork(void)
{
  int pid = TRY(fork()), status;

  if (pid == 0)
    exit(buf[5 * PAGE] == 5 ? 7 : 8);
  if (pid < 0)
    return 0;
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 7);
  return 1;
}

// The child's writes are copies. Without memory for one it is killed.
static void
write_copies(void)
{
  failalloc(nth);
  for (int i = 0; i < BIG; i += PAGE)
    buf[i] = 9;
  exit(failalloc(0) > 0 ? 7 : 6);
}

static int
do_copies(void)
{
  int status = guest_status(write_copies);

  EXPECT(status == 7 || status == 6 || status == KILLED);
  for (int i = 0; i < BIG; i += PAGE)
    EXPECT_IS(buf[i], i / PAGE);
  left = status == 7;
  return status != KILLED;
}

static char *program = "/t_failalloc";

static void
run_self(void)
{
  char *args[] = { program, "=left", 0 };

  failalloc(nth);
  exec(args[0], args);
  failalloc(0);
  exit(5);
}

// The new program says whether the failing was still to come. It may fail in
// its first page faults, too, which is the end of it.
static int
do_exec(void)
{
  int status = guest_status(run_self);

  EXPECT(status == 7 || status == 6 || status == 5 || status == KILLED);
  left = status == 7;
  return status == 7 || status == 6;
}

static int
do_exec_disk(void)
{
  int ok;

  program = "there";
  ok = do_exec();
  program = "/t_failalloc";
  return ok;
}

static int
do_pipe(void)
{
  int p[2];

  if (TRY(pipe(p)) < 0)
    return 0;
  EXPECT_IS(write(p[1], "x", 1), 1);
  EXPECT_IS(read(p[0], buf + 1, 1), 1);
  close(p[0]);
  close(p[1]);
  return 1;
}

// The reader takes what comes, so a writer that lacks a page goes on.
static int
do_pipe_write(void)
{
  int p[2], status, n;

  EXPECT_IS(pipe(p), 0);
  if (fork() == 0) {
    int all = 0;

    close(p[1]);
    while ((n = read(p[0], lazy, BIG)) > 0)
      all += n;
    exit(all == BIG ? 0 : 1);
  }
  close(p[0]);
  n = TRY(write(p[1], buf, BIG));
  close(p[1]);
  EXPECT(wait(&status) > 0);
  EXPECT_IS(n, BIG);
  EXPECT_IS(status, 0);
  return 1;
}

static int
do_open(void)
{
  int f = TRY(open("there", O_RDWR));

  if (f < 0)
    return 0;
  close(f);
  return 1;
}

static int
do_create(void)
{
  int f = TRY(open("new", O_CREATE | O_RDWR));

  if (f < 0)
    return 0;
  close(f);
  return 1;
}

static void
undo_new(void)
{
  unlink("new");
  EXPECT_IS(size_of("new"), -1);
}

// All of a write, or a part that the file has, or nothing.
static int
do_write(void)
{
  int n = TRY(write(fd[0], buf, BIG)), size = size_of("there");

  EXPECT(n == -1 || (n > 0 && n <= BIG));
  EXPECT_IS(size, 10 + (n > 0 ? n : 0));
  return n == BIG;
}

static void
open_append(void)
{
  unlink("there");
  fd[0] = open("there", O_CREATE | O_RDWR);
  EXPECT(fd[0] >= 0);
  EXPECT_IS(write(fd[0], "0123456789", 10), 10);
}

static void
close_it(void)
{
  close(fd[0]);
}

static int
do_overwrite(void)
{
  int f = open("there", O_RDWR), n;

  n = TRY(write(f, "abc", 3));
  close(f);
  EXPECT(n == -1 || n == 3);
  return n == 3;
}

static int
do_truncate(void)
{
  int f = TRY(open("there", O_RDWR | O_TRUNC));

  if (f < 0) {
    EXPECT(size_of("there") == 10);
    return 0;
  }
  close(f);
  EXPECT_IS(size_of("there"), 0);
  return 1;
}

// Take all memory, so that the cache gives back what it has; and for what
// there is beyond what can be promised, read a large file.
static void
take_all(void)
{
  char *p;

  for (int n = 64; n > 0; n /= 64)
    while ((p = sbrk(n * PAGE)) != SBRK_ERROR)
      for (int i = 0; i < n; i++)
        p[i * PAGE] = 1;
  fd[0] = open(FILLER, O_RDONLY);
  EXPECT(fd[0] >= 0);
  while (read(fd[0], buf, BIG) > 0)
    ;
}

static void
copy_self(void)
{
  int from = open("/t_failalloc", O_RDONLY), n;
  int to = open("there", O_CREATE | O_WRONLY);

  EXPECT(from >= 0 && to >= 0);
  while ((n = read(from, buf, BIG)) > 0)
    EXPECT_IS(write(to, buf, n), n);
  close(from);
  close(to);
  EXPECT_IS(sync(), 0);
  EXPECT_IS(guest_status(take_all), 0);
}

static int
do_read(void)
{
  int f = open("there", O_RDONLY), n;

  n = TRY(read(f, lazy, 10));
  close(f);
  EXPECT(n == -1 || n == 10);
  return n == 10;
}

// From the disk, as nothing of it is in memory any more.
static int
do_read_disk(void)
{
  int f = open("/schedtest", O_RDONLY), n, again;

  EXPECT(f >= 0);
  n = TRY(read(f, lazy, BIG));
  EXPECT(n == -1 || n > 0);
  again = read(f, lazy, BIG);
  EXPECT_IS(again, size_of("/schedtest") - (n > 0 ? n : 0));
  close(f);
  return n > 0;
}

static void
more_heap(void)
{
  lazy = sbrklazy(BIG);
  EXPECT(lazy != SBRK_ERROR);
}

static void
forget_files(void)
{
  EXPECT_IS(guest_status(take_all), 0);
  more_heap();
}

static void
less_heap(void)
{
  EXPECT(sbrk(-BIG) != SBRK_ERROR);
}

static int
do_mkdir(void)
{
  return TRY(mkdir("new")) == 0;
}

static int
do_mknod(void)
{
  return TRY(mknod("new", 1, 0)) == 0;
}

static int
do_link(void)
{
  return TRY(link("there", "new")) == 0;
}

static int
do_unlink(void)
{
  int ok = TRY(unlink("there")) == 0;

  EXPECT_IS(size_of("there"), ok ? -1 : 10);
  return ok;
}

static int
do_rename(void)
{
  int ok = TRY(rename("there", "new")) == 0;

  EXPECT_IS(size_of("new"), ok ? 10 : -1);
  EXPECT_IS(size_of("there"), ok ? -1 : 10);
  return ok;
}

static void
make_there(void)
{
  open_append();
  close_it();
}

static void
there_and_heap(void)
{
  make_there();
  more_heap();
}

static int
do_open_disk(void)
{
  int f = TRY(open("/wc", O_RDONLY));

  if (f >= 0)
    close(f);
  return f >= 0;
}

// A process for each kernel stack that there is, so that the next one needs a
// new stack.
static void
use_stacks(void)
{
  struct cacheinfo ci = { .name = "" };
  char c;

  if (fd[1] == 0)
    EXPECT_IS(pipe(fd), 0);
  for (;;) {
    for (int i = 0; strcmp(ci.name, "stack") != 0; i++)
      EXPECT_IS(cacheinfo(i, &ci), 0);
    if (ci.used * ci.size / PAGE >= ci.pages - 2)
      return;
    ci.name[0] = 0;
    if (fork() == 0) {
      close(fd[1]);
      read(fd[0], &c, 1);
      exit(0);
    }
  }
}

static void
end_all(void)
{
  close(fd[0]);
  close(fd[1]);
  fd[1] = 0;
  while (wait(0) > 0)
    ;
}

static void
undo_disk(void)
{
  undo_new();
  less_heap();
}

static int
do_chdir(void)
{
  int ok = TRY(chdir("/" DIR)) == 0;

  EXPECT_IS(size_of("there"), 10);
  return ok;
}

static int
do_sbrk(void)
{
  char *end = sbrk(0), *got = (char *)TRY(sbrk(600 * PAGE));

  if (got == SBRK_ERROR) {
    EXPECT(sbrk(0) == end);
    return 0;
  }
  EXPECT(sbrk(-600 * PAGE) == got + 600 * PAGE);
  return 1;
}

// Memory that comes when touched; for want of it, the toucher dies.
static void
touch_lazily(void)
{
  more_heap();
  failalloc(nth);
  for (int i = 0; i < BIG; i += PAGE)
    lazy[i] = 9;
  exit(failalloc(0) > 0 ? 7 : 6);
}

static int
do_touch(void)
{
  int status = guest_status(touch_lazily);

  EXPECT(status == 7 || status == KILLED);
  left = status == 7;
  return left;
}

// A wait that cannot store the status leaves the child to be waited for.
static int
do_wait(void)
{
  int pid = fork(), got;

  if (pid == 0)
    exit(3);
  got = TRY(wait((int *)(lazy + 8)));
  if (got < 0) {
    EXPECT_IS(wait((int *)(lazy + 8)), pid);
    EXPECT_IS(*(int *)(lazy + 8), 3);
  }
  return got == pid;
}

static int
do_sync(void)
{
  return TRY(sync()) == 0 && TRY(fsync(fd[0])) == 0;
}

static int
do_stat(void)
{
  struct stat st;

  return TRY(stat("there", &st)) == 0 && TRY(fstat(fd[0], &st)) == 0 &&
         TRY(close(dup(fd[0]))) == 0;
}

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
  { "pipe write", do_pipe_write, more_heap, less_heap },
  { "open", do_open, make_there, 0 },
  { "open disk", do_open_disk, forget_files, less_heap },
  { "create", do_create, 0, undo_new },
  { "create disk", do_create, forget_files, undo_disk },
  { "write", do_write, open_append, close_it },
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
  { "touch", do_touch, 0, 0 },
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

int
main(int argc, char **argv)
{
  uint passed = 0;

  if (argc > 1 && strcmp(argv[1], "=left") == 0)
    return failalloc(0) > 0 ? 7 : 6;
  if (failalloc(0) < 0) {
    printf("%s: the kernel was not made with DEBUG=1\n", argv[0]);
    return 0;
  }
  make_filler();
  for (current = tries; current < tries + COUNT(tries); current++)
    if (argc < 2 || strcmp(argv[1], current->name) == 0)
      passed += guest_run(&(struct guest_case){ current->name, walk_current });
  unlink(FILLER);
  printf("%s: %u passed\n", argv[0], passed);
  return passed != (argc < 2 ? COUNT(tries) : 1);
}
