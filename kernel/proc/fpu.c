// fpu.c - floating point state of user programs, saved only when needed.
//
// A process starts with the unit off; its first use traps and turns it on.
// The FS field in the process's user frame says how things stand: off, clean
// (memory has the same registers) or dirty. f0 to f31 are saved when dirty.
// fcsr is saved whenever the unit is not off, because an instruction that
// only raises a flag may leave FS clean.

#include "kernel/proc/fpu.h"

#include "kernel/lib/csr.h"
#include "kernel/lib/string.h"
#include "kernel/proc/proc.h"

#define fcsr_read()                                                            \
  ({                                                                           \
    uint64_t v_;                                                               \
    asm volatile("csrr %0, 0x003" : "=r"(v_));                                 \
    v_;                                                                        \
  })
#define fcsr_write(v) asm volatile("csrw 0x003, %0" : : "r"(v))

static uint64_t
fs(const struct proc *p)
{
  return user_frame(p)->status & SSTATUS_FS;
}

static void
set_fs(struct proc *p, uint64_t state)
{
  struct frame *f = user_frame(p);

  f->status = (f->status & ~SSTATUS_FS) | state;
}

void
fpu_out(struct proc *p)
{
  csr_set(sstatus, SSTATUS_FS);
  if (fs(p) == SSTATUS_FS) {
    fpu_save(&p->fpu);
    set_fs(p, SSTATUS_FS_CLEAN);
  }
  p->fpu.fcsr = fcsr_read();
}

void
fpu_in(const struct proc *p)
{
  csr_set(sstatus, SSTATUS_FS);
  fpu_load(&p->fpu);
  fcsr_write(p->fpu.fcsr);
}

bool
fpu_first_use(struct proc *p)
{
  if (fs(p) != 0)
    return false;
  memset(&p->fpu, 0, sizeof(p->fpu));
  irq_hold();
  set_fs(p, SSTATUS_FS_CLEAN);
  fpu_in(p);
  irq_allow();
  return true;
}

void
fpu_fork(struct proc *child)
{
  struct proc *p = running();

  if (!fpu_on(p))
    return;
  irq_hold();
  fpu_out(p);
  child->fpu = p->fpu;
  irq_allow();
}

void
fpu_reset(struct proc *p)
{
  set_fs(p, 0);
}
