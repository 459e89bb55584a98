// guard.c - a policy under guard: what goes wrong in its hooks comes back as a
// fault instead of ending the program.
//
// A broken promise comes from the core by sched_broken; wild memory as a
// signal, on a stack of its own; a hook that does not end is found by a timer
// that counts the process's own CPU time, so that a busy machine is no cause.
// In each case the jump is out of code that holds nothing: hooks are pure.

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "tests/host/check/guard.h"

#define TOO_LONG 4      // intervals of the timer, in one call
#define INTERVAL 100000 // us

static struct fault fault;
static sigjmp_buf back;
static volatile sig_atomic_t armed;
static volatile sig_atomic_t stuck; // intervals since the last call began

const char *guard_hook = "";
int guard_task = -1;

// ---- the ways out ----------------------------------------------------------

static __attribute__((noreturn)) void
leave_now(void)
{
  if (!armed) {
    fprintf(stderr, "%s(): %s, outside of the guard\n", fault.hook, fault.what);
    abort();
  }
  guard_hook = "";
  siglongjmp(back, 1);
}

static __attribute__((noreturn)) void
leave_with(struct fault f, const char *fmt, va_list ap)
{
  fault = f;
  vsnprintf(fault.what, sizeof(fault.what), fmt, ap);
  leave_now();
}

void
guard_leave(int promise, const char *hook, int task, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  leave_with((struct fault){ "contract", promise, hook, task, 0, "" }, fmt, ap);
}

void
guard_leave_as(const char *name, const char *hook, int task, const char *fmt,
               ...)
{
  va_list ap;

  va_start(ap, fmt);
  leave_with((struct fault){ name, 0, hook, task, 0, "" }, fmt, ap);
}

void
sched_broken(const struct runq *rq, const struct task *t, const char *hook,
             int promise, const char *what)
{
  fault = (struct fault){ "contract", promise, hook, -1, t, "" };
  snprintf(fault.what, sizeof(fault.what), "%s", what);
  leave_now();
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
  if (!armed) {
    signal(sig, SIG_DFL);
    return; // and it happens again
  }
  if (sig == SIGSEGV || sig == SIGBUS)
    guard_leave(0, guard_hook, guard_task, "%s",
                guard_where ? guard_where(info->si_addr) : "wild pointer");
  guard_leave(0, guard_hook, guard_task, "%s", strsignal(sig));
}

static void
on_timer(int sig)
{
  if (armed && *guard_hook && ++stuck > TOO_LONG)
    guard_leave(0, guard_hook, guard_task, "does not come back");
}

const char *(*guard_where)(const void *address);

// ---- in --------------------------------------------------------------------

static void
set_up(void)
{
  static const int faults[] = { SIGSEGV, SIGBUS,  SIGFPE,
                                SIGILL,  SIGABRT, SIGTRAP };
  static char stack[1 << 16];
  stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
  struct sigaction act = { .sa_sigaction = on_fault,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
  struct sigaction tick = { .sa_handler = on_timer,
                            .sa_flags = SA_NODEFER | SA_RESTART };
  struct itimerval every = { { 0, INTERVAL }, { 0, INTERVAL } };

  sigaltstack(&alt, 0);
  for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
    sigaction(faults[i], &act, 0);
  sigaction(SIGVTALRM, &tick, 0);
  setitimer(ITIMER_VIRTUAL, &every, 0);
}

const struct fault *
guard(void (*body)(void *), void *arg)
{
  static bool ready;

  if (!ready)
    set_up();
  ready = true;
  if (armed) { // within another: that one catches it
    body(arg);
    return 0;
  }
  if (sigsetjmp(back, 0)) {
    armed = 0;
    return &fault;
  }
  armed = 1;
  body(arg);
  armed = 0;
  return 0;
}

// ---- hooks that note their names -------------------------------------------

static const struct sched_policy *real;

struct guard_log guard_log;
void (*guard_on_ready)(struct task *t, enum ready_why why);
void (*guard_before)(const struct task *t, bool may);
void (*guard_after)(const struct task *t, bool may);

static inline void
enter(const char *hook, const struct task *t, bool may)
{
  struct guard_log *l = &guard_log;

  stuck = 0;
  guard_hook = hook;
  guard_task = t ? t->id : -1;
  if (l->n < MAXLOG)
    l->call[l->n++] = (struct guard_call){ hook, guard_task };
  if (guard_before)
    guard_before(t, may);
}

static inline void
leave(const struct task *t, bool may)
{
  if (guard_after)
    guard_after(t, may);
  guard_hook = "";
}

static void
g_ready(struct runq *rq, struct task *t, enum ready_why why, nsec now)
{
  if (guard_on_ready)
    guard_on_ready(t, why);
  enter("ready", t, true);
  real->ready(rq, t, why, now);
  leave(t, true);
}

static struct task *
g_pick(struct runq *rq, int hart, nsec now)
{
  struct task *t;

  enter("pick", 0, true);
  t = real->pick(rq, hart, now);
  if (t && guard_log.n > 0)
    guard_log.call[guard_log.n - 1].task = t->id;
  leave(0, true);
  return t;
}

static void
g_leave(struct runq *rq, struct task *t, enum leave_why why, nsec now)
{
  enter("leave", t, true);
  real->leave(rq, t, why, now);
  leave(t, true);
}

static void
g_runq_init(struct runq *rq, nsec now)
{
  enter("runq_init", 0, true);
  real->runq_init(rq, now);
  leave(0, true);
}

static void
g_task_init(struct runq *rq, struct task *t, const struct task *parent)
{
  enter("task_init", t, true);
  real->task_init(rq, t, parent);
  leave(t, true);
}

static void
g_charge(struct runq *rq, struct task *t, nsec ran, nsec now)
{
  enter("charge", t, true);
  real->charge(rq, t, ran, now);
  leave(t, true);
}

static void
g_block(struct runq *rq, struct task *t, nsec now)
{
  enter("block", t, true);
  real->block(rq, t, now);
  leave(t, true);
}

static void
g_timer(struct runq *rq, nsec now)
{
  enter("timer", 0, true);
  real->timer(rq, now);
  leave(0, true);
}

static bool
g_preempts(const struct runq *rq, const struct task *t, const struct task *cur,
           nsec now)
{
  bool yes;

  enter("preempts", t, false);
  yes = real->preempts(rq, t, cur, now);
  leave(t, false);
  return yes;
}

static struct task *
g_surplus(const struct runq *rq, int thief)
{
  struct task *t;

  enter("surplus", 0, false);
  t = real->surplus(rq, thief);
  leave(0, false);
  return t;
}

static struct task *
g_next(const struct runq *rq, const struct task *t)
{
  struct task *next;

  enter("next", t, false);
  next = real->next(rq, t);
  leave(t, false);
  return next;
}

static int64_t
g_weight(const struct runq *rq, const struct task *t)
{
  int64_t w;

  enter("weight", t, false);
  w = real->weight(rq, t);
  leave(t, false);
  return w;
}

static int64_t
g_urgency(const struct runq *rq, const struct task *t)
{
  int64_t u;

  enter("urgency", t, false);
  u = real->urgency(rq, t);
  leave(t, false);
  return u;
}

static int
g_set(struct runq *rq, struct task *t, int attr, int64_t value)
{
  int r;

  enter("set", t, true);
  r = real->set(rq, t, attr, value);
  leave(t, true);
  return r;
}

static int64_t
g_get(const struct task *t, int attr)
{
  int64_t value;

  enter("get", t, false);
  value = real->get(t, attr);
  leave(t, false);
  return value;
}

static void
g_lend(struct runq *rq, struct task *t, int64_t lent)
{
  enter("lend", t, true);
  real->lend(rq, t, lent);
  leave(t, true);
}

static void
g_stats(const struct runq *rq, const struct task *t, int64_t *out)
{
  enter("stats", t, false);
  real->stats(rq, t, out);
  leave(t, false);
}

static const char *
g_check(const struct runq *rq)
{
  const char *wrong;

  enter("check", 0, false);
  wrong = real->check(rq);
  leave(0, false);
  return wrong;
}

const struct sched_policy *
guarded(const struct sched_policy *policy)
{
  static struct sched_policy with;

#define HOOKED(hook) with.hook = policy->hook ? g_##hook : 0
  real = policy;
  with = *policy;
  HOOKED(ready);
  HOOKED(pick);
  HOOKED(leave);
  HOOKED(runq_init);
  HOOKED(task_init);
  HOOKED(charge);
  HOOKED(block);
  HOOKED(timer);
  HOOKED(preempts);
  HOOKED(surplus);
  HOOKED(next);
  HOOKED(weight);
  HOOKED(urgency);
  HOOKED(set);
  HOOKED(get);
  HOOKED(lend);
  HOOKED(stats);
  HOOKED(check);
#undef HOOKED
  return &with;
}
