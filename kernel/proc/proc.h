// proc.h - the virtual hart: a process, its life, and who has the hart now.
//
//   fork_proc -> READY <-> RUNNING -> (exit_proc) ZOMBIE -> (wait) freed
//                  ^          |
//                  +-wake- SLEEPING
//
// READY, RUNNING and SLEEPING are the scheduler's states (struct task);
// a zombie is a sleeper that nobody wakes.
//
// Locks: ptable_lock guards the tree of processes, pids, exit and wait. Fields
// marked (q) are guarded by the lock of the run queue that the task is on or
// ran from last. (own) only the process itself touches.

#ifndef KERNEL_PROC_PROC_H
#define KERNEL_PROC_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/lib/list.h"
#include "kernel/lib/lock.h"
#include "kernel/proc/hart.h"
#include "kernel/proc/timer.h"
#include "kernel/proc/wait.h"
#include "kernel/trap/frame.h"
#include "sched/sched.h"

struct alarm;
struct files;
struct space;

// What a switch saves: switch.S knows the places.
struct context {
  uint64_t ra, sp, s[12];
};

struct fpu {
  uint64_t f[32];
  uint64_t fcsr;
};

// Why a process is looked at before it goes to user mode; in any case it is
// seen whether it has been killed.
enum attention {
  ATTEND = 1,      // that alone, or its alarm: see alarm.c
  ATTEND_LOAN = 2, // it has slept, and lends: see lend.c
};

struct proc {
  int attention; // enum attention; 0: nothing is to be looked at
  struct context context; // (q) while it does not run
  int killed;             // (any) set once, never cleared
  int after_sleep;        // (own) enum attention, to be paid once it has slept
  int fail_alloc;         // (own) the allocation that fails; see debug.h
  uint64_t kstack;        // top of its kernel stack
  uint64_t kstack_gen;
  struct space *space; // (own) 0 for a kernel thread
  struct files *files; // (own)
  struct fpu fpu;      // (own)
  struct alarm *alarm; // (own) see alarm.h; or 0

  int pid;
  int pgid;                 // (ptable_lock)
  char name[16];            // (own)
  struct proc *parent;      // (ptable_lock)
  struct link children;     // (ptable_lock) alive
  struct link zombies;      // (ptable_lock) ended, not waited for
  struct link sibling;      // (ptable_lock) on one of the two
  struct link hashed;       // (ptable_lock) by pid
  struct link all;          // (ptable_lock) by age
  struct waitq child_ended; // (ptable_lock)
  bool zombie;              // (ptable_lock)
  int status;               // (ptable_lock) exit status
  nsec start;               // ns, when it was made
  nsec end;                 // ns, when it ended

  struct link waiting;        // (wait_lock) on a wait queue
  const struct waitq *wait_q; // (q) what it sleeps on, or 0
  struct spinlock *wait_lock; // (q) the lock of that, or 0
  bool wait_killable;         // (q)
  bool timed_out;             // (q) its timer ended the sleep
  struct timer timer;         // (own) for sleeps with an end

  // Loans: see lend.c.
  struct proc *lends_to; // (ptable_lock; own: is there one?) or 0
  struct link lending;   // (ptable_lock) on lends_to's lenders
  struct link lenders;   // (ptable_lock)
  int64_t lends;         // (ptable_lock) how much
  int64_t lent;          // (ptable_lock) the sum of what its lenders lend

  // For kernel/trace/, while that is on.
  int traced_hart;   // (q) where it ran, or was put, last; -1: nowhere
  bool traced_yield; // (q) it yielded when it stopped last

  struct task task; // last: the policy's part follows
};

extern struct spinlock ptable_lock;

static inline struct proc *
proc_of(const struct task *t)
{
  return container_of(t, struct proc, task);
}

// One instruction: between finding the hart and reading who runs there, the
// process could be moved to another hart, and take itself for another.
static inline struct proc *
running(void)
{
  struct proc *p;

  asm volatile("ld %0, %1(tp)" : "=r"(p) : "i"(HART_PROC));
  return p;
}

// The registers of p's user program, at the top of its stack.
static inline struct frame *
user_frame(const struct proc *p)
{
  return (struct frame *)(p->kstack - FRAME_SIZE);
}

// ---- table.c: making, finding and freeing ----------------------------------

void proc_table_init(int maxproc);
extern int proc_max; // most processes
int proc_count(void);

// A process with a pid, a stack and nothing else, its task not yet ready; or
// 0 if there are too many, or no memory.
struct proc *proc_new(const char *name);
// Undo proc_new, or free a zombie that has left its stack. ptable_lock held.
void proc_free(struct proc *p);
// ptable_lock held; the pointer holds as long as it is. pid 0: the caller.
struct proc *proc_find(int pid);
struct proc *proc_at_or_after(int pid);
extern struct link all_procs; // (ptable_lock) through p->all

// ---- life.c ----------------------------------------------------------------

extern struct proc *init_proc; // pid 1

int proc_fork(void); // pid of the child, or -1
void proc_exit(int status) __attribute__((noreturn));
enum { WAIT_NOHANG = 1 };
struct proc_result {
  int status;
  nsec ran, waited, total;
};
// Wait for the child pid, or any (-1). Its pid; -1: no such child, or killed;
// 0: with WAIT_NOHANG and none has ended.
int proc_wait(int pid, int flags, struct proc_result *r);
int proc_kill(int pid); // pid < -1: its group; 0, or -1: none
int proc_kill_group(int pgid);
bool proc_group_exists(int pgid); // also if only zombies are left
// Start the first process: it calls fn, which gives it a program.
void proc_start_first(void (*fn)(void));

// ---- lend.c ----------------------------------------------------------------

void loan_prepare(struct proc *p); // p is new: it lends nothing
// The caller, which has slept, is back: its loan ends.
void loan_end(void);
// p ends: nobody lends to it any more, nor does it. ptable_lock held.
void loan_forget(struct proc *p);
// An attribute of p is another: so may its loan be. ptable_lock held.
void loan_change(struct proc *p);

// ---- dispatch.c, wake.c, tick.c: who has the hart --------------------------

void dispatch_init(void);                           // before any process
void dispatch_loop(void) __attribute__((noreturn)); // idle, on each hart
void proc_yield(void);
// A new process's task, as a child of the caller's (0: the first), made ready.
void proc_task_init(struct proc *p, struct proc *parent);
void proc_make_ready(struct proc *p);
// The caller never runs again. ptable_lock is held, and let go.
void proc_leave_forever(void) __attribute__((noreturn));
// The caller has become another program.
void proc_note_exec(void);
// Wait until p, a zombie, is off its stack and page table.
void proc_wait_off_hart(struct proc *p);
// Wake p if it sleeps killably (or because its timer came); else do nothing.
void proc_interrupt(struct proc *p, bool timeout);
void proc_timer_tick(void); // timer interrupt
void proc_kick(void);       // another hart sent an interrupt
void hart_poke(int i);      // send hart i one

// listen.c: let all harts keep events and `note` hear the policy; 0: neither,
// and no event is being written any more.
void proc_listen(sched_note_fn *note);

extern const char runq_mode[];           // "shared" or "perhart"
extern const int kernel_hz;              // ticks a second
extern const nsec kernel_tick;           // ns of one
// The policy that this kernel is linked with (tests/run/kernel.mk).
extern const struct sched_policy kernel_policy;
extern int64_t policy_param[];           // in the policy's order
void proc_dump(void);                    // ^P: to the console
void proc_dump_queues(void);             // in a panic: without any lock
void proc_dump_switches(int n);          // the same: the last n of each hart

// ---- fpu.S -----------------------------------------------------------------

void fpu_save(struct fpu *f);       // f0 to f31
void fpu_load(const struct fpu *f); // f0 to f31

#endif
