// chart.c - charts of who had which hart when: user/chart.h. The records are
// read once, in order of time over all harts; each says that a process changes
// from one state to another, and the time between is shared out over columns.

#include "kernel/types.h"
#include "user/chart.h"

#define GONE (-1)

static const char letters[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// ---- rows ------------------------------------------------------------------

static struct chart_row *
add_row(struct chart *c, int pid, const char *name, int state)
{
  struct chart_row *r;

  if (c->n == c->room) {
    int room = c->room ? 2 * c->room : 16;

    r = realloc(c->row, room * sizeof(*r));
    if (r == 0)
      return 0;
    c->row = r;
    c->room = room;
  }
  r = &c->row[c->n++];
  memset(r, 0, sizeof(*r));
  r->pid = pid;
  r->state = state;
  r->since = c->begin;
  strlcpy(r->name, name, sizeof(r->name));
  return r;
}

// The latest of that pid, as pids come again; or a new one.
static struct chart_row *
row_of(struct chart *c, int pid)
{
  for (int i = c->n - 1; i >= 0; i--)
    if (c->row[i].pid == pid && c->row[i].state != GONE)
      return &c->row[i];
  return add_row(c, pid, "?", PROC_SLEEPING);
}

int
chart_start(struct chart *c, int wide)
{
  struct procinfo p;
  struct sysinfo si;

  memset(c, 0, sizeof(*c));
  if (sysinfo(&si) < 0)
    return -1;
  c->wide = wide < CHART_WIDE ? wide : CHART_WIDE;
  c->nhart = si.nhart;
  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1) {
    struct chart_row *r = add_row(c, p.pid, p.name, p.state);

    if (r == 0)
      return -1;
    r->hart = p.hart;
    if (p.state == PROC_ZOMBIE)
      r->state = GONE;
  }
  return 0;
}

// ---- time ------------------------------------------------------------------

static int
column_of(const struct chart *c, uint64 time)
{
  return (time - c->begin) * c->wide / (c->end - c->begin);
}

static uint64
column_begin(const struct chart *c, int column)
{
  return c->begin + (c->end - c->begin) * column / c->wide;
}

static void
take_hart(struct chart *c, int hart, int column, struct chart_row *r)
{
  if (r->run_in[column] <= c->most[hart][column])
    return;
  c->most[hart][column] = r->run_in[column];
  c->owner[hart][column] = r - c->row + 1;
}

// r was in its state since then, and up to now.
static void
spend(struct chart *c, struct chart_row *r, uint64 now)
{
  uint64 from = r->since > c->begin ? r->since : c->begin;

  now = now < c->end ? now : c->end;
  if (now <= from || r->state == GONE)
    return;
  if (r->state == PROC_RUNNING)
    r->ran += now - from;
  else if (r->state == PROC_READY)
    r->ready += now - from;
  else
    r->blocked += now - from;
  for (int i = column_of(c, from); from < now && i < c->wide; i++) {
    uint64 to = column_begin(c, i + 1) < now ? column_begin(c, i + 1) : now;

    if (to <= from)
      continue;
    if (r->state == PROC_RUNNING) {
      r->run_in[i] += to - from;
      take_hart(c, r->hart & 15, i, r);
    } else if (r->state == PROC_READY) {
      r->ready_in[i] += to - from;
    }
    from = to;
  }
}

static void
become(struct chart *c, int pid, int state, int hart, uint64 now)
{
  struct chart_row *r = row_of(c, pid);

  if (r == 0)
    return;
  spend(c, r, now);
  r->state = state;
  r->hart = hart;
  r->since = now;
  if (state == PROC_RUNNING)
    r->picked++;
}

// ---- records ---------------------------------------------------------------

static void
note(struct chart *c, const struct trace_record *e)
{
  struct chart_row *r;

  switch (e->type) {
  case TRACE_SWITCH:
    if (e->pid > 0)
      become(c, e->pid,
             e->a == TRACE_ENDS                            ? GONE
             : e->a == TRACE_READY || e->a == TRACE_PUSHED ? PROC_READY
                                                           : PROC_SLEEPING,
             e->hart, e->time);
    if (e->other > 0)
      become(c, e->other, PROC_RUNNING, e->hart, e->time);
    break;
  case TRACE_WAKEUP:
  case TRACE_NEW:
    become(c, e->pid, PROC_READY, e->hart, e->time);
    break;
  case TRACE_FORK:
    r = add_row(c, e->other, e->name, PROC_SLEEPING);
    if (r)
      r->since = e->time;
    break;
  case TRACE_EXEC:
    r = row_of(c, e->pid);
    if (r)
      strlcpy(r->name, e->name, sizeof(r->name));
    break;
  }
}

// They come hart by hart, each hart's in order: merge these.
static void
note_all(struct chart *c, struct trace_record *rec, long n)
{
  long at[16], end[16];

  for (int h = 0; h < c->nhart; h++) {
    at[h] = h ? end[h - 1] : 0;
    for (end[h] = at[h]; end[h] < n && rec[end[h]].hart == h;)
      end[h]++;
  }
  for (;;) {
    struct trace_record *first = 0;
    int from = 0;

    for (int h = 0; h < c->nhart; h++)
      if (at[h] < end[h] &&
          (first == 0 || (int)(rec[at[h]].seq - first->seq) < 0)) {
        first = &rec[at[h]];
        from = h;
      }
    if (first == 0)
      return;
    at[from]++;
    note(c, first);
  }
}

static void
give_letters(struct chart *c)
{
  uint next = 0;

  for (int i = 0; i < c->n; i++)
    if (c->row[i].ran > 0)
      c->row[i].letter = next < sizeof(letters) - 1 ? letters[next++] : '.';
}

int
chart_read(struct chart *c, const struct trace_info *info)
{
  struct trace_record *rec = malloc((info->kept + 1) * sizeof(*rec));
  long n = 0, got;

  if (rec == 0)
    return -1;
  while ((got = trace_read(rec + n, info->kept - n)) > 0)
    n += got;
  c->begin = info->begin;
  c->end = info->end > info->begin ? info->end : info->begin + 1;
  c->lost = info->lost;
  for (int i = 0; i < c->n; i++)
    c->row[i].since = c->begin;
  note_all(c, rec, n);
  for (int i = 0; i < c->n; i++)
    spend(c, &c->row[i], c->end);
  give_letters(c);
  free(rec);
  return 0;
}

// ---- lines -----------------------------------------------------------------

void
chart_hart(const struct chart *c, int hart, char *line)
{
  for (int i = 0; i < c->wide; i++) {
    int owner = c->owner[hart][i];

    line[i] = owner ? c->row[owner - 1].letter : '.';
  }
  line[c->wide] = 0;
}

void
chart_process(const struct chart *c, int row, char *line)
{
  const struct chart_row *r = &c->row[row];
  uint64 all = (c->end - c->begin) / c->wide;

  for (int i = 0; i < c->wide; i++)
    line[i] = 2 * r->run_in[i] >= all && r->run_in[i] > 0   ? '#'
              : r->run_in[i] > 0                            ? '+'
              : 2 * r->ready_in[i] >= all && r->ready_in[i] ? '-'
                                                            : ' ';
  line[c->wide] = 0;
}

void
chart_free(struct chart *c)
{
  free(c->row);
  c->row = 0;
}
