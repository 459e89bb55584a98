// fdt.h - the device tree: what this machine is made of.

#ifndef KERNEL_BOOT_FDT_H
#define KERNEL_BOOT_FDT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/proc/hart.h"

#define MAXRANGES 16
#define MAXVIRTIO 32

struct span {
  uint64_t start, size; // physical
};

struct device_at {
  struct span reg;
  uint32_t irq;
};

// What boot needs to know. Filled from the tree; a size of 0: not there.
struct machine {
  int nram;
  struct span ram[MAXRANGES];
  int nreserved;
  struct span reserved[MAXRANGES];
  struct span initrd;
  uint64_t timebase; // Hz
  int ncpu;
  struct {
    uint64_t id;
    bool sstc;
    uint32_t intc; // phandle of its interrupt controller
  } cpu[MAXHART];
  int ncpu_left_out; // harts over MAXHART
  struct device_at uart;
  uint32_t uart_shift;
  struct span plic;
  uint32_t plic_irqs;
  struct {
    uint32_t intc;
    uint32_t cause;
  } plic_context[2 * MAXHART];
  int nplic_context;
  struct span test; // device that ends the machine with a status
  int nvirtio;
  struct device_at virtio[MAXVIRTIO];
  const char *bootargs; // never 0
};

extern struct machine machine;

// Read the tree at this kernel address. Returns 0, or what is wrong with it.
const char *fdt_read(const void *tree);
uint32_t fdt_size(const void *tree); // in bytes

#endif
