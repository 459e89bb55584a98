// param.h - constants that xv6's programs size arrays and loops by. ABI.
//
// Few of them are limits here: the number of processes is bounded by the
// kernel command line's maxproc=, open files and inodes by memory.

#ifndef KERNEL_PARAM_H
#define KERNEL_PARAM_H

#define NPROC       64  // programs' idea of many processes
#define NCPU        16  // most harts
#define NOFILE      16  // programs' idea of many open files (see MAXOPEN)
#define MAXOPEN     64  // open files a process may have
#define NFILE       100 // programs' idea of many open files in the system
#define NINODE      50
#define NDEV        10 // most major device numbers
#define ROOTDEV     1  // device number of the root file system's disk
#define MAXARG      32 // most arguments of exec
#define MAXOPBLOCKS 10 // programs' idea of a large write, in blocks
#define LOGSIZE     (MAXOPBLOCKS * 3)
#define NBUF        (MAXOPBLOCKS * 3)
#define FSSIZE      2000
#define MAXPATH     128 // longest path, with its terminating 0
#define USERSTACK   1   // pages of user stack, unless the ELF asks for more

#endif
