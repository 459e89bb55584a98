// exec.c - exec: arguments, what stays and what goes, and files that are no
// programs, or pretend to be.

#include "kernel/elf.h"
#include "kernel/param.h"
#include "tests/guest/guest.h"

#define SELF "/t_exec"
#define COPY "t_exec.tmp"

static char *args[MAXARG + 3];
static char text[PAGE * 4];

// The status of a process that execs path with args; 100 if it cannot.
static int
exec_status(const char *path)
{
  int status = -2, pid = fork();

  if (pid == 0) {
    exec(path, args);
    exit(100);
  }
  EXPECT_IS(wait(&status), pid);
  return status;
}

static void
set_args(char *a, char *b, char *c)
{
  args[0] = a;
  args[1] = b;
  args[2] = c;
  args[3] = 0;
}

// The same for a program of which nothing is known: it may run forever.
static void
exec_anything(const char *path)
{
  uint64 end = clock_ns() + 50 * MSEC;
  int pid = fork();

  EXPECT(pid >= 0);
  if (pid == 0) {
    exec(path, args);
    exit(100);
  }
  while (waitpid(pid, 0, WNOHANG) == 0) {
    if (clock_ns() > end)
      kill(pid);
    yield();
  }
}

// What the executed program does, by its second argument.
static int
second_life(int argc, char **argv)
{
  static int zero;

  if (strcmp(argv[1], "=status") == 0)
    return atoi(argv[2]);
  if (strcmp(argv[1], "=argc") == 0) {
    for (int i = 2; i < argc; i++)
      if (argv[i][0] != 'a' + i % 26 || argv[i][1])
        return 99;
    return argv[argc] == 0 ? argc : 99;
  }
  if (strcmp(argv[1], "=read") == 0)
    return read(atoi(argv[2]), text, 1) == 1 ? text[0] : 99;
  if (strcmp(argv[1], "=fresh") == 0)
    return zero++ + (sbrk(0) > (char *)(1 << 20));
  if (strcmp(argv[1], "=aligned") == 0)
    return (uint64)__builtin_frame_address(0) % 16 != 0 ||
           (uint64)argv % 8 != 0;
  return 98;
}

static void
status_and_args(void)
{
  set_args(SELF, "=status", "42");
  EXPECT_IS(exec_status(SELF), 42);
  set_args(SELF, "=aligned", 0);
  EXPECT_IS(exec_status(SELF), 0);
  set_args(SELF, "=aligned", "odd");
  EXPECT_IS(exec_status(SELF), 0);
}

static void
many_args(void)
{
  static char letters[MAXARG + 3][2];
  int n;

  for (n = 2; n < MAXARG + 2; n++) {
    letters[n][0] = 'a' + n % 26;
    args[n] = letters[n];
  }
  args[0] = SELF;
  args[1] = "=argc";
  args[MAXARG] = 0;
  EXPECT_IS(exec_status(SELF), MAXARG);
  args[MAXARG] = letters[MAXARG];
  args[MAXARG + 1] = 0;
  EXPECT_IS(exec_status(SELF), 100);
}

// Arguments share the one page of stack.
static void
long_args(void)
{
  set_args(SELF, "=status", text);
  memset(text, '0', PAGE / 2);
  text[PAGE / 2] = 0;
  EXPECT_IS(exec_status(SELF), 0);
  memset(text, '0', PAGE * 3);
  text[PAGE * 3] = 0;
  EXPECT_IS(exec_status(SELF), 100);
}

static void
no_such_file(void)
{
  set_args("x", 0, 0);
  EXPECT_IS(exec("nofile", args), -1);
  EXPECT_IS(exec("", args), -1);
  EXPECT_IS(exec("/", args), -1);
  EXPECT_IS(exec("/console", args), -1);
  memset(text, 'x', 300);
  text[300] = 0;
  EXPECT_IS(exec(text, args), -1);
}

static void
wild_pointers(void)
{
  char *wild = (char *)0xffffffffffffff00;

  set_args(SELF, "=status", "1");
  EXPECT_IS(exec(wild, args), -1);
  EXPECT_IS(exec(0, args), -1);
  EXPECT_IS(exec(SELF, (char **)wild), -1);
  EXPECT_IS(exec(SELF, (char **)0x80000000), -1);
  args[2] = wild;
  EXPECT_IS(exec(SELF, args), -1);
  args[2] = (char *)(1L << 38);
  EXPECT_IS(exec(SELF, args), -1);
}

static void
descriptors_stay(void)
{
  int fd[2];
  char name[4];

  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(write(fd[1], "!", 1), 1);
  snprintf(name, sizeof(name), "%d", fd[0]);
  set_args(SELF, "=read", name);
  EXPECT_IS(exec_status(SELF), '!');
}

static void
memory_goes(void)
{
  EXPECT(sbrk(2 << 20) != SBRK_ERROR);
  set_args(SELF, "=fresh", 0);
  EXPECT_IS(exec_status(SELF), 0);
}

// ---- files that are no programs --------------------------------------------

static void
make_file(const void *data, int n)
{
  int fd;

  unlink(COPY);
  fd = open(COPY, O_CREATE | O_WRONLY);
  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, data, n), n);
  close(fd);
}

static int
load(const char *path, char *data, uint most)
{
  int fd = open(path, O_RDONLY), n, all = 0;

  EXPECT(fd >= 0);
  while ((n = read(fd, data + all, most - all)) > 0)
    all += n;
  close(fd);
  return all;
}

static void
not_elf(void)
{
  set_args(COPY, 0, 0);
  make_file("hello\n", 6);
  EXPECT_IS(exec(COPY, args), -1);
  make_file("", 0);
  EXPECT_IS(exec(COPY, args), -1);
  make_file("\177ELF", 4);
  EXPECT_IS(exec(COPY, args), -1);
  memset(text, 0, sizeof(text));
  make_file(text, sizeof(text));
  EXPECT_IS(exec(COPY, args), -1);
  EXPECT_IS(unlink(COPY), 0);
}

// The program /tiny with fields of its headers set to extremes: exec refuses,
// or the process that runs it comes to its end, and this one lives.
static void
hostile_fields(void)
{
  static const uint64 values[] = {
    0, 1, 7, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff, 1UL << 38,
    (1UL << 38) - 1, 1UL << 39, 0x3fffffe000, 1UL << 63, -1UL, -4096UL,
    0xffffffc080200000,
  };
  static char image[4 * PAGE], bent[4 * PAGE];
  struct elfhdr *h = (struct elfhdr *)image;
  int n = load("/tiny", image, sizeof(image));
  uint64 end = sizeof(*h) + h->phnum * sizeof(struct proghdr);

  set_args(COPY, 0, 0);
  EXPECT_IS(h->phoff, sizeof(*h));
  make_file(image, n);
  EXPECT_IS(exec_status(COPY), 0);
  for (uint64 at = 16; at < end; at += at < 24 ? 4 : 8) {
    for (uint i = 0; i < COUNT(values); i++) {
      memcpy(bent, image, n);
      memcpy(bent + at, &values[i], at < 24 ? 4 : 8);
      make_file(bent, n);
      exec_anything(COPY);
    }
  }
  EXPECT_IS(unlink(COPY), 0);
}

// Nothing may be both written and executed.
static void
writable_code(void)
{
  static char image[4 * PAGE];
  struct proghdr *ph = (struct proghdr *)(image + sizeof(struct elfhdr));
  int n = load("/tiny", image, sizeof(image));

  set_args(COPY, 0, 0);
  for (uint flags = 0; flags < 8; flags++) {
    ph->flags = flags;
    make_file(image, n);
    if ((flags & 3) == 3)
      EXPECT_IS(exec(COPY, args), -1);
    else
      EXPECT_IS(exec_status(COPY), flags & 1 ? 0 : KILLED);
  }
  EXPECT_IS(unlink(COPY), 0);
}

// What its headers speak of is not in the file.
static void
cut_short(void)
{
  static char image[4 * PAGE];
  int n = load("/tiny", image, sizeof(image));

  set_args(COPY, 0, 0);
  for (int cut = 0; cut < n; cut += cut < 300 ? 13 : 101) {
    make_file(image, cut);
    exec_anything(COPY);
  }
  EXPECT_IS(unlink(COPY), 0);
}

// A program that nobody has a name for any more goes on.
static void
unlinked_program(void)
{
  static char image[16 * PAGE];
  int fd[2], pid, status, n = load(SELF, image, sizeof(image));
  char name[4];

  EXPECT(n < (int)sizeof(image));
  make_file(image, n);
  EXPECT_IS(pipe(fd), 0);
  snprintf(name, sizeof(name), "%d", fd[0]);
  set_args(COPY, "=read", name);
  pid = fork();
  if (pid == 0) {
    exec(COPY, args);
    exit(100);
  }
  WAIT_FOR(guest_sleeps(pid)[0]);
  EXPECT_IS(unlink(COPY), 0);
  make_file("other", 5);
  EXPECT_IS(write(fd[1], "*", 1), 1);
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, '*');
  EXPECT_IS(unlink(COPY), 0);
}

// Failing and succeeding often leaves no memory behind.
static void
again(void)
{
  struct sysinfo before, after;

  set_args("/tiny", 0, 0);
  EXPECT_IS(exec_status("/tiny"), 0);
  sysinfo(&before);
  for (int i = 0; i < 100; i++) {
    EXPECT_IS(exec_status("/tiny"), 0);
    EXPECT_IS(exec_status("/README"), 100);
  }
  sysinfo(&after);
  EXPECT(after.mem_free + 8 * PAGE >= before.mem_free);
}

static const struct guest_case cases[] = {
  { "status_and_args", status_and_args },
  { "many_args", many_args },
  { "long_args", long_args },
  { "no_such_file", no_such_file },
  { "wild_pointers", wild_pointers },
  { "descriptors_stay", descriptors_stay },
  { "memory_goes", memory_goes },
  { "not_elf", not_elf },
  { "hostile_fields", hostile_fields },
  { "writable_code", writable_code },
  { "cut_short", cut_short },
  { "unlinked_program", unlinked_program },
  { "again", again },
};

int
main(int argc, char **argv)
{
  if (argc > 1 && argv[1][0] == '=')
    return second_life(argc, argv);
  return guest_main(cases, COUNT(cases), argc, argv);
}
