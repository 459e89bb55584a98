// work.h - workload files: tasks that run, sleep, talk and fork.
//
// One file describes what tasks do; the simulator plays it, and so does the
// guest's program `work`, on the real kernel.  docs/workload.md has the
// grammar.  All of it is pure C without allocation, so that the same code
// reads the file on both sides, and the same cursor says what a task does
// next.
//
//   work_parse     text -> kinds of tasks and their steps
//   work_tasks     kinds -> every task that will ever be, with who forks it
//   work_begin,    one task -> the next thing that it does
//   work_next
//
// Times are nanoseconds; those of a file count from the start of the run.

#ifndef SCHED_SIM_WORK_H
#define SCHED_SIM_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORK_NAME     16   // bytes of a name, with its 0
#define WORK_KINDS    64   // most kinds of tasks,
#define WORK_STEPS    1024 // steps of all,
#define WORK_CHANNELS 32   // channels,
#define WORK_ATTRS    8    // different attributes,
#define WORK_DEPTH    8    // loops inside loops
#define WORK_LABEL    28   // bytes of a task's name: "kind.number"

#define WORK_MAXTIME  INT64_C(1000000000000) // 1000 s
#define WORK_MAXCOUNT 1000000                // tasks of a kind, turns of a loop
#define WORK_LIMIT    INT64_C(60000000000)   // where the file says none

enum work_op {
  WORK_RUN,    // use n ns of CPU time
  WORK_SLEEP,  // for n ns
  WORK_YIELD,  // let others run first
  WORK_SET,    // attribute attr[to] to n
  WORK_FORK,   // create the tasks of kind `to`: see work_next
  WORK_WAIT,   // until all tasks of kind `to` have ended
  WORK_SEND,   // n messages into channel `to`
  WORK_RECV,   // a message from channel `to`, waiting for it
  WORK_LEND,   // lend to the first task of kind `to` until running again
  WORK_EXIT,   // the end of the task
  WORK_REPEAT, // n times the steps before step `to`, which is its WORK_END
  WORK_UNTIL,  // the same, again and again until time n; -1: for ever
  WORK_END,    // of the loop that begins at step `to`
};

struct work_step {
  enum work_op op;
  int to;
  int64_t n;
  int line;
  bool forks; // WORK_REPEAT: there is a WORK_FORK in the loop
};

// The tasks of one kind: one behaviour.
struct work_kind {
  char name[WORK_NAME];
  int line;
  int first;     // its first step; the last is a WORK_EXIT
  int count;     // tasks that are created at a time,
  int64_t at;    // at this time the first,
  int64_t every; // and so much later each next one
  bool forked;   // not by themselves, but by a WORK_FORK of another task
  int total;     // tasks in all; set by work_tasks
};

struct work {
  const char *file; // its name, for errors
  int64_t limit;    // all ends here at the latest
  int nkind, nstep, nchannel, nattr;
  struct work_kind kind[WORK_KINDS];
  struct work_step step[WORK_STEPS];
  char channel[WORK_CHANNELS][WORK_NAME];
  char attr[WORK_ATTRS][WORK_NAME];
  char error[160]; // "FILE:LINE: what is wrong"
};

// A task.  Its index in the array is its number everywhere; those that start
// by themselves come first, in the order of the file.
struct work_task {
  int kind;
  int number; // 1 and up, among those of its kind
  int parent; // who forks it, or -1
  int child;  // the first that it forks: they follow each other, in order
  int64_t at; // when it is created, if parent is -1
};

// Where a task has got to.
struct work_at {
  int step;
  int child;            // the next task that it forks
  int forked;           // WORK_FORK: the first of those to be created now
  int depth;            // of loops,
  int turn[WORK_DEPTH]; // and how often it has been through each
};

// Read a file's text.  0, or -1 with a message in w->error.
int work_parse(struct work *w, const char *file, const char *text, size_t size);

// List all tasks into an array of `most`.  Their number, or -1 as above.
int work_tasks(struct work *w, struct work_task *tasks, int most);

// The first task of that kind, which there is.
int work_first(const struct work_task *tasks, int kind);

// "NAME", or "NAME.NUMBER" if there are several of its kind.
void work_label(const struct work *w, const struct work_task *t,
                char label[WORK_LABEL]);

void work_begin(const struct work *w, const struct work_task *t,
                struct work_at *at);

// What the task does next; `now` is the time since the start of the run.  Loops
// are gone through here and never returned.  For a WORK_FORK, the tasks to be
// created are number at->forked and kind[step->to].count - 1 more.  At the end
// it is WORK_EXIT, as often as one asks.
const struct work_step *work_next(const struct work *w, struct work_at *at,
                                  int64_t now);

#endif
