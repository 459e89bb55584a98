// ring.c - the rings of records: see ring.h.

#include "kernel/trace/ring.h"

#include "kernel/dev/clock.h"
#include "kernel/proc/hart.h"

struct trace_ring trace_rings[MAXHART];

static uint32_t seq; // (atomic) of the next record

static inline struct trace_page *
page_of(const struct trace_record *rec)
{
  return (struct trace_page *)((uint64_t)rec & ~(uint64_t)4095);
}

static void
enter_page(struct trace_ring *r, struct trace_page *page)
{
  r->page = page;
  r->at = page->record;
  r->end = page->record + PER_PAGE;
}

void
ring_clear(struct trace_ring *r, struct trace_page *page, int n)
{
  r->unused = n - 1;
  r->lost = 0;
  enter_page(r, page);
}

static __attribute__((noinline)) void
turn_page(struct trace_ring *r)
{
  if (r->unused > 0)
    r->unused--;
  else
    r->lost += PER_PAGE;
  enter_page(r, r->page->next);
}

struct trace_record *
ring_take(enum trace_type type, int pid, const struct runq *rq)
{
  int hart = this_hart()->index;
  struct trace_ring *r = &trace_rings[hart];
  struct trace_record *rec;

  if (__builtin_expect(r->at == r->end, 0))
    turn_page(r);
  rec = r->at++;
  rec->time = rq ? rq->charged : clock_now();
  rec->seq = __atomic_fetch_add(&seq, 1, __ATOMIC_RELAXED);
  rec->type = type;
  rec->hart = hart;
  rec->ready = rq ? rq->nready : 0;
  rec->pid = pid;
  return rec;
}

const struct trace_record *
ring_first(const struct trace_ring *r)
{
  struct trace_page *p = r->page;

  for (int i = 0; i < r->unused; i++)
    p = p->next; // to the last that was never written
  p = p->next;
  return p->record == r->at ? 0 : p->record;
}

const struct trace_record *
ring_next(const struct trace_ring *r, const struct trace_record *rec)
{
  struct trace_page *p = page_of(rec);

  rec++;
  if (rec == r->at)
    return 0;
  return rec == p->record + PER_PAGE ? p->next->record : rec;
}

uint64_t
ring_kept(const struct trace_ring *r)
{
  uint64_t n = 0;

  for (const struct trace_record *rec = ring_first(r); rec;
       rec = ring_next(r, rec))
    n++;
  return n;
}
