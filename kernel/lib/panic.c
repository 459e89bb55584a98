// panic.c - the end: what broke, where, on which hart, in which process, how
// it got there, and power off with a status that scripts see.

#include "kernel/lib/panic.h"

#include "kernel/debug/check.h"
#include "kernel/dev/console.h"
#include "kernel/dev/power.h"
#include "kernel/lib/backtrace.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/print.h"
#include "kernel/proc/current.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/trace.h"

static int panicking; // a hart's index + 1: the first to panic

static void
stop(void)
{
  for (;;)
    asm volatile("wfi");
}

void
panic_check(void)
{
  if (__atomic_load_n(&panicking, __ATOMIC_RELAXED))
    stop();
}

static void
print_registers(const struct frame *f)
{
  static const char *const names[] = {
    "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0", "a1",
    "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5", "s6",
    "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "pc", "sstatus",
  };
  const uint64_t *value = &f->ra;

  for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    kprintf("%7s %016lx%s", names[i], value[i], i % 4 == 3 ? "\n" : "");
  kprintf("\n");
}

// Where there is no frame: what is as it was when panic() was called, and the
// last trap's.
static void
print_saved(void)
{
  static const char *const names[] = { "s0", "s1", "s2", "s3", "s4",  "s5",
                                       "s6", "s7", "s8", "s9", "s10", "s11" };
  uint64_t s[12];

  asm volatile("sd s0, 0(%0)\n\tsd s1, 8(%0)\n\tsd s2, 16(%0)\n\t"
               "sd s3, 24(%0)\n\tsd s4, 32(%0)\n\tsd s5, 40(%0)\n\t"
               "sd s6, 48(%0)\n\tsd s7, 56(%0)\n\tsd s8, 64(%0)\n\t"
               "sd s9, 72(%0)\n\tsd s10, 80(%0)\n\tsd s11, 88(%0)"
               :
               : "r"(s)
               : "memory");
  for (int i = 0; i < 12; i++)
    kprintf("%7s %016lx%s", names[i], s[i], i % 4 == 3 ? "\n" : "");
  kprintf("sstatus %016lx scause %lx stval %lx sepc %lx\n", csr_read(sstatus),
          csr_read(scause), csr_read(stval), csr_read(sepc));
}

static void
begin(const char *fmt, va_list ap)
{
  struct hart *h = this_hart();
  char text[200];
  int none = 0;

  intr_off();
  if (DEBUG)
    debug_ending();
  if (!__atomic_compare_exchange_n(&panicking, &none, h->index + 1, false,
                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    // Another hart was first; or this one panics while it reports.
    if (none == h->index + 1)
      power_off(PANIC_STATUS);
    stop();
  }
  for (int i = 0; i < nhart; i++)
    if (i != h->index && harts[i].started)
      hart_poke(i);
  console_panic();
  kvformat(text, sizeof(text), fmt, ap);
  kprintf("\npanic: %s\n", text);
  kprintf("hart %d", h->index);
  if (h->proc)
    kprintf(", pid %d %s", h->proc->pid, h->proc->name);
  kprintf(", at %ld us, after %ld switches\n", clock_ns() / 1000, h->switches);
}

// What the scheduler did last. It comes after what broke: should this break
// too, that has been told.
static void __attribute__((noreturn)) end(void)
{
  proc_dump_queues();
  if (!trace_show(20))
    proc_dump_switches(20);
  power_off(PANIC_STATUS);
}

void
panic(const char *fmt, ...)
{
  va_list ap;
  uint64_t pc, sp;

  va_start(ap, fmt);
  begin(fmt, ap);
  va_end(ap);
  print_saved();
  asm volatile("auipc %0, 0\n\tmv %1, sp" : "=r"(pc), "=r"(sp));
  backtrace(pc, sp, 0);
  end();
}

void
panic_frame(const struct frame *f, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  begin(fmt, ap);
  va_end(ap);
  print_registers(f);
  backtrace(f->pc, f->sp, f->ra);
  end();
}
