// lab_call.c - the system call of the term: lab_call NAME NUMBER.
//
// By its number; by its stub in user/lib/syscalls.S; by the program ask.

#include "tests/labs/boot/guest/machine.h"

// Those of the library, if they are there.
int children(int pid) __attribute__((weak));
int depth(int pid) __attribute__((weak));
int age(int pid) __attribute__((weak));

static enum kind { CHILDREN, DEPTH, AGE } kind;
static int (*stub)(int pid);
static long number;

static long
call(long pid)
{
  register long a0 asm("a0") = pid;
  register long a7 asm("a7") = number;

  asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

// A child that does nothing for that long, and then ends.
static int
sleeper(uint64 ns)
{
  int pid = fork();

  if (pid == 0) {
    sleep_ns(ns);
    exit(0);
  }
  return pid;
}

static void
nobody(void)
{
  int gone = sleeper(0);

  LAB_IS(waitpid(gone, 0, 0), gone);
  LAB_IS(call(gone), -1);
  LAB_IS(call(-1), -1);
  LAB_IS(call(-7), -1);
  LAB_IS(call(1000000), -1);
  LAB_IS(call(0) >= 0, 1); // and no lock was left behind
  LAB_IS(call(1) >= 0, 1);
}

// ---- children --------------------------------------------------------------

static void
children_own(void)
{
  LAB_IS(call(0), 0);
  LAB_IS(call(getpid()), 0);
  for (int i = 1; i <= 3; i++) {
    sleeper(LAB_SEC);
    LAB_IS(call(0), i);
  }
  LAB_IS(call(getpid()), 3);
}

static void
children_others(void)
{
  int pid = fork();

  if (pid == 0) { // two children, which are not our children
    sleeper(LAB_SEC);
    sleeper(LAB_SEC);
    sleep_ns(LAB_SEC);
    exit(0);
  }
  sleep_ns(50 * LAB_MSEC);
  LAB_IS(call(pid), 2);
  LAB_IS(call(0), 1);
}

static void
children_later(void)
{
  int first = sleeper(10 * LAB_MSEC);

  sleeper(LAB_SEC);
  LAB_IS(call(0), 2);
  sleep_ns(50 * LAB_MSEC); // one has ended, and was not waited for
  LAB_IS(call(0), 1);
  LAB_IS(waitpid(first, 0, 0), first);
  LAB_IS(call(0), 1);
}

// ---- depth -----------------------------------------------------------------

static long
depth_by_walk(int pid)
{
  static struct procinfo pi;
  long steps = 0;

  for (; pid != 1 && procinfo(pid, &pi) == pid; pid = pi.ppid)
    steps++;
  return steps;
}

static void
depth_own(void)
{
  long mine = depth_by_walk(getpid());

  LAB_IS(call(0), mine);
  LAB_IS(call(getpid()), mine);
  LAB_IS(call(1), 0);
  LAB_IS(call(getppid()), mine - 1);
}

static void
depth_others(void)
{
  long mine = depth_by_walk(getpid());
  int pid = sleeper(LAB_SEC);

  LAB_IS(call(pid), mine + 1);
  if (fork() == 0) {
    if (fork() == 0)
      exit(call(0) == mine + 2 ? 5 : 6);
    int status = -1;
    wait(&status);
    exit(status);
  }
  int status = -1;
  LAB_IS(wait(&status) > 0, 1);
  LAB_IS(status, 5);
}

// Whose parent has ended becomes a child of init.
static void
depth_later(void)
{
  int from[2], now = -1;

  LAB_IS(pipe(from), 0);
  if (fork() == 0) {
    if (fork() == 0) {
      sleep_ns(50 * LAB_MSEC);
      now = call(0);
      write(from[1], &now, sizeof(now));
    }
    exit(0);
  }
  LAB_IS(read(from[0], &now, sizeof(now)), sizeof(now));
  LAB_IS(now, 1);
}

// ---- age -------------------------------------------------------------------

static uint64
started(int pid)
{
  static struct procinfo pi;

  return procinfo(pid, &pi) == pid ? pi.start : 0;
}

// Is age what the call may have returned between then and now?
static int
fits(long age, int pid, uint64 then)
{
  uint64 start = started(pid);

  return age >= (long)((then - start) / LAB_MSEC) &&
         age <= (long)((clock_ns() - start) / LAB_MSEC);
}

static void
age_of(int pid, int self)
{
  uint64 then = clock_ns();
  long got = call(pid);

  if (!fits(got, pid ? pid : self, then)) {
    lab_tell(lab_now, "%ld ms, not %ld", got,
             (long)((then - started(pid ? pid : self)) / LAB_MSEC));
    exit(LAB_TOLD);
  }
}

static void
age_own(void)
{
  age_of(0, getpid());
  age_of(getpid(), 0);
  sleep_ns(120 * LAB_MSEC);
  age_of(0, getpid());
}

static void
age_others(void)
{
  int pid = sleeper(LAB_SEC);

  sleep_ns(70 * LAB_MSEC);
  age_of(pid, 0);
  age_of(1, 0);
  age_of(getppid(), 0);
}

// Of one that has ended and was not waited for: it is still there.
static void
age_later(void)
{
  int pid = sleeper(LAB_MSEC);

  sleep_ns(30 * LAB_MSEC);
  age_of(pid, 0);
  sleep_ns(30 * LAB_MSEC);
  age_of(pid, 0);
}

// ---- the stub, and the program ---------------------------------------------

static void
stub_calls(void)
{
  int pid = sleeper(LAB_SEC);

  LAB_IS(stub != 0, 1);
  LAB_IS(stub(1), call(1));
  LAB_IS(stub(pid), call(pid));
  LAB_IS(stub(-7), call(-7));
}

// Run ask with this argument, or none (0). Its status; what it prints on fd
// goes to text.
static int
ask(char *argument, int fd, char *text, int size)
{
  char *argv[] = { "ask", argument, 0 };
  int from[2], status = -1, n = 0, got;

  LAB_IS(pipe(from), 0);
  if (fork() == 0) {
    close(fd);
    dup(from[1]);
    close(from[0]);
    close(from[1]);
    exec("/ask", argv);
    exit(127);
  }
  close(from[1]);
  while (n < size - 1 && (got = read(from[0], text + n, size - 1 - n)) > 0)
    n += got;
  text[n] = 0;
  close(from[0]);
  wait(&status);
  return status;
}

// What ask prints is a number and a newline: that number.
static long
asked(char *argument)
{
  static char text[200];
  long value;
  int n;

  LAB_IS(ask(argument, 1, text, sizeof(text)), 0);
  n = strlen(text);
  LAB_IS(n > 1 && text[n - 1] == '\n', 1);
  text[n - 1] = 0;
  LAB_IS(parse_long(text, &value), 1);
  return value;
}

// A number that two calls, before and after, have between them.
#define LAB_WITHIN(got, least, most)                                           \
  do {                                                                         \
    long lab_low = (least), lab_x = (got), lab_high = (most);                  \
                                                                               \
    LAB_IS(lab_x >= lab_low && lab_x <= lab_high, 1);                          \
  } while (0)

// Without an argument it asks of itself: one deeper than its parent is, and
// just made, and without a child.
static void
ask_own(void)
{
  long got = asked(0);

  if (kind == DEPTH)
    LAB_IS(got, call(0) + 1);
  else
    LAB_WITHIN(got, 0, kind == AGE ? 60 : 0);
}

static void
ask_one(void)
{
  static char text[16];
  int pid = sleeper(LAB_SEC);

  if (kind != CHILDREN) // init gets those of cases that are over
    LAB_WITHIN(asked("1"), call(1), call(1));
  snprintf(text, sizeof(text), "%d", getpid());
  sleeper(LAB_SEC); // two children, and ask is the third
  LAB_WITHIN(asked(text), call(0) + (kind == CHILDREN),
             call(0) + (kind == CHILDREN));
  snprintf(text, sizeof(text), "%d", pid);
  LAB_WITHIN(asked(text), call(pid), call(pid));
}

// One message, nothing on the standard output, status 1.
static void
fails(char *argument)
{
  static char text[300];

  LAB_IS(ask(argument, 1, text, sizeof(text)), 1);
  LAB_IS(strlen(text), 0);
  LAB_IS(ask(argument, 2, text, sizeof(text)), 1);
  LAB_IS(strlen(text) > 1 && text[strlen(text) - 1] == '\n', 1);
}

static void
ask_nobody(void)
{
  fails("30000");
}

static void
ask_wrong(void)
{
  fails("7x");
  fails("");
}

int
main(int argc, char **argv)
{
  static const struct {
    const char *name;
    int (*stub)(int pid);
    void (*own)(void), (*others)(void), (*later)(void);
  } calls[] = {
    [CHILDREN] = { "children", children, children_own, children_others,
                   children_later },
    [DEPTH] = { "depth", depth, depth_own, depth_others, depth_later },
    [AGE] = { "age", age, age_own, age_others, age_later },
  };

  lab_begin();
  tell_machine();
  while (strcmp(calls[kind].name, argv[1]) != 0)
    kind++;
  number = atoi(argv[2]);
  stub = calls[kind].stub;
  lab_case("own", calls[kind].own, LAB_SEC);
  lab_case("others", calls[kind].others, 2 * LAB_SEC);
  lab_case("nobody", nobody, LAB_SEC);
  lab_case("later", calls[kind].later, LAB_SEC);
  lab_case("stub", stub_calls, LAB_SEC);
  lab_case("ask-own", ask_own, LAB_SEC);
  lab_case("ask-one", ask_one, LAB_SEC);
  lab_case("ask-nobody", ask_nobody, LAB_SEC);
  lab_case("ask-wrong", ask_wrong, LAB_SEC);
  return lab_end();
}
