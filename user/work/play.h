// play.h - what the files of work share: a workload file, played by processes.
//
//     main.c    reads the file, and prints what happened
//     stage.c   the director: a process for each task, and their reports
//     act.c     a task's side
//
// Nobody but the tasks runs from the beginning until all have ended or the
// limit is there: they sleep until they start, and once they have ended until
// they are asked.

#ifndef USER_WORK_PLAY_H
#define USER_WORK_PLAY_H

#include <stdbool.h>

#include "kernel/types.h"
#include "sched/sim/work.h"
#include "user/peach.h"

#define USEC 1000L
#define MSEC 1000000L
#define SEC 1000000000L

#define TASKS 64                // most
#define PIECES 8192             // most of a task
#define NEVER (-1L)

// A time that a task had a hart.
struct piece {
  long begin, end;
  int hart;
  int task;
};

// What a task tells when it has ended. Times are since the beginning.
struct report {
  int task;
  int npiece;                   // that follow
  bool ended;                   // before the limit
  long start, first, end;       // NEVER if it did not
  long ran, waited, switches;
};

struct play {
  struct work work;
  struct work_task task[TASKS];
  int ntask;
  long begin;                   // by the clock
  uint64 chance;                // of the first run queue, then
  int pid[TASKS];               // of those that start by themselves
  int channel[WORK_CHANNELS][2];
  int ended[WORK_KINDS][2];     // at its end when all of a kind have ended; or
                                // 0, 0 if nobody waits for them
  int done[2];                  // the same of all tasks
  int ask[2];                   // a byte for who has ended: report
  int reports[2];
};
extern struct play play;

void give_up(const char *why, ...) __attribute__((noreturn))
    __attribute__((format(printf, 1, 2)));

// stage.c
void stage_open(void);
void stage_play(void);          // returns when all have ended
int stage_report(struct report *, struct piece *);      // 0: no more
void stage_close(void);

// May task i, from its child number `child` on, still bring about a task of
// that kind?
bool may_create(int i, int child, int kind);

// act.c
// The task is created at that time; it begins a little later, to the order of
// the file.
void act(int task, long start, long later) __attribute__((noreturn));

#endif
