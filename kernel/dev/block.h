// block.h - the disk, as the file system sees it.
//
// Requests are submitted and end later; several may be in flight. Which
// driver serves them (virtio over MMIO, or an image in memory) is found out
// at boot. Sectors are of 512 bytes. A write that has ended is durable only
// after a flush that was submitted later has ended.

#ifndef KERNEL_DEV_BLOCK_H
#define KERNEL_DEV_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/proc/wait.h"

#define SECTOR     512
#define BLOCK_SEGS 16 // most pieces of one request

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH };

struct block_seg {
  void *data;   // kernel address in the direct map
  uint32_t len; // bytes, a multiple of SECTOR
};

// A request. The caller fills the upper part and owns the memory, which must
// stand still until done.
struct block_req {
  enum block_op op;
  uint64_t sector; // first
  int nseg;        // 0 for a flush
  struct block_seg seg[BLOCK_SEGS];
  void (*end)(
    struct block_req *); // called when it has ended, maybe from an
                         // interrupt, with no locks held; it must not
                         // sleep. 0: somebody will block_wait() for it
  void *arg;             // the caller's

  // The driver's and block.c's.
  bool done;
  int status; // once done: 0, or -1 after a disk error
  int slot;
  struct block_req *next;
};

uint64_t block_sectors(void); // size of the disk; 0: there is none
uint64_t block_count(enum block_op op); // requests of that kind so far

// Start r; may sleep while the device's queue is full. On a memory disk it
// has ended on return.
void block_submit(struct block_req *r);

// Wait until r, which has no end(), has ended; returns its status.
int block_wait(struct block_req *r);

#endif
