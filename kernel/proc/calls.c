// calls.c - system calls about processes, memory and time: arguments are
// fetched and checked here, the work is done elsewhere.

#include "kernel/proc/calls.h"

#include "kernel/debug/check.h"
#include "kernel/dev/clock.h"
#include "kernel/dev/console.h"
#include "kernel/dev/device.h"
#include "kernel/dev/disk.h"
#include "kernel/dev/power.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/debug.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/space.h"
#include "kernel/peach.h"
#include "kernel/proc/current.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/proc.h"

// ---- the calling process ---------------------------------------------------

struct proc *
current(void)
{
  return running();
}

int
current_pid(void)
{
  return running()->pid;
}

bool
current_killed(void)
{
  return running()->killed;
}

// ---- life ------------------------------------------------------------------

int64_t
sys_fork(const uint64_t *a)
{
  int64_t pid = proc_fork();

  if (pid < 0 && fs_release_memory())
    pid = proc_fork();
  return pid;
}

int64_t
sys_exit(const uint64_t *a)
{
  proc_exit(a[0]);
}

// May the process write n bytes at va (0: it does not want them)?
static bool
writable(uint64_t va, size_t n)
{
  struct space *s = running()->space;

  return va == 0 ||
         (space_page(s, va, PROT_W) && space_page(s, va + n - 1, PROT_W));
}

static int64_t
wait_for(int pid, int flags, uint64_t status_va, struct proc_result *r)
{
  int got;

  if (!writable(status_va, sizeof(int)))
    return -1; // and no child is lost
  got = proc_wait(pid, flags, r);
  if (got > 0 && status_va &&
      copy_out(status_va, &r->status, sizeof(r->status)) < 0)
    return -1;
  return got;
}

int64_t
sys_wait(const uint64_t *a)
{
  struct proc_result r;

  return wait_for(-1, 0, a[0], &r);
}

int64_t
sys_waitpid(const uint64_t *a)
{
  struct proc_result r;

  if ((int)a[0] == 0 || (int)a[0] < -1 || (a[2] & ~(uint64_t)WNOHANG))
    return -1;
  return wait_for(a[0], a[2] & WNOHANG ? WAIT_NOHANG : 0, a[1], &r);
}

// t in ticks, to the nearest, for the user at va (0: not wanted).
static int
tell_ticks(uint64_t va, nsec t)
{
  int n = (t + kernel_tick / 2) / kernel_tick;

  return va == 0 ? 0 : copy_out(va, &n, sizeof(n));
}

static int
tell_usage(uint64_t va, const struct proc_result *r)
{
  struct usage u = { r->ran, r->waited, r->total };

  return va == 0 ? 0 : copy_out(va, &u, sizeof(u));
}

int64_t
sys_waitx(const uint64_t *a)
{
  struct proc_result r;
  int64_t got;

  if (!writable(a[1], sizeof(struct usage)) || !writable(a[2], sizeof(int)) ||
      !writable(a[3], sizeof(int)))
    return -1;
  got = wait_for(-1, 0, a[0], &r);
  if (got > 0 && (tell_usage(a[1], &r) < 0 || tell_ticks(a[2], r.waited) < 0 ||
                  tell_ticks(a[3], r.ran) < 0))
    return -1;
  return got;
}

int64_t
sys_kill(const uint64_t *a)
{
  return proc_kill(a[0]);
}

int64_t
sys_exec(const uint64_t *a)
{
  char path[MAXPATH];
  struct args args;
  int64_t r;

  if (copy_in_str(path, a[0], sizeof(path)) < 0 || args_init(&args) < 0)
    return -1;
  r = args_from_user(&args, a[1]) < 0 ? -1 : proc_exec(path, &args);
  args_free(&args);
  return r;
}

int64_t
sys_getpid(const uint64_t *a)
{
  return running()->pid;
}

int64_t
sys_getppid(const uint64_t *a)
{
  struct proc *p = running();
  int pid;

  acquire(&ptable_lock);
  pid = p->parent ? p->parent->pid : 0;
  release(&ptable_lock);
  return pid;
}

// ---- process groups --------------------------------------------------------

int64_t
sys_setpgid(const uint64_t *a)
{
  int pid = a[0], pgid = a[1];
  struct proc *p;
  int64_t r = -1;

  if (pgid < 0)
    return -1;
  acquire(&ptable_lock);
  p = proc_find(pid);
  if (p && (p == running() || p->parent == running())) {
    p->pgid = pgid ? pgid : p->pid;
    r = 0;
  }
  release(&ptable_lock);
  return r;
}

int64_t
sys_getpgid(const uint64_t *a)
{
  struct proc *p;
  int pgid;

  acquire(&ptable_lock);
  p = proc_find(a[0]);
  pgid = p ? p->pgid : -1;
  release(&ptable_lock);
  return pgid;
}

// ---- the console -----------------------------------------------------------

static bool
is_console(int fd)
{
  return fs_device(fd) == CONSOLE;
}

int64_t
sys_tcsetpgrp(const uint64_t *a)
{
  return is_console(a[0]) ? console_set_group(a[1]) : -1;
}

int64_t
sys_console_mode(const uint64_t *a)
{
  return is_console(a[0]) ? console_set_mode(a[1]) : -1;
}

int64_t
sys_consoleinfo(const uint64_t *a)
{
  struct consoleinfo info;

  if (!is_console(a[0]))
    return -1;
  console_info(&info);
  return copy_out(a[1], &info, sizeof(info));
}

// ---- memory and time -------------------------------------------------------

int64_t
sys_sbrk(const uint64_t *a)
{
  struct space *s = running()->space;
  int n = a[0];
  bool lazy = a[1] == SBRK_LAZY;
  int64_t r = space_sbrk(s, n, lazy);

  if (r < 0 && n > 0 && !lazy && fs_release_memory())
    r = space_sbrk(s, n, lazy);
  return r;
}

int64_t
sys_failalloc(const uint64_t *a)
{
  struct proc *p = running();
  int left = p->fail_alloc;

  if (!DEBUG || (int)a[0] < 0)
    return -1;
  p->fail_alloc = a[0];
  return left;
}

static struct spinlock nap_lock = SPINLOCK_INIT("sleep");
static struct waitq naps = WAITQ_INIT(naps, "sleep");

// 0, or -1 if a kill came first.
static int
sleep_until(nsec at)
{
  int r = 0;

  acquire(&nap_lock);
  while (r >= 0 && clock_ns() < at)
    r = wait_until(&naps, &nap_lock, WAIT_KILLABLE, at);
  release(&nap_lock);
  return r < 0 ? -1 : 0;
}

int64_t
sys_sleep_ns(const uint64_t *a)
{
  nsec now = clock_ns();

  if ((int64_t)a[0] <= 0)
    return 0;
  return sleep_until(a[0] < INT64_MAX - now ? now + a[0] : INT64_MAX);
}

int64_t
sys_sleep(const uint64_t *a)
{
  int ticks = a[0];

  return ticks > 0 ? sleep_until(clock_ns() + ticks * kernel_tick) : 0;
}

int64_t
sys_uptime(const uint64_t *a)
{
  return clock_ns() / kernel_tick;
}

int64_t
sys_clock_ns(const uint64_t *a)
{
  return clock_ns();
}

int64_t
sys_yield(const uint64_t *a)
{
  proc_yield();
  return 0;
}

int64_t
sys_poweroff(const uint64_t *a)
{
  static int begun;
  int status = a[0];

  while (__atomic_exchange_n(&begun, 1, __ATOMIC_ACQUIRE))
    sleep_until(clock_ns() + SEC(1)); // somebody else is at it
  bool kept = fs_sync() == 0;
  if (DEBUG) {
    debug_failed_print();
    debug_longest();
  }
  console_drain();
  kept = memdisk_write_back() == 0 && kept;
  if (!kept && status == 0)
    status = 1; // what was written is lost: that is no success
  power_off(status);
}
