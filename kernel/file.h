// file.h - device numbers, as programs use them with mknod(). ABI.

#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "kernel/types.h"

#define major(dev)  ((dev) >> 16 & 0xFFFF)
#define minor(dev)  ((dev)&0xFFFF)
#define mkdev(m, n) ((uint)((m) << 16 | (n)))

#define CONSOLE 1 // major number of the console

#endif
