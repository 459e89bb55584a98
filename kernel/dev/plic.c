// plic.c - interrupts from devices, all of them to the boot hart.

#include "kernel/dev/plic.h"

#include "kernel/boot/fdt.h"
#include "kernel/lib/print.h"
#include "kernel/mm/layout.h"
#include "kernel/proc/hart.h"

#define MAXIRQ 128

#define PRIORITY(irq)        (4 * (irq))
#define ENABLE(context, irq) (0x2000 + 0x80 * (context) + (irq) / 32 * 4)
#define THRESHOLD(context)   (0x200000 + 0x1000 * (context))
#define CLAIM(context)       (0x200004 + 0x1000 * (context))

static struct {
  void (*fn)(void *arg);
  void *arg;
} handlers[MAXIRQ];

static volatile uint32_t *
reg(uint64_t offset)
{
  return (volatile uint32_t *)kva_of(machine.plic.start + offset);
}

void
plic_init(void)
{
  if (machine.plic.size == 0)
    panic("the device tree names no PLIC");
  if (harts[0].plic_context == 0xffff)
    panic("the PLIC has no context for the boot hart");
}

void
plic_init_hart(const struct hart *h)
{
  if (h->plic_context != 0xffff)
    *reg(THRESHOLD(h->plic_context)) = 0;
}

void
plic_attach(uint32_t irq, void (*fn)(void *arg), void *arg)
{
  uint32_t context = harts[0].plic_context;

  CHECK(irq > 0 && irq < MAXIRQ && handlers[irq].fn == 0);
  handlers[irq].fn = fn;
  handlers[irq].arg = arg;
  *reg(PRIORITY(irq)) = 1;
  *reg(ENABLE(context, irq)) |= 1U << irq % 32;
}

void
plic_serve(void)
{
  volatile uint32_t *claim = reg(CLAIM(this_hart()->plic_context));
  uint32_t irq;

  while ((irq = *claim) != 0) {
    if (irq < MAXIRQ && handlers[irq].fn)
      handlers[irq].fn(handlers[irq].arg);
    *claim = irq;
  }
}
