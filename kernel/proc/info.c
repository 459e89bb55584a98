// info.c - system calls that ask the scheduler for something, or about it,
// and ^P's table.

#include "kernel/dev/block.h"
#include "kernel/dev/clock.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/lock_inline.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/space.h"
#include "kernel/peach.h"
#include "kernel/proc/calls.h"
#include "kernel/proc/private.h"
#include "kernel/proc/queue.h"
#include "kernel/trace/trace.h"

#define NAMESIZE 16

// What is asked for of a task, or the answer.
struct request {
  const char *name;
  int64_t value;
  uint64_t mask;
};

// Call fn on the process pid, which stays as it is meanwhile; -1: no such
// process, or one that has ended.
static int64_t
with_task(int pid,
          int64_t (*fn)(struct queue *, struct task *, struct request *),
          struct request *r)
{
  int64_t result = -1;
  struct proc *p;

  acquire(&ptable_lock);
  p = proc_find(pid);
  if (p && !p->zombie) {
    struct queue *q = queue_lock_task(&p->task);

    result = fn(q, &p->task, r);
  }
  release(&ptable_lock);
  return result;
}

// ---- attributes and affinity: each fn lets go of q -------------------------

static int64_t
set_attr(struct queue *q, struct task *t, struct request *r)
{
  int result = sched_set(q->rq, t, r->name, r->value, clock_ns());

  if (result == 0 && trace_on())
    trace_attr(t, r->name, r->value, q->rq);
  queue_kick(q);
  spin_drop(&q->lock);
  if (result == 0)
    loan_change(proc_of(t));
  return result;
}

static int64_t
get_attr(struct queue *q, struct task *t, struct request *r)
{
  int result = sched_get(q->rq, t, r->name, &r->value);

  spin_drop(&q->lock);
  return result;
}

static int64_t
set_affinity(struct queue *q, struct task *t, struct request *r)
{
  sched_affinity(q->rq, t, r->mask, clock_ns());
  if (trace_on())
    trace_affinity(t, r->mask, q->rq);
  queue_kick(q);
  queue_offer_rest(q);
  if (t->state == TASK_READY && sched_misplaced(q->rq, t))
    queue_move(q, t, queue_for_new(t));
  else
    spin_drop(&q->lock);
  return 0;
}

static int64_t
get_affinity(struct queue *q, struct task *t, struct request *r)
{
  r->mask = t->harts & ((1UL << nhart) - 1);
  spin_drop(&q->lock);
  return 0;
}

int64_t
sys_sched_setattr(const uint64_t *a)
{
  char name[NAMESIZE];
  struct request r = { .name = name, .value = a[2] };

  if (copy_in_str(name, a[1], sizeof(name)) < 0)
    return -1;
  return with_task(a[0], set_attr, &r);
}

int64_t
sys_sched_getattr(const uint64_t *a)
{
  char name[NAMESIZE];
  struct request r = { .name = name };

  if (copy_in_str(name, a[1], sizeof(name)) < 0 ||
      with_task(a[0], get_attr, &r) < 0)
    return -1;
  return copy_out(a[2], &r.value, sizeof(r.value));
}

int64_t
sys_sched_setaffinity(const uint64_t *a)
{
  uint64_t all = (1UL << nhart) - 1;
  struct request r = { .mask = a[1] & all };

  if (r.mask == 0)
    return -1;
  if (r.mask == all)
    r.mask = SCHED_ANYHART;
  return with_task(a[0], set_affinity, &r);
}

int64_t
sys_sched_getaffinity(const uint64_t *a)
{
  struct request r = { 0 };

  if (with_task(a[0], get_affinity, &r) < 0)
    return -1;
  return copy_out(a[1], &r.mask, sizeof(r.mask));
}

// ---- what there is ---------------------------------------------------------

static int
state_of(const struct proc *p)
{
  if (p->zombie)
    return PROC_ZOMBIE;
  if (p->task.state == TASK_RUNNING)
    return PROC_RUNNING;
  return p->task.state == TASK_READY ? PROC_READY : PROC_SLEEPING;
}

static void
fill_stats(struct procinfo *out, const struct task_stats *st)
{
  out->ran = st->ran;
  out->waited = st->waited;
  out->max_wait = st->max_wait;
  out->switches = st->switches;
  out->preempted = st->preempted;
  out->woken = st->woken;
  out->moved = st->moved;
}

// ptable_lock held.
static void
describe(struct proc *p, struct procinfo *out)
{
  struct queue *q = queue_lock_task(&p->task);
  struct task_stats st;
  int64_t column[SCHED_MAXSTAT] = { 0 };

  sched_stats(q->rq, &p->task, &st, column, clock_ns());
  queue_kick(q);
  *out = (struct procinfo){
    .pid = p->pid,
    .ppid = p->parent ? p->parent->pid : 0,
    .pgid = p->pgid,
    .state = state_of(p),
    .hart = p->task.hart,
    .killed = p->killed,
    .affinity = p->task.harts & ((1UL << nhart) - 1),
    .pages = p->space ? p->space->present : 0,
    .start = p->start,
  };
  if (p->wait_q)
    strcopy(out->wchan, p->wait_q->name, sizeof(out->wchan));
  spin_drop(&q->lock);
  fill_stats(out, &st);
  for (int i = 0; i < NCOLUMN; i++)
    out->column[i] = column[i];
  strcopy(out->name, p->name, sizeof(out->name));
}

int64_t
sys_procinfo(const uint64_t *a)
{
  struct procinfo info;
  struct proc *p;

  acquire(&ptable_lock);
  p = (int)a[0] == 0 ? running() : proc_at_or_after(a[0]);
  if (p)
    describe(p, &info);
  release(&ptable_lock);
  if (p == 0 || copy_out(a[1], &info, sizeof(info)) < 0)
    return -1;
  return info.pid;
}

static void
describe_hart(struct hart *h, struct hartinfo *out)
{
  struct queue *q = queue_of(h);
  nsec now, since;
  bool idle;

  irq_hold();
  spin_take(&q->lock);
  now = clock_ns();
  idle = h->proc == h->idle;
  since = now > h->changed ? now - h->changed : 0;
  *out = (struct hartinfo){
    .hart = h->index,
    .id = h->id,
    .running = idle ? 0 : h->proc->pid,
    .nready = q->rq->nready,
    .busy = h->busy_ns + (idle ? 0 : since),
    .idle = h->idle_ns + (idle ? since : 0),
    .switches = h->switches,
    .timers = h->timers,
    .late_sum = h->late_sum,
    .late_max = h->late_max,
    .ipis = h->ipis,
    .steals = h->steals,
    .idle_faults = h->idle_faults,
  };
  spin_drop(&q->lock);
  irq_allow();
}

int64_t
sys_hartinfo(const uint64_t *a)
{
  struct hartinfo info;

  if ((int)a[0] < 0 || (int)a[0] >= nhart || !harts[(int)a[0]].started)
    return -1;
  describe_hart(&harts[(int)a[0]], &info);
  return copy_out(a[1], &info, sizeof(info));
}

int64_t
sys_sysinfo(const uint64_t *a)
{
  const char *const *names = kernel_policy.stat_names;
  struct sysinfo info = {
    .nhart = nhart,
    .hz = kernel_hz,
    .nproc = proc_count(),
    .maxproc = proc_max,
    .seed = boot_seed,
    .now = clock_ns(),
    .mem_total = pages_total() * PGSIZE,
    .mem_free = pages_free_or_clean() * PGSIZE,
    .mem_dirty = fs_dirty_pages() * PGSIZE,
    .disk_reads = block_count(BLOCK_READ),
    .disk_writes = block_count(BLOCK_WRITE),
    .det = det_mode,
    .chance = __atomic_load_n(&queues[0].rq->rand, __ATOMIC_RELAXED),
  };

  strcopy(info.policy, kernel_policy.name, sizeof(info.policy));
  strcopy(info.runq, runq_mode, sizeof(info.runq));
  for (int i = 0; names && names[i] && i < NCOLUMN; i++)
    strcopy(info.column[i], names[i], sizeof(info.column[i]));
  return copy_out(a[0], &info, sizeof(info));
}

int64_t
sys_cacheinfo(const uint64_t *a)
{
  struct cacheinfo info;

  if (a[0] == 0)
    kstack_info(&info);
  else if (a[0] == 1)
    space_root_info(&info);
  else if (!cache_info(a[0] - 2, &info))
    return -1;
  return copy_out(a[1], &info, sizeof(info));
}

// ---- what the policy is ----------------------------------------------------

// Is there an entry i in the table of entries of that size which ends where a
// name is 0? name: the first one's.
static bool
in_table(const char *const *name, size_t size, uint64_t i)
{
  while (*name && i-- > 0)
    name = (const char *const *)((const char *)name + size);
  return *name != 0;
}

int64_t
sys_sched_param(const uint64_t *a)
{
  const struct sched_param *p = kernel_policy.params;
  struct sched_param_info info = { 0 };

  if (p == 0 || !in_table(&p->name, sizeof(*p), a[0]))
    return -1;
  p += a[0];
  strcopy(info.name, p->name, sizeof(info.name));
  strcopy(info.unit, p->unit == UNIT_TIME ? "ns" : "count", sizeof(info.unit));
  info.value = policy_param[a[0]];
  info.dflt = p->init;
  info.min = p->min;
  info.max = p->max;
  return copy_out(a[1], &info, sizeof(info));
}

int64_t
sys_sched_promise(const uint64_t *a)
{
  struct sched_promise promise = { 0 };
  struct sched_promise_info info = { 0 };

  if (a[0] > INT16_MAX || kernel_policy.promise == 0 ||
      !kernel_policy.promise(policy_param, a[0], &promise))
    return -1;
  strcopy(info.name, promise.name, sizeof(info.name));
  for (int i = 0; i < 4; i++)
    info.n[i] = promise.n[i];
  return copy_out(a[1], &info, sizeof(info));
}

int64_t
sys_sched_attr(const uint64_t *a)
{
  const struct sched_attr *attr = kernel_policy.attrs;
  struct sched_attr_info info = { 0 };

  if (attr == 0 || !in_table(&attr->name, sizeof(*attr), a[0]))
    return -1;
  attr += a[0];
  strcopy(info.name, attr->name, sizeof(info.name));
  info.dflt = attr->init;
  info.min = attr->min;
  info.max = attr->max;
  return copy_out(a[1], &info, sizeof(info));
}

// ---- ^P --------------------------------------------------------------------

void
proc_dump(void)
{
  static const char *const states[] = { "sleeping", "ready", "running",
                                        "zombie" };
  static struct procinfo info; // under ptable_lock

  acquire(&ptable_lock);
  kprintf("\n  pid state    hart     ran ms  waited ms name             on\n");
  ring_each (l, &all_procs) {
    describe(container_of(l, struct proc, all), &info);
    kprintf("%5d %-8s %4d %10ld %10ld %-16s %s\n", info.pid, states[info.state],
            info.hart, info.ran / 1000000, info.waited / 1000000, info.name,
            info.wchan);
  }
  release(&ptable_lock);
  for (int i = 0; i < nqueue; i++)
    kprintf("run queue %d (%s): %d ready\n", i, kernel_policy.name,
            queues[i].rq->nready);
  dump_harts();
}
