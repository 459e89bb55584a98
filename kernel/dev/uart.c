// uart.c - the 16550 serial port. Source: National Semiconductor PC16550D
// data sheet, section 8 (registers).

#include "kernel/dev/uart.h"

#include <stdint.h>

#include "kernel/boot/fdt.h"
#include "kernel/dev/plic.h"
#include "kernel/mm/layout.h"

enum reg { DATA = 0, IER = 1, FCR = 2, LCR = 3, LSR = 5 };

#define IER_INPUT  0x01
#define IER_ROOM   0x02
#define FCR_ENABLE 0x01
#define FCR_CLEAR  0x06
#define LCR_8BITS  0x03
#define LSR_INPUT  0x01
#define LSR_ROOM   0x20

static void (*handler)(void);

static volatile uint8_t *
reg(enum reg r)
{
  return (volatile uint8_t *)kva_of(machine.uart.reg.start +
                                    ((uint64_t)r << machine.uart_shift));
}

static void
interrupt(void *arg)
{
  handler();
}

void
uart_init(void (*fn)(void))
{
  handler = fn;
  *reg(LCR) = LCR_8BITS; // the firmware has set the speed
  *reg(FCR) = FCR_ENABLE | FCR_CLEAR;
  *reg(IER) = IER_INPUT;
  plic_attach(machine.uart.irq, interrupt, 0);
}

bool
uart_can_put(void)
{
  return *reg(LSR) & LSR_ROOM;
}

void
uart_put(char c)
{
  *reg(DATA) = c;
}

int
uart_get(void)
{
  return *reg(LSR) & LSR_INPUT ? *reg(DATA) : -1;
}

void
uart_want_room(bool yes)
{
  *reg(IER) = yes ? IER_INPUT | IER_ROOM : IER_INPUT;
}
