// disk.h - drivers of disks, for block.c. Private to dev/ and boot/.

#ifndef KERNEL_DEV_DISK_H
#define KERNEL_DEV_DISK_H

#include "kernel/dev/block.h"

struct disk {
  const char *name;
  uint64_t sectors;
  // Start r; it ends with block_ended(r, status). May sleep.
  void (*submit)(struct block_req *r);
};

// Find the disk: an image in memory if the boot loader gave one, else the
// first virtio disk.
void disk_init(void);

// r has ended. From any context, no locks held.
void block_ended(struct block_req *r, int status);

// The drivers: the disk, or 0 if there is none.
const struct disk *memdisk_find(void);
const struct disk *virtio_disk_find(void);

// Bring the virtio disk, if there is one, to the state of the memory disk, if
// that is in use; the last thing before power-off. -1: it failed, and a line
// on the console says how.
int memdisk_write_back(void);

// Write len bytes and wait, without interrupts; 0, or -1.
int virtio_write_polled(uint64_t sector, void *data, uint32_t len);

#endif
