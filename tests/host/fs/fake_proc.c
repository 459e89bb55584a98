// fake_proc.c - processes of the fake kernel: fibers, and their beginning and
// end.

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/proc/current.h"
#include "tests/host/fs/fake_private.h"

// Small: at each switch the sanitizer clears what it knows of a stack.
#define STACK (128 << 10)

struct machine machine;

// ---- chance, and the end ---------------------------------------------------

uint64_t
machine_random(uint64_t n)
{
  machine.seed ^= machine.seed << 13;
  machine.seed ^= machine.seed >> 7;
  machine.seed ^= machine.seed << 17;
  return machine.seed % n;
}

void
machine_fail(const char *file, int line, const char *what)
{
  fprintf(stderr, "%s:%d: %s\n", file, line, what);
  _exit(3);
}

void
panic(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "panic: ");
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  _exit(4);
}

void
kprintf(const char *fmt, ...)
{
  if (getenv("FS_TEST_VERBOSE") == 0)
    return;
  va_list ap;
  va_start(ap, fmt);
  vfprintf(stderr, fmt, ap);
  va_end(ap);
}

// The address sanitizer warns of contexts when one is first switched to:
// here, and not again in each child.
static void
nothing(void)
{
}

static void
warn_once(void)
{
  static ucontext_t here, there;
  static char stack[1 << 16];
  if (there.uc_stack.ss_sp != 0)
    return;
  getcontext(&there);
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = sizeof(stack);
  there.uc_link = &here;
  makecontext(&there, nothing, 0);
  swapcontext(&here, &there);
}

int
child_run(void (*fn)(void *), void *arg, unsigned limit)
{
  int status;
  warn_once();
  memory_before_fork();
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(limit);
    fn(arg);
    fflush(stdout);
    _exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) < 0)
    return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

// ---- fibers ----------------------------------------------------------------

struct proc fibers[FIBERS], *running;
int locks_held;
static ucontext_t scheduler;
static uint64_t clock_now = 1;

struct proc *
current(void)
{
  return running;
}

struct files *
current_files(void)
{
  return running->files;
}

int
current_pid(void)
{
  return running - fibers + 1;
}

bool
current_killed(void)
{
  return false;
}

uint64_t
clock_ns(void)
{
  return clock_now++;
}

void
switch_away(void)
{
  swapcontext(&running->context, &scheduler);
}

void
fiber_yield(void)
{
  running->ready = true;
  switch_away();
}

void
maybe_switch(void)
{
  if (machine.switching && running != 0 && locks_held == 0 &&
      machine_random(8) == 0)
    fiber_yield();
}

static void
fiber_main(void)
{
  running->fn(running->arg);
  if (running->files != 0)
    files_drop(running->files);
  running->used = false;
  switch_away();
}

static struct proc *
fiber_new(const char *name, void (*fn)(void *), void *arg, bool daemon)
{
  for (int i = 0; i < FIBERS; i++) {
    struct proc *p = &fibers[i];
    if (p->used)
      continue;
    void *stack = p->context.uc_stack.ss_sp;
    memset(p, 0, sizeof(*p));
    getcontext(&p->context);
    p->context.uc_stack.ss_sp = stack ? stack : malloc(STACK);
    p->context.uc_stack.ss_size = STACK;
    makecontext(&p->context, fiber_main, 0);
    ring_init(&p->waiting);
    p->name = name;
    p->fn = fn;
    p->arg = arg;
    p->used = p->ready = true;
    p->daemon = daemon;
    return p;
  }
  panic("too many fibers");
}

void
fiber_start(const char *name, void (*fn)(void *), void *arg)
{
  struct proc *p = fiber_new(name, fn, arg, false);
  p->ready = false;
  p->files = files_fork(0);
  REQUIRE(p->files != 0);
  p->ready = true;
}

void
fiber_fork(const char *name, void (*fn)(void *), void *arg)
{
  struct proc *p = fiber_new(name, fn, arg, false);
  p->ready = false;
  p->files = files_fork(running->files);
  REQUIRE(p->files != 0);
  p->ready = true;
}

static void (*thread_fn)(void);

static void
thread_main(void *arg)
{
  thread_fn();
}

void
kthread_start(const char *name, void (*fn)(void))
{
  thread_fn = fn;
  fiber_new(name, thread_main, 0, true);
}

// Time passes, `ns` at least; if that is 0, up to the first deadline.
static void
pass_time(uint64_t ns)
{
  struct proc *first = 0;
  for (int i = 0; i < FIBERS; i++)
    if (fibers[i].used && fibers[i].deadline != 0 &&
        (first == 0 || fibers[i].deadline < first->deadline))
      first = &fibers[i];
  clock_now += ns;
  if (first == 0 || (ns != 0 && clock_now < first->deadline))
    return;
  if (clock_now < first->deadline)
    clock_now = first->deadline;
  ring_remove(&first->waiting);
  first->deadline = 0;
  first->timed_out = first->ready = true;
}

// Nobody can run: let the disk do something, or time pass.
static void
idle(void)
{
  bool sleeper = false;
  if (disk_step())
    return;
  for (int i = 0; i < FIBERS; i++)
    sleeper = sleeper || (fibers[i].used && fibers[i].deadline != 0);
  if (!sleeper)
    machine_fail(__FILE__, __LINE__, "everybody sleeps");
  pass_time(0);
}

static bool
work_left(void)
{
  for (int i = 0; i < FIBERS; i++)
    if (fibers[i].used && !fibers[i].daemon)
      return true;
  return false;
}

static void
schedule(void)
{
  while (work_left()) {
    struct proc *ready[FIBERS];
    int n = 0;
    pass_time(200000);
    for (int i = 0; i < FIBERS; i++)
      if (fibers[i].used && fibers[i].ready)
        ready[n++] = &fibers[i];
    if (n == 0 || machine_random(4) == 0) {
      if (n == 0)
        idle();
      else
        disk_step();
      continue;
    }
    running = ready[machine_random(n)];
    running->ready = false;
    running->deadline = 0;
    swapcontext(&scheduler, &running->context);
    running = 0;
  }
}

// ---- the whole -------------------------------------------------------------

struct first {
  void (*fn)(void *);
  void *arg;
  int mounted;
};

static void
first_main(void *arg)
{
  struct first *f = arg;
  f->mounted = fs_mount();
  if (f->mounted < 0)
    return;
  long fail_at = machine.fail_at;
  machine.fail_at = 0; // (no kernel without a first process)
  running->files = files_fork(0);
  REQUIRE(running->files != 0);
  machine.fail_at = fail_at;
  f->fn(f->arg);
}

int
machine_run(void (*fn)(void *), void *arg)
{
  struct first f = { fn, arg, -1 };
  long fail_at = machine.fail_at;
  machine.fail_at = 0;
  memory_start();
  fs_init();
  machine.fail_at = fail_at;
  fiber_new("first", first_main, &f, false);
  schedule();
  return f.mounted;
}
