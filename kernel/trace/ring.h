// ring.h - where a hart keeps its records. Private to trace/.
//
// A ring of pages, each full of records. Who comes to the first record of a
// page that has been used before gives up all that it held: these are lost.

#ifndef KERNEL_TRACE_RING_H
#define KERNEL_TRACE_RING_H

#include "kernel/proc/proc.h"
#include "kernel/trace.h"
#include "kernel/trace/trace.h"

#define PER_PAGE 102

struct trace_page {
  struct trace_page *next;
  struct trace_page *prev;
  struct trace_record record[PER_PAGE];
};
_Static_assert(sizeof(struct trace_page) == 4096, "fills a page");

// Only its hart writes to a ring, with a run queue's lock held.
struct trace_ring {
  struct trace_record *at;  // the next to write
  struct trace_record *end; // of its page
  struct trace_page *page;  // that one
  int unused;               // pages that were never written
  uint64_t lost;            // records
} __attribute__((aligned(64)));

extern struct trace_ring trace_rings[MAXHART];

// A ring of n linked pages, empty.
void ring_clear(struct trace_ring *r, struct trace_page *page, int n);

// The next record of this hart, with all but a, b, name and other filled in.
struct trace_record *ring_take(enum trace_type type, int pid,
                               const struct runq *rq);

// The first record, if any; and the one after r, or 0.
const struct trace_record *ring_first(const struct trace_ring *r);
const struct trace_record *ring_next(const struct trace_ring *r,
                                     const struct trace_record *rec);
uint64_t ring_kept(const struct trace_ring *r);

// rq->note of each run queue.
void trace_note(const struct runq *rq, const struct task *t,
                enum sched_note what, int64_t a, int64_t b);

#endif
