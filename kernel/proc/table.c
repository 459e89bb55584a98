// table.c - making, finding and freeing processes.
//
// Processes are objects of a cache, found by pid through a hash table. Pids
// count up, and skip those in use when they start again.

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"
#include "sched/core.h"

#define MAXPID 0x3fffffff

struct spinlock ptable_lock = SPINLOCK_INIT("process table");
struct link all_procs = RING_INIT(all_procs);
int proc_max;

static struct cache *procs;
static struct link *buckets; // (ptable_lock) by pid
static int nbucket;          // a power of two
static int last_pid;         // (ptable_lock)
static int count;            // (ptable_lock)

// With the policy's part. A policy that asks for what cannot be is told so.
static size_t
proc_size(void)
{
  size_t size = sched_task_size(&kernel_policy);
  size_t most = CACHE_LARGEST - offsetof(struct proc, task);

  if (size < sizeof(struct task) || size > most)
    panic("policy %s wants %ld bytes a task; there may be %ld to %ld",
          kernel_policy.name, size, sizeof(struct task), most);
  return offsetof(struct proc, task) + size;
}

void
proc_table_init(int maxproc)
{
  proc_max = maxproc;
  for (nbucket = 16; nbucket < maxproc; nbucket *= 2)
    ;
  buckets = boot_alloc(nbucket * sizeof(buckets[0]));
  for (int i = 0; i < nbucket; i++)
    ring_init(&buckets[i]);
  procs = cache_create("process", proc_size());
}

int
proc_count(void)
{
  return count;
}

static struct proc *
find(int pid)
{
  struct link *bucket = &buckets[pid & (nbucket - 1)];

  ring_each (l, bucket) {
    struct proc *p = container_of(l, struct proc, hashed);

    if (p->pid == pid)
      return p;
  }
  return 0;
}

struct proc *
proc_find(int pid)
{
  if (pid == 0)
    return running();
  return pid > 0 ? find(pid) : 0;
}

struct proc *
proc_at_or_after(int pid)
{
  struct proc *best = 0;

  ring_each (l, &all_procs) {
    struct proc *p = container_of(l, struct proc, all);

    if (p->pid >= pid && (best == 0 || p->pid < best->pid))
      best = p;
  }
  return best;
}

static void
enter(struct proc *p)
{
  do
    last_pid = last_pid == MAXPID ? 2 : last_pid + 1;
  while (find(last_pid));
  p->pid = last_pid;
  ring_append(&all_procs, &p->all);
  ring_append(&buckets[p->pid & (nbucket - 1)], &p->hashed);
}

static void
prepare(struct proc *p, const char *name)
{
  strcopy(p->name, name, sizeof(p->name));
  ring_init(&p->children);
  ring_init(&p->zombies);
  ring_init(&p->sibling);
  ring_init(&p->hashed);
  ring_init(&p->all);
  ring_init(&p->waiting);
  waitq_init(&p->child_ended, "child");
  loan_prepare(p);
  timer_prepare(&p->timer);
  p->context.ra = (uint64_t)process_begin;
  p->context.sp = p->kstack - FRAME_SIZE;
}

struct proc *
proc_bare(const char *name)
{
  struct proc *p = cache_alloc(procs);

  if (p == 0)
    return 0;
  p->kstack = kstack_alloc(&p->kstack_gen);
  if (p->kstack == 0) {
    cache_free(procs, p);
    return 0;
  }
  prepare(p, name);
  return p;
}

struct proc *
proc_new(const char *name)
{
  struct proc *p;
  bool room;

  acquire(&ptable_lock);
  room = count < proc_max;
  if (room)
    count++;
  release(&ptable_lock);
  if (!room)
    return 0;
  p = proc_bare(name);
  if (p == 0) {
    acquire(&ptable_lock);
    count--;
    release(&ptable_lock);
  }
  return p;
}

void
proc_enter(struct proc *p, struct proc *parent)
{
  enter(p);
  p->parent = parent;
  if (parent) {
    p->pgid = parent->pgid;
    ring_append(&parent->children, &p->sibling);
  } else {
    p->pgid = p->pid;
  }
}

void
proc_free(struct proc *p)
{
  ring_remove(&p->hashed);
  ring_remove(&p->all);
  ring_remove(&p->sibling);
  count--;
  kstack_free(p->kstack);
  cache_free(procs, p);
}
