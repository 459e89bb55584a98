// fs.h - the file system as programs see it. ABI.
//
// The block size here is a unit that programs count in; the disk's own
// format, which works in larger blocks and allows larger files, is in
// kernel/fs/format.h.

#ifndef KERNEL_FS_H
#define KERNEL_FS_H

#include "kernel/types.h"

#define ROOTINO 1    // inode number of the root directory
#define BSIZE   1024 // programs' block size

#define NDIRECT   12
#define NINDIRECT (BSIZE / sizeof(uint))
#define MAXFILE                                                                \
  (NDIRECT + NINDIRECT) // programs' idea of a large file, in
                        // blocks of BSIZE; no limit here

#define DIRSIZ 14 // longest name; not terminated when it is as long

// What read() of a directory returns an array of. An inum of 0: no entry.
struct dirent {
  ushort inum;
  char name[DIRSIZ];
};

#endif
