// guest.h - what the test programs that run in the guest share.
//
// A program is a table of cases. Each case runs in a process of its own, so
// that what it breaks (descriptors, heap, its life) is gone afterwards; it
// passes if it returns. After each, no child and no memory may be left.
//
//     t_NAME              all cases; status 0 if all passed
//     t_NAME CASE..       these

#ifndef TESTS_GUEST_GUEST_H
#define TESTS_GUEST_GUEST_H

#include "kernel/fcntl.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

#define PAGE 4096
#define MSEC 1000000UL
#define SEC (1000 * MSEC)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define KILLED (-1)     // status of a process that was killed

struct guest_case {
  const char *name;
  void (*run)(void);
};

// The case fails here if cond does not hold.
#define EXPECT(cond)                                                    \
  do {                                                                  \
    if (!(cond))                                                        \
      guest_fail(__FILE__, __LINE__, #cond, 0, 0, 0);                   \
  } while (0)

// The same for two whole numbers that should be the same; both are shown.
#define EXPECT_IS(expr, want)                                           \
  do {                                                                  \
    long guest_got = (long)(expr), guest_want = (long)(want);           \
    if (guest_got != guest_want)                                        \
      guest_fail(__FILE__, __LINE__, #expr, 1, guest_got, guest_want);  \
  } while (0)

static inline void __attribute__((noreturn))
guest_fail(const char *file, int line, const char *what, int numbers,
           long got, long want)
{
  if (numbers)
    printf("%s:%d: %s is %ld, not %ld\n", file, line, what, got, want);
  else
    printf("%s:%d: not so: %s\n", file, line, what);
  exit(99);
}

// The status with which a child that runs fn ends. fn's return is status 0.
static inline int
guest_status(void (*fn)(void))
{
  int status = -2, pid = fork();

  if (pid == 0) {
    fn();
    exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    guest_fail(__FILE__, __LINE__, "fork and waitpid", 0, 0, 0);
  return status;
}

// Sleep until cond holds, at most 10 s.
#define WAIT_FOR(cond)                                                  \
  do {                                                                  \
    uint64 guest_end = clock_ns() + 10 * SEC;                           \
    while (!(cond) && clock_ns() < guest_end)                           \
      sleep_ns(MSEC);                                                   \
    EXPECT(cond);                                                       \
  } while (0)

// What process pid sleeps on, or "" if it does not sleep.
static inline const char *
guest_sleeps(int pid)
{
  static struct procinfo pi;

  if (procinfo(pid, &pi) != pid || pi.state != PROC_SLEEPING)
    return "";
  return pi.wchan;
}

static inline int
guest_run(const struct guest_case *c)
{
  int status = guest_status(c->run);

  if (status == 0 && wait(0) != -1) {
    printf("%s: a child was left\n", c->name);
    status = 98;
  }
  if (status == 0)
    printf("ok     %s\n", c->name);
  else
    printf("FAILED %s (status %d)\n", c->name, status);
  return status == 0;
}

static inline int
guest_main(const struct guest_case *cases, uint n, int argc, char **argv)
{
  uint passed = 0, run = 0;

  for (uint i = 0; i < n; i++) {
    int wanted = argc < 2;

    for (int k = 1; k < argc; k++)
      wanted |= strcmp(argv[k], cases[i].name) == 0;
    if (!wanted)
      continue;
    run++;
    passed += guest_run(&cases[i]);
  }
  printf("%s: %u of %u passed\n", argv[0], passed, run);
  return run == 0 || passed != run;
}

#endif
