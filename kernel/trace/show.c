// show.c - the last events, as text, for a panic.

#include "kernel/lib/print.h"
#include "kernel/proc/hart.h"
#include "kernel/trace/ring.h"

static const char *const words[] = {
  [TRACE_SWITCH] = "switch",   [TRACE_BLOCK] = "blocks",
  [TRACE_SLICE] = "slice end", [TRACE_PREEMPT] = "preempted",
  [TRACE_YIELD] = "yields",    [TRACE_WAKING] = "waking",
  [TRACE_WAKEUP] = "wakeup",   [TRACE_NEW] = "new",
  [TRACE_MOVE] = "moves",      [TRACE_FORK] = "forks",
  [TRACE_EXEC] = "exec",       [TRACE_EXIT] = "exits",
  [TRACE_TIMER] = "timer",     [TRACE_ATTR] = "attribute",
  [TRACE_AFFINITY] = "harts",  [TRACE_LEVEL] = "level",
  [TRACE_BOOST] = "boost",     [TRACE_DRAW] = "draw",
  [TRACE_PASS] = "pass",       [TRACE_LAG] = "lag",
};

static const char *const states[] = {
  [TRACE_READY] = "ready",    [TRACE_PUSHED] = "ready",
  [TRACE_SLEEPS] = "blocked", [TRACE_WAITS] = "blocked",
  [TRACE_ENDS] = "ended",
};

static void
show_record(const struct trace_record *rec)
{
  bool known = rec->type < sizeof(words) / sizeof(words[0]) && words[rec->type];

  kprintf("%12ld us  pid %d %s", rec->time / 1000, rec->pid,
          known ? words[rec->type] : "?");
  switch (rec->type) {
  case TRACE_SWITCH:
    kprintf(" to %d, %s, %d wait", rec->other,
            (uint64_t)rec->a <= TRACE_ENDS ? states[rec->a] : "?", rec->ready);
    break;
  case TRACE_BLOCK:
    kprintf(" on %s", (const char *)rec->a);
    break;
  case TRACE_WAKING:
    kprintf(" by %d", rec->other);
    break;
  case TRACE_FORK:
    kprintf(" %d %s", rec->other, rec->name);
    break;
  case TRACE_EXEC:
    kprintf(" %s", rec->name);
    break;
  default:
    if (rec->type >= TRACE_MOVE)
      kprintf(" %ld %ld", rec->a, rec->b);
  }
  kprintf("\n");
}

bool
trace_show(int n)
{
  bool some = false;

  for (int i = 0; i < nhart; i++) {
    const struct trace_ring *r = &trace_rings[i];
    const struct trace_record *rec;
    uint64_t kept;

    if (r->page == 0 || (rec = ring_first(r)) == 0)
      continue;
    some = true;
    kept = ring_kept(r);
    kprintf("last events of hart %d:\n", i);
    for (; rec; rec = ring_next(r, rec))
      if (kept-- <= (uint64_t)n)
        show_record(rec);
  }
  return some;
}
