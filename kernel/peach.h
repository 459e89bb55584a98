// peach.h - structs and flags of Peach's own system calls. ABI.
//
// Times are nanoseconds. pid 0 means the calling process.

#ifndef KERNEL_PEACH_H
#define KERNEL_PEACH_H

#include "kernel/types.h"

// sbrk: promised memory, or memory that may turn out not to be there.
#define SBRK_EAGER 1
#define SBRK_LAZY  2

#define WNOHANG 1 // waitpid: 0 at once if no child has ended

// States of a process, as procinfo tells them.
enum proc_state { PROC_SLEEPING, PROC_READY, PROC_RUNNING, PROC_ZOMBIE };

#define NCOLUMN 4 // most columns of a policy's own

struct procinfo {
  int pid;
  int ppid;
  int pgid;
  int state; // enum proc_state
  int hart;  // where it runs, or ran last
  int killed;
  uint64 affinity;      // bit h: may run on hart h
  uint64 pages;         // of memory, resident
  uint64 start;         // when it was created
  uint64 ran;           // ns running
  uint64 waited;        // ns ready
  uint64 max_wait;      // longest single wait
  uint64 switches;      // times picked
  uint64 preempted;     // times pushed out, or out of slice
  uint64 woken;         // times woken
  uint64 moved;         // times moved to another hart
  long column[NCOLUMN]; // what the policy shows; names in struct sysinfo
  char name[16];        // last part of the program's path
  char wchan[16];       // what it sleeps on, or ""
};

struct hartinfo {
  int hart;           // logical number, 0 .. nhart-1
  int id;             // hart id in the device tree
  int running;        // pid, or 0 if idle
  int nready;         // tasks in the run queue that it picks from
  uint64 busy;        // ns running processes
  uint64 idle;        // ns idle
  uint64 switches;    // context switches
  uint64 timers;      // timer interrupts
  uint64 late_sum;    // ns: how late they came, and how late it stopped its
                      // process when told by another hart, all together
  uint64 late_max;    // and the worst of them; a loaded host delays them
  uint64 ipis;        // inter-processor interrupts taken
  uint64 steals;      // tasks it took from other queues
  uint64 idle_faults; // entries into wfi beside a ready task it could take
};

struct sysinfo {
  char policy[16]; // name of the scheduling policy
  char runq[16];   // "shared" or "perhart"
  int nhart;
  int hz;
  int nproc; // processes alive
  int maxproc;
  uint64 seed;
  uint64 now;               // ns since boot
  uint64 mem_total;         // bytes that the page allocator has
  uint64 mem_free;          // bytes free, clean cached pages included
  char column[NCOLUMN][16]; // names of procinfo.column, "" after the last
  uint64 mem_dirty;         // bytes that wait to be written, or are at hand
                            // for that; neither free nor lost
  uint64 disk_reads;        // requests to the disk so far
  uint64 disk_writes;
  uint64 det; // 1 if the run must repeat to the bit, as with DET=1
  uint64 chance; // state of the first run queue's chance, which draws advance
};

// Kernel objects of one kind. Those of the kinds "block", "inode" and "name"
// are kept for the next use, and given back when memory is short; those of the
// kind "stack" are never given back, and of the kind "root" up to 64 are kept.
struct cacheinfo {
  char name[16];
  uint64 size;  // bytes each
  uint64 used;  // objects in use
  uint64 pages; // that hold them, or room for more
};

struct sched_param_info {
  char name[16];
  char unit[8]; // "ns", "count" ...
  long value, dflt, min, max;
};

// What the running policy promises; see sched/sched.h for the names and
// what the numbers mean.
struct sched_promise_info {
  char name[16];
  long n[4];
};

struct sched_attr_info {
  char name[16];
  long dflt, min, max;
};

// How the console hands out what is typed.
enum console_mode {
  CONSOLE_LINES, // a line, edited and echoed, when it is entered
  CONSOLE_KEYS,  // each key as it comes; a read waits for one
  CONSOLE_POLL,  // the same, but a read gives 0 at once if there is none
};

struct consoleinfo {
  int mode;
  int pgid;          // the group that has the input; 0: all may read
  int foreground;    // the group that ^C kills; 0: none
  int holder;        // the process that holds the console; 0: none
  uint64 interrupts; // ^C so far, but for those read as keys
};

// What is where in the machine's memory, as memmap tells it.
enum mem_kind {
  MEM_RAM,      // a memory node of the device tree
  MEM_RESERVED, // what the tree says must be left alone: the firmware
  MEM_KERNEL,   // the kernel's image
  MEM_TREE,     // the device tree itself
  MEM_DISK,     // the initial disk image
  MEM_DEVICE,   // registers of a device
};

struct memregion {
  uint64 start; // physical
  uint64 size;  // bytes
  int kind;     // enum mem_kind
  int irq;      // a device's interrupt; 0: none
  char name[16];
};

// What a child used, from waitx.
struct usage {
  uint64 ran;    // ns running
  uint64 waited; // ns ready, not running
  uint64 total;  // ns from creation to exit
};

#endif
