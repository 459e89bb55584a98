// hart.h - what the kernel keeps for each hart. In the kernel, register tp
// holds its address.

#ifndef KERNEL_PROC_HART_H
#define KERNEL_PROC_HART_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/trap/frame.h"

struct files;
struct proc;
struct queue;
struct task;

#define LAST_SWITCHES 32 // that each hart remembers

// A field without a mark is this hart's own, used with interrupts off.
// (any) any hart may write it   (ro) constant after boot
// (q) under the lock of its queue
struct hart {
  // entry.S knows the places of these (kernel/trap/frame.h).
  uint64_t ksp;        // top of the running process's kernel stack
  struct proc *proc;   // who runs; never 0 after boot
  int resched;         // (any) leave for the dispatcher at the next chance
  int index;           // (ro) logical number, 0 for the boot hart
  uint64_t save[2];    // entry.S's scratch
  struct files *files; // the running process's (kernel/proc/current.h)
  uint64_t emergency;  // (ro) top of the stack for reporting an overflow
  uint64_t id;         // (ro) hart id of SBI and the device tree

  int irq_depth;          // irq_hold() less irq_allow()
  bool irq_were_on;       // before the outermost irq_hold()
  bool started;           // (any) it takes part
  bool sstc;              // (ro) has stimecmp
  bool tracing;           // (any) keep its events (kernel/trace/trace.h)
  uint16_t plic_context;  // (ro) its S-mode context at the PLIC, 0xffff: none
  uint64_t timer_at;      // ns: for when the timer is set, or UINT64_MAX
  struct proc *idle;      // (ro) runs when nothing else does
  uint64_t stop_due;      // (q) ns: when it was told last to stop its process,
  uint64_t stop_switch;   // (q) after that many switches
  struct queue *queue;    // (ro) that it picks from
  uint64_t timer_first;   // (any) ns: when the first of its timers goes off
  struct task *displaced; // stopped here, and has to go elsewhere
  uint64_t satp;          // as last written
  uint64_t asid_gen;      // address space generation it has flushed for
  uint64_t kstack_gen; // kernel stacks mapped up to here are in its TLB's view

  // Counts, for hartinfo().
  uint64_t idle_ns;
  uint64_t busy_ns;
  uint64_t changed; // ns: when it last went idle or busy
  uint64_t switches;
  uint64_t timers;
  uint64_t late_sum;
  uint64_t late_max;
  uint64_t ipis;
  uint64_t steals;
  uint64_t idle_faults;
  int restless; // rounds of looking for work that is seen

  // The last switches, for a panic: number n, of `switches`, is at n % LAST.
  struct {
    uint64_t at; // ns
    int pid;     // who came; 0: idle
  } last[LAST_SWITCHES];
} __attribute__((aligned(HART_SIZE)));

extern struct hart harts[MAXHART];
extern int nhart; // (ro) harts found, each with index below

static inline struct hart *
this_hart(void)
{
  struct hart *h;

  // Volatile: a process may find itself on another hart after any sleep.
  asm volatile("mv %0, tp" : "=r"(h));
  return h;
}

// Hand the hart over, if h->resched says so. Interrupts off, no lock held.
void proc_preempt(void);

#endif
