// space.h - a process's address space.
//
// User memory is a short list of regions in ascending order (what the program
// file brings, the stack, the heap). A page of a region has an entry in the
// page table when it is present, or promised; an entry that is 0 stands for a
// page of zeroes that nobody touched yet.
//
// Only the process itself changes its space, so there is no lock; spaces share
// frames, which are counted.
//
//   (1) A page that only this space may write, or may have to copy, is spoken
//       for by this space: its entry has PTE_OWNED, and it counts in owned.
//   (2) Other frames (read-only ones: text, constants) are spoken for once,
//       whoever maps them: who maps a frame first speaks for it, who unmaps it
//       last takes that back. Many are pages of the block cache.
//   (3) After rights were taken away or a frame replaced, and before user
//       code of the space runs again, the hart has fenced its TLB; the others
//       are marked stale, and fence when they next run the space. (The kernel
//       never uses user addresses, so only user code could see an old entry.)

#ifndef KERNEL_MM_SPACE_H
#define KERNEL_MM_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAXREGION 12

enum prot { PROT_R = 1, PROT_W = 2, PROT_X = 4 };

struct region {
  uint64_t start, end; // start is page-aligned, end only of the heap not
  int prot;
};

struct page;

struct space {
  uint64_t *root;
  struct page *tables; // page-table pages below the root
  uint64_t *leaf;      // the last-level table used last, or 0; tables live
  uint64_t leaf_chunk; // as long as the space. It maps chunk va >> 21
  uint64_t satp;       // what a hart's satp holds while it runs this
  uint64_t asid;       // valid in generation asid_gen
  uint64_t asid_gen;
  uint64_t stale;      // harts that have something to fence, namely:
  uint64_t stale_tlb;  // they may hold outdated entries
  uint64_t stale_text; // they may hold outdated instructions
  int nregion;
  struct region region[MAXREGION]; // the last one is the heap
  size_t owned;                    // pages spoken for (1)
  size_t present;                  // user pages mapped
};

void space_init(void); // at boot
struct cacheinfo;
void space_root_info(struct cacheinfo *info); // roots of page tables

struct space *space_new(void);     // empty; 0: no memory
void space_empty(struct space *s); // drop all user memory; may be running
void space_free(struct space *s);  // no hart runs it
struct space *space_fork(struct space *s); // of the caller; 0: no memory

// Add a region above all others; -1: overlap, too many, out of bounds, or both
// writable and executable.
int space_add(struct space *s, uint64_t start, uint64_t end, int prot);
// A page of s for the kernel to fill, mapped with its region's rights.
// 0: no memory.
void *space_fill(struct space *s, uint64_t va);
// Map a page of a file at va, in a region that may not be written. Takes over
// the caller's count of it, also if it fails. -1: no memory.
int space_map(struct space *s, uint64_t va, void *page);

// Promise the untouched pages from start to end, page-aligned: they will be
// there when touched. All of them, or -1 and none.
int space_promise(struct space *s, uint64_t start, uint64_t end);

// Move the heap's end by delta bytes; lazy: do not promise the new memory.
// The old end, or -1. s is the running process's.
int64_t space_sbrk(struct space *s, int64_t delta, bool lazy);

// A user access of the kind prot at va met an entry that does not allow it.
// 0: try again; -1: it may not, and *why says so.
int space_fault(struct space *s, uint64_t va, enum prot access,
                const char **why);

// The kernel address of va, if the running process may so access it, its page
// present and with a frame of its own if access is PROT_W; or 0. See walk.h.
void *space_page(struct space *s, uint64_t va, enum prot access);

// Let this hart run s (0: the kernel alone). Interrupts off. See tlb.h.
void space_use(struct space *s);

// This hart's TLB, and marks for the others. s is the running process's.
void space_fence(struct space *s);

#endif
