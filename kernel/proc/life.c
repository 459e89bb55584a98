// life.c - fork, exit, wait and kill.
//
// ptable_lock guards who is whose child and who has ended. A process that
// exits gives back its memory and files itself; its stack and page table are
// freed by the parent that waits for it, after the hart has left both.

#include "kernel/dev/clock.h"
#include "kernel/dev/console.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kmap.h"
#include "kernel/mm/space.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/current.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/trace.h"

struct proc *init_proc;

// ---- beginning -------------------------------------------------------------

// p is complete: let it be seen and run. One hold of the lock, so that whoever
// finds it finds it ready. Returns its pid; or -1 if its parent has been
// killed: who kills a whole group must not miss a child that is on its way.
static int
launch(struct proc *p, struct proc *parent)
{
  int pid;

  p->start = clock_ns();
  acquire(&ptable_lock);
  if (parent && parent->killed) {
    release(&ptable_lock);
    return -1;
  }
  proc_enter(p, parent);
  pid = p->pid;
  proc_task_init(p, parent);
  proc_make_ready(p);
  release(&ptable_lock);
  return pid;
}

static void
discard(struct proc *p)
{
  if (p->space)
    space_free(p->space);
  if (p->files)
    files_drop(p->files);
  acquire(&ptable_lock);
  proc_free(p);
  release(&ptable_lock);
}

// The child goes on as its parent does, but for the result of fork.
static void
copy_frame(struct proc *child, const struct proc *p)
{
  irq_hold();
  kstack_seen(child->kstack_gen); // maybe not the hart that mapped it
  *user_frame(child) = *user_frame(p);
  user_frame(child)->a[0] = 0;
  irq_allow();
}

int
proc_fork(void)
{
  struct proc *p = running(), *child = proc_new(p->name);
  int pid;

  if (child == 0)
    return -1;
  child->space = space_fork(p->space);
  child->files = child->space ? files_fork(p->files) : 0;
  if (child->files == 0) {
    discard(child);
    return -1;
  }
  fpu_fork(child);
  copy_frame(child, p);
  pid = launch(child, p);
  if (pid < 0)
    discard(child);
  return pid;
}

// A process that begins in the kernel, at the stub `begin`, with fn.
static struct proc *
in_kernel(const char *name, void (*begin)(void), void (*fn)(void))
{
  struct proc *p = proc_new(name);

  CHECK(p != 0);
  p->context.ra = (uint64_t)begin;
  p->context.s[1] = (uint64_t)fn;
  return p;
}

void
kthread_start(const char *name, void (*fn)(void))
{
  launch(in_kernel(name, kthread_begin, fn), 0);
}

void
proc_start_first(void (*fn)(void))
{
  init_proc = in_kernel("init", first_begin, fn);
  launch(init_proc, 0);
}

void
kthread_end(void)
{
  panic("a kernel thread returned");
}

// ---- the end ---------------------------------------------------------------

// p's children become init's. ptable_lock held.
static void
orphan(struct proc *p)
{
  bool zombies = !ring_empty(&p->zombies);

  while (!ring_empty(&p->children) || !ring_empty(&p->zombies)) {
    bool alive = !ring_empty(&p->children);
    struct link *l = alive ? p->children.next : p->zombies.next;

    ring_remove(l);
    container_of(l, struct proc, sibling)->parent = init_proc;
    ring_append(alive ? &init_proc->children : &init_proc->zombies, l);
  }
  if (zombies)
    wake_all(&init_proc->child_ended);
}

void
proc_exit(int status)
{
  struct proc *p = running();
  struct files *files = p->files;

  if (p == init_proc)
    panic("init ended, with status %d", status);
  console_leave(p->pid);
  trace_leave(p->pid);
  alarm_drop(p);
  p->files = 0; // and this hart's copy is not used again
  files_drop(files);
  space_empty(p->space);
  acquire(&ptable_lock);
  if (!ring_empty(&p->children) || !ring_empty(&p->zombies))
    orphan(p);
  if (p->lends_to || !ring_empty(&p->lenders))
    loan_forget(p);
  p->zombie = true;
  p->status = status;
  ring_remove(&p->sibling);
  ring_append(&p->parent->zombies, &p->sibling);
  wake_all(&p->parent->child_ended);
  proc_leave_forever();
}

// ---- wait ------------------------------------------------------------------

static struct proc *
find_child(const struct link *ring, int pid)
{
  ring_each (l, ring) {
    struct proc *p = container_of(l, struct proc, sibling);

    if (pid == -1 || p->pid == pid)
      return p;
  }
  return 0;
}

// Tell of the zombie z, and free it but for its space. ptable_lock held.
static int
bury(struct proc *z, struct proc_result *r, struct space **left)
{
  int pid = z->pid;

  proc_wait_off_hart(z);
  *r = (struct proc_result){
    .status = z->status,
    .ran = z->task.st.ran,
    .waited = z->task.st.waited,
    .total = z->end - z->start,
  };
  *left = z->space;
  proc_free(z);
  return pid;
}

int
proc_wait(int pid, int flags, struct proc_result *r)
{
  struct proc *p = running(), *z;
  struct space *left = 0;
  int got = -1;

  acquire(&ptable_lock);
  for (;;) {
    z = find_child(&p->zombies, pid);
    if (z) {
      got = bury(z, r, &left);
      break;
    }
    if (find_child(&p->children, pid) == 0)
      break;
    if (flags & WAIT_NOHANG) {
      got = 0;
      break;
    }
    if (wait_on(&p->child_ended, &ptable_lock, WAIT_KILLABLE) < 0)
      break;
  }
  release(&ptable_lock);
  if (left)
    space_free(left); // page tables may be many
  return got;
}

// ---- kill ------------------------------------------------------------------

// ptable_lock held.
static void
kill_one(struct proc *p)
{
  __atomic_store_n(&p->killed, 1, __ATOMIC_SEQ_CST);
  __atomic_store_n(&p->attention, ATTEND, __ATOMIC_SEQ_CST);
  proc_interrupt(p, false);
}

// May p be killed? Not init, whose end would be the machine's, nor the
// kernel's own threads.
static bool
mortal(const struct proc *p)
{
  return p != init_proc && p->space && !p->zombie;
}

int
proc_kill_group(int pgid)
{
  int n = 0;

  acquire(&ptable_lock);
  ring_each (l, &all_procs) {
    struct proc *p = container_of(l, struct proc, all);

    if (p->pgid == pgid && mortal(p)) {
      kill_one(p);
      n++;
    }
  }
  release(&ptable_lock);
  return n > 0 ? 0 : -1;
}

bool
proc_group_exists(int pgid)
{
  bool found = false;

  acquire(&ptable_lock);
  ring_each (l, &all_procs)
    found = found || container_of(l, struct proc, all)->pgid == pgid;
  release(&ptable_lock);
  return found;
}

int
proc_kill(int pid)
{
  struct proc *p;
  bool found;

  if (pid < -1)
    return pid == INT32_MIN ? -1 : proc_kill_group(-pid);
  if (pid <= 0)
    return -1;
  acquire(&ptable_lock);
  p = proc_find(pid);
  found = p && (p->zombie || mortal(p));
  if (found && !p->zombie)
    kill_one(p);
  release(&ptable_lock);
  return found ? 0 : -1;
}
