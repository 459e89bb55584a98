// control.c - tracing goes on and off, and its records are read.
//
// They are read when tracing is off, so who writes never meets who reads. The
// memory for them is taken when tracing begins, by a process whose trace it is
// until that lets it go, or ends; without that, and with DEBUG=1
// between two traces, each hart has two pages, of which a panic tells.

#include "kernel/dev/clock.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/current.h"
#include "kernel/proc/proc.h"
#include "kernel/trace/ring.h"

#define MOST  (1L << 24) // records a hart
#define USUAL 150000     // records, of all harts
#define PIECE 16         // records copied at a time

static struct trace_page *small[MAXHART]; // (ro) two in one piece
static struct mutex control;              // guards what follows
static int npages;                        // a hart, beside the small ones
static int owner;                         // (control; read by any) pid, or 0
static uint64_t begin, end;               // ns; 0: not yet
static int reading;                       // the hart whose turn it is,
static const struct trace_record *next;   // and its next; 0: the first

static void
use_small(void)
{
  for (int i = 0; i < nhart; i++)
    ring_clear(&trace_rings[i], small[i], 2);
}

void
trace_init(void)
{
  mutex_init(&control, "trace");
  for (int i = 0; i < nhart; i++) {
    struct trace_page *page = boot_alloc(2 * sizeof(*page));

    page[0].next = page[0].prev = &page[1];
    page[1].next = page[1].prev = &page[0];
    small[i] = page;
  }
  use_small();
  if (DEBUG)
    proc_listen(trace_note);
}

// ---- memory ----------------------------------------------------------------

static void
insert_before(struct trace_page *at, struct trace_page *page)
{
  page->next = at;
  page->prev = at->prev;
  at->prev->next = page;
  at->prev = page;
}

static void
free_pages(void)
{
  for (int i = 0; i < nhart; i++)
    while (small[i]->prev != small[i] + 1) {
      struct trace_page *page = small[i]->prev;

      page->prev->next = small[i];
      small[i]->prev = page->prev;
      page_free(page);
    }
  mm_unreserve((size_t)npages * nhart);
  npages = 0;
}

static int
add_pages(int n)
{
  if (mm_reserve((size_t)n * nhart) < 0)
    return -1;
  npages = n;
  for (int i = 0; i < nhart; i++)
    for (int k = 0; k < n; k++) {
      struct trace_page *page = page_alloc();

      if (page == 0) {
        free_pages();
        return -1;
      }
      insert_before(small[i], page);
    }
  return 0;
}

// ---- on and off ------------------------------------------------------------

static int64_t
let_go(void)
{
  proc_listen(0);
  free_pages();
  use_small();
  begin = end = 0;
  owner = 0;
  if (DEBUG)
    proc_listen(trace_note);
  return 0;
}

// Records a hart, if nobody says how many: so many that a trace of them all
// fits on the default image.
static int64_t
usual(void)
{
  int64_t most = pages_free_or_clean() / 16 * PER_PAGE;

  return (most < USUAL ? most : USUAL) / nhart;
}

static int64_t
start(int64_t records)
{
  size_t n;

  if (records < 0 || records > MOST)
    return -1;
  if (records == 0)
    records = usual();
  n = (records + PER_PAGE - 1) / PER_PAGE;
  let_go();
  proc_listen(0);
  if (n > 2 && add_pages(n - 2) < 0) {
    let_go();
    return -1;
  }
  for (int i = 0; i < nhart; i++)
    ring_clear(&trace_rings[i], small[i], npages + 2);
  reading = 0;
  next = 0;
  end = 0;
  owner = current_pid();
  begin = clock_ns();
  proc_listen(trace_note);
  return (int64_t)(npages + 2) * PER_PAGE;
}

// A name for the code that runs: FNV-1a, by 8 bytes.
static uint64_t
text_sum(void)
{
  extern const uint64_t text_start[], text_end[];
  uint64_t sum = 0xcbf29ce484222325;

  for (const uint64_t *p = text_start; p < text_end; p++)
    sum = (sum ^ *p) * 0x100000001b3;
  return sum;
}

static int64_t
stop(uint64_t info_va)
{
  struct trace_info info = { .text = text_sum() };

  proc_listen(0);
  if (end == 0)
    end = clock_ns();
  info.begin = begin;
  info.end = end;
  info.clock = (1000000000UL << 32) / clock_factor;
  for (int i = 0; i < nhart; i++) {
    info.kept += ring_kept(&trace_rings[i]);
    info.lost += trace_rings[i].lost;
  }
  kformat(info.build, sizeof(info.build), "%s-%s-hz%d%s gcc %s",
          kernel_policy.name, runq_mode, kernel_hz, DEBUG ? "-debug" : "",
          __VERSION__);
  return copy_out(info_va, &info, sizeof(info));
}

void
trace_leave(int pid)
{
  if (__builtin_expect(__atomic_load_n(&owner, __ATOMIC_RELAXED) != pid, 1))
    return;
  mutex_lock(&control);
  let_go();
  mutex_unlock(&control);
}

int64_t
sys_trace_ctl(const uint64_t *a)
{
  int64_t r = -1;

  mutex_lock(&control);
  if (owner && owner != current_pid()) {
    mutex_unlock(&control);
    return -1;
  }
  switch (a[0]) {
  case TRACE_START:
    r = start(a[1]);
    break;
  case TRACE_STOP:
    r = begin ? stop(a[1]) : -1;
    break;
  case TRACE_FREE:
    r = let_go();
    break;
  }
  mutex_unlock(&control);
  return r;
}

// ---- reading ---------------------------------------------------------------

// Up to n records of the hart that it is the turn of; 0 if all have been read.
static int
take(struct trace_record *out, int n)
{
  int got = 0;

  for (; reading < nhart && got < n; reading++, next = 0) {
    const struct trace_ring *r = &trace_rings[reading];

    if (next == 0)
      next = ring_first(r);
    for (; next && got < n; next = ring_next(r, next))
      out[got++] = *next;
    if (next)
      break;
  }
  return got;
}

static void
put_names(struct trace_record *rec, int n)
{
  for (int i = 0; i < n; i++)
    if (rec[i].type == TRACE_BLOCK) {
      const char *name = (const char *)rec[i].a;

      rec[i].a = rec[i].b = 0;
      strcopy(rec[i].name, name, sizeof(rec[i].name));
    }
}

static int64_t
read_records(uint64_t va, int64_t most)
{
  struct trace_record piece[PIECE];
  int64_t got = 0;

  while (got < most) {
    int want = most - got < PIECE ? most - got : PIECE;
    int n = take(piece, want);

    if (n == 0)
      break;
    put_names(piece, n);
    if (copy_out(va + got * sizeof(piece[0]), piece, n * sizeof(piece[0])) < 0)
      return -1;
    got += n;
  }
  return got;
}

int64_t
sys_trace_read(const uint64_t *a)
{
  int64_t r = -1;

  mutex_lock(&control);
  if (end && owner == current_pid() && (int64_t)a[1] >= 0)
    r = read_records(a[0], a[1]);
  mutex_unlock(&control);
  return r;
}
