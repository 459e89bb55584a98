// kmap.h - the kernel's half of every address space: built once, at boot.

#ifndef KERNEL_MM_KMAP_H
#define KERNEL_MM_KMAP_H

#include <stdint.h>

extern uint64_t *kernel_root; // page table with nothing in the lower half
extern uint64_t kernel_satp;

void kmap_init(void); // the image; then, each before kmap_use():
void kmap_ram(uint64_t start, uint64_t end);   // physical
void *kmap_device(uint64_t pa, uint64_t size); // its kernel address
void kmap_check(void); // panic if anything can be written and executed
void kmap_use(void);   // on each hart

// kstack.c: stacks of KSTACK_SIZE with a guard below, addressed by their top.
// 0 if there is no memory. *gen: for
// kstack_seen(), which a hart calls before it first runs on the stack.
void kstack_init(void);
struct cacheinfo;
void kstack_info(struct cacheinfo *info);
uint64_t kstack_alloc(uint64_t *gen);
void kstack_seen(uint64_t gen);
void kstack_free(uint64_t top);

#endif
