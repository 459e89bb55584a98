// memory.c - when memory runs out: what was promised is kept, what cannot be
// had is refused and nothing else happens, and all of it comes back.

#include "kernel/fs.h"
#include "tests/guest/memory.h"

static char buf[4 * PAGE];

static void
count_and_exit(void)
{
  exit(take_memory());
}

// How many pages a process can get.
static int
most(void)
{
  int n = guest_status(count_and_exit);

  EXPECT(n > 1000);
  return n;
}

// ---- somebody else has it all ----------------------------------------------

static int to_holder[2], from_holder[2];
static int holder;

// A process that takes all memory, and gives back a page for each byte that
// it reads.
static void
hold(void)
{
  char c = 0;

  EXPECT_IS(pipe(to_holder), 0);
  EXPECT_IS(pipe(from_holder), 0);
  holder = fork();
  EXPECT(holder >= 0);
  if (holder == 0) {
    take_memory();
    while (write(from_holder[1], &c, 1) == 1 && read(to_holder[0], &c, 1) == 1)
      sbrk(-PAGE);
    exit(0);
  }
  EXPECT_IS(read(from_holder[0], &c, 1), 1);
}

static void
give_back(int pages)
{
  char c = 0;

  for (int i = 0; i < pages; i++) {
    EXPECT_IS(write(to_holder[1], &c, 1), 1);
    EXPECT_IS(read(from_holder[0], &c, 1), 1);
  }
}

// A pipe has a page.
static void
let_go(void)
{
  EXPECT_IS(kill(holder), 0);
  EXPECT_IS(waitpid(holder, 0, 0), holder);
  for (int i = 0; i < 2; i++) {
    close(to_holder[i]);
    close(from_holder[i]);
  }
}

// ---- what is promised ------------------------------------------------------

// All memory is promised to this process, and others, and the kernel, ask for
// some: touching it works all the same.
static void
take_use_and_touch(void)
{
  char *a = sbrk(0);
  int n = take_memory(), fd[2], file, step = n > 100000 ? 16 : 1;

  EXPECT(n > 1000);
  EXPECT_IS(fork(), -1);
  for (int i = 0; i < 24 && pipe(fd) == 0; i++)
    EXPECT_IS(write(fd[1], buf, PAGE), PAGE);
  file = open("t_memory.tmp", O_CREATE | O_RDWR | O_TRUNC);
  for (int i = 0; file >= 0 && i < 100; i++)
    write(file, buf, sizeof(buf));
  for (int i = 0; i < n; i += step) {
    EXPECT_IS(a[(long)i * PAGE], 0);
    a[(long)i * PAGE] = i;
  }
  for (int i = 0; i < n; i += step)
    EXPECT_IS(a[(long)i * PAGE], (char)i);
}

static void
promise_kept(void)
{
  EXPECT_IS(guest_status(take_use_and_touch), 0);
  unlink("t_memory.tmp");
}

// fork counts the copies that the child may come to need: it is refused
// rather than that one of both dies later.
static void
fork_is_counted(void)
{
  char *a = sbrk(8 * MB);
  int pid, status;

  EXPECT(a != SBRK_ERROR);
  memset(a, 1, 8 * MB);
  hold();
  give_back(4 * MB / PAGE);
  EXPECT_IS(fork(), -1);
  give_back(5 * MB / PAGE);
  pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) {
    memset(a, 2, 8 * MB);
    exit(a[8 * MB - 1]);
  }
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 2);
  EXPECT_IS(a[8 * MB - 1], 1);
  let_go();
}

static void
touch_lazily(void)
{
  char *a = sbrklazy(64 * MB);

  EXPECT(a != SBRK_ERROR);
  for (long i = 0; i < 64 * MB; i += PAGE)
    a[i] = 1;
}

// Lazy memory that is not there kills who touches it, and nobody else.
static void
lazy_is_not_promised(void)
{
  hold();
  give_back(MB / PAGE); // for the fork
  EXPECT_IS(guest_status(touch_lazily), KILLED);
  give_back(1);
  let_go();
}

// ---- what cannot be had ----------------------------------------------------

static void
try_fork(void)
{
  int pid = fork(), status;

  if (pid == 0)
    exit(7);
  if (pid > 0) {
    EXPECT_IS(waitpid(pid, &status, 0), pid);
    EXPECT(status == 7 || status == KILLED);
  }
}

static void
try_exec(void)
{
  char *args[] = { "tiny", 0 };
  int pid = fork(), status;

  if (pid == 0) {
    exec("/tiny", args);
    exit(7);
  }
  if (pid > 0) {
    EXPECT_IS(waitpid(pid, &status, 0), pid);
    EXPECT(status == 0 || status == 7 || status == KILLED);
  }
}

static void
try_pipe(void)
{
  int fd[2];

  if (pipe(fd) < 0)
    return;
  EXPECT_IS(write(fd[1], "abc", 3), 3);
  EXPECT_IS(read(fd[0], buf, 10), 3);
  close(fd[0]);
  close(fd[1]);
}

static void
try_files(void)
{
  struct stat st;
  int fd = open("t_memory.tmp", O_CREATE | O_RDWR);

  if (fd >= 0) {
    int n = write(fd, buf, sizeof(buf));

    EXPECT_IS(fstat(fd, &st), 0);
    EXPECT(n <= 0 || st.size == (uint64)n);
    close(fd);
  }
  if (mkdir("t_memory.dir") == 0)
    EXPECT_IS(chdir("t_memory.dir"), 0);
  chdir("/");
  unlink("t_memory.dir");
  unlink("t_memory.tmp");
}

// Every call that needs memory, with next to none left, then a page more each
// time: it works or fails, and whoever asked goes on.
static void
nothing_left(void)
{
  int before = most();

  hold();
  for (int i = 0; i < 48; i++) {
    try_pipe();
    try_files();
    try_fork();
    try_exec();
    give_back(1);
  }
  let_go();
  EXPECT(most() >= before);
}

// ---- all of it comes back --------------------------------------------------

static void
fork_bomb(void)
{
  int up[2];

  EXPECT_IS(pipe(up), 0);
  for (int pid = 1; pid > 0;) {
    pid = fork();
    if (pid == 0) {
      close(up[1]);
      read(up[0], buf, 1);
      exit(0);
    }
  }
  close(up[1]);
  while (wait(0) > 0)
    ;
}

static void
many_pipes(void)
{
  int fd[2];

  while (pipe(fd) == 0)
    EXPECT_IS(write(fd[1], buf, sizeof(buf)), sizeof(buf));
}

static void
many_files(void)
{
  char name[16];
  int fd;

  EXPECT_IS(mkdir("t_memory.dir"), 0);
  EXPECT_IS(chdir("t_memory.dir"), 0);
  for (int i = 0; i < 600; i++) {
    snprintf(name, sizeof(name), "f%d", i);
    fd = open(name, O_CREATE | O_RDWR);
    if (fd < 0)
      break;
    write(fd, buf, i % 3 * PAGE);
    close(fd);
  }
  for (int i = 0; i < 600; i++) {
    snprintf(name, sizeof(name), "f%d", i);
    unlink(name);
  }
  EXPECT_IS(chdir("/"), 0);
  EXPECT_IS(unlink("t_memory.dir"), 0);
}

// Much of everything at once, twice over, takes nothing away for good.
static void
all_comes_back(void)
{
  int before = most();

  for (int round = 0; round < 2; round++) {
    guest_status(fork_bomb);
    guest_status(many_pipes);
    EXPECT_IS(guest_status(many_files), 0);
  }
  EXPECT(most() >= before);
}

// All memory taken and given back, a thousand times.
static void
a_thousand_times(void)
{
  struct sysinfo before, after;
  int n, rounds = 1000;
  char *a = sbrk(0);

  sysinfo(&before);
  if (before.mem_total > 200UL * MB)
    rounds = 100;
  n = take_memory();
  for (int i = 0; i < rounds; i++) {
    while (sbrk(0) > a)
      sbrk(sbrk(0) - a > 0x40000000 ? -0x40000000 : (int)(a - sbrk(0)));
    EXPECT(sbrk(0) == a);
    if (i == 0)
      sysinfo(&before);
    EXPECT(take_memory() >= n);
  }
  while (sbrk(0) > a)
    sbrk(sbrk(0) - a > 0x40000000 ? -0x40000000 : (int)(a - sbrk(0)));
  sysinfo(&after);
  EXPECT(after.mem_free + 16 * PAGE >= before.mem_free);
}

static const struct guest_case cases[] = {
  { "promise_kept", promise_kept },
  { "fork_is_counted", fork_is_counted },
  { "lazy_is_not_promised", lazy_is_not_promised },
  { "nothing_left", nothing_left },
  { "all_comes_back", all_comes_back },
  { "a_thousand_times", a_thousand_times },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
