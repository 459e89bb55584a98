// trap.c - what a trap is about: a system call, an interrupt, a page fault,
// or somebody's mistake.
//
// A user program's mistake ends that program, with a line that says what it
// did; a mistake of the kernel ends the machine, with all that can be said.

#include "kernel/trap/trap.h"

#include "kernel/dev/plic.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/print.h"
#include "kernel/mm/space.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/proc.h"
#include "kernel/trap/private.h"

// entry.S
extern char trap_entry[];

void
trap_init(void)
{
  csr_write(sscratch, 0);
  csr_write(stvec, trap_entry);
  csr_write(sie, SIE_SSIE | SIE_STIE | SIE_SEIE);
  // User programs may read cycle, time and instret.
  asm volatile("csrw scounteren, %0" : : "r"(7UL));
  csr_clear(sstatus, SSTATUS_FS);
}

static const char *
cause_name(uint64_t cause)
{
  static const char *const names[] = {
    [EXC_FETCH_ALIGN] = "misaligned jump",
    [EXC_FETCH_ACCESS] = "instruction access fault",
    [EXC_ILLEGAL] = "illegal instruction",
    [EXC_BREAK] = "breakpoint",
    [EXC_LOAD_ALIGN] = "misaligned load",
    [EXC_LOAD_ACCESS] = "load access fault",
    [EXC_STORE_ALIGN] = "misaligned store",
    [EXC_STORE_ACCESS] = "store access fault",
    [EXC_FETCH_PAGE] = "instruction page fault",
    [EXC_LOAD_PAGE] = "load page fault",
    [EXC_STORE_PAGE] = "store page fault",
  };

  if (cause < sizeof(names) / sizeof(names[0]) && names[cause])
    return names[cause];
  return "unknown trap";
}

// True if the trap was an interrupt, which has then been served.
static bool
interrupt(uint64_t cause)
{
  switch (cause) {
  case INTR_TIMER:
    proc_timer_tick();
    return true;
  case INTR_SOFT:
    csr_clear(sip, SIE_SSIE);
    panic_check();
    proc_kick();
    return true;
  case INTR_EXTERNAL:
    plic_serve();
    return true;
  }
  return false;
}

static enum prot
access_of(uint64_t cause)
{
  return cause == EXC_FETCH_PAGE   ? PROT_X
         : cause == EXC_STORE_PAGE ? PROT_W
                                   : PROT_R;
}

// The program is at fault: it ends when the trap does.
static void
blame(struct frame *f, uint64_t cause, uint64_t where, const char *why)
{
  struct proc *p = running();

  kprintf("pid %d %s: %s at pc 0x%lx, address 0x%lx: %s\n", p->pid, p->name,
          cause_name(cause), f->pc, where, why);
  p->killed = 1;
  p->attention = ATTEND;
}

static void
user_fault(struct frame *f, uint64_t cause)
{
  uint64_t where = csr_read(stval);
  const char *why = "not allowed";

  intr_on();
  switch (cause) {
  case EXC_FETCH_PAGE:
  case EXC_LOAD_PAGE:
  case EXC_STORE_PAGE:
    if (space_fault(running()->space, where, access_of(cause), &why) == 0)
      return;
    break;
  case EXC_ILLEGAL:
    if (fpu_first_use(running()))
      return;
    why = "no such instruction here";
    break;
  }
  blame(f, cause, where, why);
}

void
trap_user(struct frame *f, uint64_t cause)
{
  if (!interrupt(cause))
    user_fault(f, cause);
}

// Before the return to user mode, when something asks for attention there:
// the hart is wanted for another process, or this one was killed, or has lent
// something to another for as long as it slept, or its alarm has gone off.
void
trap_leave(struct frame *f)
{
  struct proc *p = running();
  int asked = p->attention;

  if (asked) // before what it is about is looked at
    __atomic_store_n(&p->attention, 0, __ATOMIC_SEQ_CST);
  if (p->killed) {
    intr_on();
    proc_exit(-1);
  }
  if (asked & ATTEND_LOAN)
    loan_end();
  if (asked && p->alarm)
    alarm_leave(p, f);
  proc_preempt();
}

void
trap_kernel(struct frame *f, uint64_t cause)
{
  struct hart *h = this_hart();

  if (!interrupt(cause))
    panic_frame(f, "%s in the kernel, pc 0x%lx, address 0x%lx",
                cause_name(cause), f->pc, csr_read(stval));
  if (h->resched && h->irq_depth == 0)
    proc_preempt();
}

void
trap_overflow(struct frame *f)
{
  panic_frame(f, "kernel stack overflow, pc 0x%lx, sp 0x%lx", f->pc, f->sp);
}
