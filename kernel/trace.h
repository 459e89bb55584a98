// trace.h - records of what the scheduler did: as the kernel keeps them, as
// trace_read() gives them, and as a file of `trace` holds them. ABI.

#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include "kernel/types.h"

// In brackets: what other, a, b and name hold.
enum trace_type {
  TRACE_SWITCH = 1, // pid leaves the hart [who comes, enum trace_state of pid,
                    // ns that pid has run in its life]; pid 0 is idle
  TRACE_BLOCK,      // pid goes to sleep [name of what it waits for]
  TRACE_SLICE,      // pid has used up its slice
  TRACE_PREEMPT,    // pid is stopped for a better one
  TRACE_YIELD,      // pid gives up the hart
  TRACE_WAKING,     // what pid waits for has come [who wakes it, 0: nobody]
  TRACE_WAKEUP,     // pid is queued after that [hart, or -1 if any may do]
  TRACE_NEW,        // the same of one that has never run [hart, or -1]
  TRACE_MOVE,       // pid goes to another hart [a: from; b: to]
  TRACE_FORK,       // pid makes a process [its pid; its name]
  TRACE_EXEC,       // pid becomes another program [its name]
  TRACE_EXIT,       // pid ends [a: status]
  TRACE_TIMER,      // timer interrupt while pid runs [a: ns that it was late]
  TRACE_ATTR,       // of pid [who sets it; a: which, of sched_attr(); b: value]
  TRACE_AFFINITY,   // of pid [who sets it; a: mask of harts]
  // What the policy tells: enum sched_note in sched/sched.h says what a and b
  // hold. pid -1: no process in particular.
  TRACE_LEVEL = 32,
  TRACE_BOOST,
  TRACE_DRAW,
  TRACE_PASS,
  TRACE_LAG,
};

enum trace_state {
  TRACE_READY,  // it yields
  TRACE_PUSHED, // ready: its slice is over, or a better one came
  TRACE_SLEEPS, // until a wake-up or a kill
  TRACE_WAITS,  // until a wake-up
  TRACE_ENDS,   // for ever
};

struct trace_record {
  uint64 time;  // ns since boot
  uint seq;     // counts records, on all harts together; wraps
  uchar type;   // enum trace_type
  uchar hart;   // where it happened
  ushort ready; // tasks that wait in the run queue
  int pid;
  int other;
  union {
    struct {
      long a, b;
    };
    char name[16];
  };
};

// What trace_ctl() does. One trace is taken at a time, by the process that
// starts it; it goes when that ends.
enum trace_op {
  TRACE_START, // (records a hart; 0: as memory allows) -> how many
  TRACE_STOP,  // (struct trace_info *) -> 0
  TRACE_FREE,  // (): let the memory go
};

struct trace_info {
  uint64 begin, end; // ns since boot: when it was on
  uint64 kept, lost; // records, of all harts
  char build[48];    // of the kernel
  uint64 text;       // a checksum of its code
  uint64 clock;      // Hz of the clock behind all times
};

#endif
