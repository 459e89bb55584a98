// device.h - character devices, by major number, as the file system opens
// them.

#ifndef KERNEL_DEV_DEVICE_H
#define KERNEL_DEV_DEVICE_H

#include <stdint.h>

#define CONSOLE 1 // major number

struct device {
  const char *name;
  // Move n bytes between the device and user memory at uva. Return how many
  // were moved, or -1. May sleep.
  int64_t (*read)(int minor, uint64_t uva, uint64_t n);
  int64_t (*write)(int minor, uint64_t uva, uint64_t n);
};

// The device with this major number, or 0.
const struct device *device_find(int major);

#endif
