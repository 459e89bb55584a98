// memmap.h - the map of the machine's memory, for programs.

#ifndef KERNEL_BOOT_MEMMAP_H
#define KERNEL_BOOT_MEMMAP_H

#include <stdint.h>

// Once the device tree, of which the address is given, has been read.
void memmap_init(uint64_t tree_pa);

int64_t sys_memmap(const uint64_t *a);

#endif
