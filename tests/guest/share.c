// share.c - programs that run from the pages of their file: who runs the same
// program shares its text and constants, and what is done to the file
// meanwhile does not reach them.

#include "kernel/elf.h"
#include "tests/guest/memory.h"

#define SELF "/t_share"
#define COPY "t_share.tmp"
#define WEIGHT 32               // pages of constants
#define CROWD 8

static const char weight[WEIGHT * PAGE] = { 1, 2, 3 };
static char image[80 * PAGE];
static int image_size;

// The sum over the text and constants of this program.
static int
sum(void)
{
  const uchar *end = (const uchar *)weight + sizeof(weight);
  uint s = 0;

  for (const volatile uchar *p = (uchar *)PAGE; p < end; p++)
    s = s * 31 + *p;
  return s >> 1;
}

// What the executed program does: wait for a byte, and see whether it is
// still what it was.
static int
second_life(char **argv)
{
  char c;

  if (read(atoi(argv[2]), &c, 1) != 1)
    return 98;
  return sum() == atoi(argv[3]) ? c : 99;
}

// A process that runs the file `path` and waits for a byte from fd.
static int
start(char *path, int fd)
{
  static char in[12], want[12];
  char *args[] = { path, "=read", in, want, 0 };
  int pid;

  snprintf(in, sizeof(in), "%d", fd);
  snprintf(want, sizeof(want), "%d", sum());
  pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) {
    exec(path, args);
    exit(100);
  }
  WAIT_FOR(strcmp(guest_sleeps(pid), "pipe read") == 0);
  return pid;
}

static void
finish(int fd)
{
  int status;

  EXPECT_IS(write(fd, "!", 1), 1);
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, '!');
}

static void
load_self(void)
{
  int fd = open(SELF, O_RDONLY), n;

  EXPECT(fd >= 0);
  image_size = 0;
  while ((n = read(fd, image + image_size, sizeof(image) - image_size)) > 0)
    image_size += n;
  EXPECT(image_size > WEIGHT * PAGE && image_size < (int)sizeof(image));
  close(fd);
}

static void
write_copy(int mode)
{
  int fd = open(COPY, O_WRONLY | mode);

  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, image, image_size), image_size);
  close(fd);
}

// ---- cases -----------------------------------------------------------------

static uint64
reads_to_run(char *path)
{
  struct sysinfo before, after;
  char *args[] = { path, 0 };

  EXPECT_IS(sysinfo(&before), 0);
  if (fork() == 0) {
    exec(path, args);
    exit(100);
  }
  EXPECT(wait(0) > 0);
  EXPECT_IS(sysinfo(&after), 0);
  return after.disk_reads - before.disk_reads;
}

// The system test looks at the first number, too; here it may be 0, as
// somebody may have run tiny2 before.
static void
second_reads_nothing(void)
{
  uint64 first = reads_to_run("/tiny2"), second = reads_to_run("/tiny2");

  printf("disk reads of the first exec: %lu, of the second: %lu\n", first,
         second);
  EXPECT_IS(second, 0);
}

// The pages that many have of one program are there once.
static void
once_for_all(void)
{
  struct procinfo pi;
  int fd[2], pid = 0;
  long used;

  EXPECT_IS(pipe(fd), 0);
  start(SELF, fd[0]);
  finish(fd[1]);
  used = memory_now().pages;
  for (int i = 0; i < CROWD; i++)
    pid = start(SELF, fd[0]);
  used -= memory_now().pages;
  EXPECT_IS(procinfo(pid, &pi), pid);
  EXPECT(pi.pages > WEIGHT);
  printf("%d processes of %lu pages use %ld\n", CROWD, pi.pages, used);
  EXPECT(used <= CROWD * WEIGHT * 2 / 3);
  for (int i = 0; i < CROWD; i++)
    finish(fd[1]);
}

static void
expect_overwritten(void)
{
  static char page[PAGE];
  int fd = open(COPY, O_RDONLY), n, all = 0;
  char *args[] = { COPY, 0 };

  EXPECT(fd >= 0);
  while ((n = read(fd, page, PAGE)) > 0) {
    for (int i = 0; i < n; i++)
      EXPECT_IS(page[i], 'x');
    all += n;
  }
  EXPECT_IS(all, image_size);
  close(fd);
  EXPECT_IS(exec(COPY, args), -1);
}

// Who writes to the file of a running program does not change what runs;
// whether the program is on the disk already (1) or was just written (0).
static void
overwritten(void)
{
  int fd[2];

  EXPECT_IS(pipe(fd), 0);
  for (int synced = 0; synced < 2; synced++) {
    load_self();
    write_copy(O_CREATE);
    if (synced)
      EXPECT_IS(sync(), 0);
    start(COPY, fd[0]);
    memset(image, 'x', image_size);
    write_copy(0);
    expect_overwritten();
    if (synced)
      EXPECT_IS(sync(), 0);
    finish(fd[1]);
    expect_overwritten();
  }
  EXPECT_IS(unlink(COPY), 0);
}

// The blocks of a running program's file go to other files.
static void
removed(void)
{
  int fd[2];

  load_self();
  EXPECT_IS(pipe(fd), 0);
  for (int truncated = 0; truncated < 2; truncated++) {
    write_copy(O_CREATE);
    start(COPY, fd[0]);
    if (truncated)
      close(open(COPY, O_WRONLY | O_TRUNC));
    else
      EXPECT_IS(unlink(COPY), 0);
    EXPECT_IS(sync(), 0);
    for (int i = 0; i < 8; i++) {
      write_copy(O_CREATE | O_TRUNC);
      EXPECT_IS(unlink(COPY), 0);
      EXPECT_IS(sync(), 0);
    }
    finish(fd[1]);
  }
}

static void
take_all(void)
{
  char *p;

  while ((p = sbrk(64 * PAGE)) != SBRK_ERROR)
    for (int i = 0; i < 64; i++)
      p[i * PAGE] = 1;
}

// Memory runs short: the cache may give back pages, but not those that run.
static void
without_memory(void)
{
  int fd[2];

  load_self();
  EXPECT_IS(pipe(fd), 0);
  write_copy(O_CREATE);
  EXPECT_IS(sync(), 0);
  start(COPY, fd[0]);
  for (int i = 0; i < 2; i++)
    EXPECT_IS(guest_status(take_all), 0);
  EXPECT_IS(unlink(COPY), 0);
  EXPECT_IS(guest_status(take_all), 0);
  finish(fd[1]);
}

// A segment that does not begin a page in the file is copied, and runs.
static void
crooked(void)
{
  static char bent[3 * PAGE];
  struct proghdr *ph = (struct proghdr *)(bent + sizeof(struct elfhdr));
  char *args[] = { COPY, 0 };
  int fd = open("/tiny", O_RDONLY), n, status;

  EXPECT((n = read(fd, image, PAGE)) > 128);
  close(fd);
  memcpy(bent, image, PAGE);
  memcpy(bent + PAGE + 100, image, n);
  ph->off = PAGE + 100;
  unlink(COPY);
  fd = open(COPY, O_CREATE | O_WRONLY);
  EXPECT_IS(write(fd, bent, sizeof(bent)), sizeof(bent));
  close(fd);
  if (fork() == 0) {
    exec(COPY, args);
    exit(100);
  }
  EXPECT(wait(&status) > 0);
  EXPECT_IS(status, 0);
  EXPECT_IS(unlink(COPY), 0);
}

// However the last user of a page leaves it, it is given back. Spare pages and
// objects come and go, up to SPARE of them; one lost in each round is more.
#define SPARE 16

static void
nothing_lost(void)
{
  struct memory before = { 0, 0 }, after;

  for (int i = 0; i < 2 * SPARE + 2; i++) {
    EXPECT_IS(guest_status(overwritten), 0);
    EXPECT_IS(guest_status(removed), 0);
    EXPECT_IS(guest_status(crooked), 0);
    if (i == 1)
      before = memory_now();
  }
  after = memory_now();
  EXPECT(after.pages + SPARE >= before.pages);
  EXPECT(after.objects <= before.objects + SPARE);
}

static const struct guest_case cases[] = {
  { "second_reads_nothing", second_reads_nothing },
  { "once_for_all", once_for_all },
  { "overwritten", overwritten },
  { "removed", removed },
  { "without_memory", without_memory },
  { "crooked", crooked },
  { "nothing_lost", nothing_lost },
};

int
main(int argc, char **argv)
{
  if (argc == 4 && strcmp(argv[1], "=read") == 0)
    return second_life(argv);
  return guest_main(cases, COUNT(cases), argc, argv);
}
