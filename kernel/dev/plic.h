// plic.h - interrupts from devices. Source: RISC-V Platform-Level Interrupt
// Controller Specification 1.0.

#ifndef KERNEL_DEV_PLIC_H
#define KERNEL_DEV_PLIC_H

#include <stdint.h>

struct hart;

void plic_init(void);
void plic_init_hart(const struct hart *h);

// From now on fn(arg) serves interrupt irq, on the boot hart, with interrupts
// off.
void plic_attach(uint32_t irq, void (*fn)(void *arg), void *arg);

// This hart was interrupted by a device.
void plic_serve(void);

#endif
