// boot.h - from OpenSBI to the first process. Private to boot/.

#ifndef KERNEL_BOOT_BOOT_H
#define KERNEL_BOOT_BOOT_H

#include <stdint.h>

// entry.S calls these two, paging on, interrupts off.
void boot_main(uint64_t hart_id, uint64_t tree_pa) __attribute__((noreturn));
void boot_hart_main(void) __attribute__((noreturn));
extern char hart_start[];
void boot_idle(uint64_t stack) __attribute__((noreturn));

// cmdline.c: the kernel command line. What cannot be understood is named on
// the console, and the machine ends with status 2.
void cmdline_read(const char *args);
extern const char *boot_init;    // path of the first program
extern const char *boot_command; // what it shall run, or 0
extern int boot_maxproc;

// memory.c: give the page allocator what RAM is free, then map everything.
void memory_init(uint64_t tree_pa);

// harts.c: number the harts, boot hart first; later, start the others.
void harts_number(uint64_t boot_id);
void harts_start(void);

// first.c: the first process.
void first_start(void);

#endif
