// pipe.c - pipes.
//
// A ring of four pages. Positions count bytes since the pipe was made, so
// what is in it is head - tail, and neither wraps in a million years. The
// first page comes with the pipe, the others when they are needed; an empty
// pipe starts again at its first page, so two processes that pass single
// bytes stay in one.
//
// One lock, held from the test of the ring to the sleep, and over the copies,
// which never sleep. A write of up to PIPE_ATOMIC bytes goes in as a whole.
// Who sleeps says what for: writers the room they need (want), so that a
// reader does not wake them for less.

#include "kernel/fs/internal.h"
#include "kernel/lib/string.h"

#define PAGES       4
#define SIZE        (PAGES * PGSIZE)
#define PIPE_ATOMIC PGSIZE

struct pipe {
  struct spinlock lock;
  uint64_t head; // written so far
  uint64_t tail; // read so far
  uint64_t want; // least room that a sleeping writer needs
  bool reader;   // that end is open
  bool writer;
  struct waitq readers; // for head > tail, or no writer
  struct waitq writers; // for room, or no reader
  char *page[PAGES];
};

static struct cache *pipes;

static inline uint64_t
min(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

// How many bytes from position pos on stand in a row in memory.
static inline uint64_t
run(uint64_t pos)
{
  return PGSIZE - pos % PGSIZE;
}

static inline char **
page_at(struct pipe *p, uint64_t pos)
{
  return &p->page[pos / PGSIZE % PAGES];
}

static void
wake_readers(struct pipe *p)
{
  if (!ring_empty(&p->readers.sleepers))
    wake_all(&p->readers);
}

static void
wake_writers(struct pipe *p)
{
  if (SIZE - (p->head - p->tail) < p->want)
    return;
  p->want = SIZE + 1;
  wake_all(&p->writers);
}

// ---- reading ---------------------------------------------------------------

static int64_t
take(struct pipe *p, uint64_t uva, uint64_t n)
{
  uint64_t done = 0;
  n = min(n, p->head - p->tail);
  while (done < n) {
    uint64_t len = min(n - done, run(p->tail));
    if (copy_out(uva, *page_at(p, p->tail) + p->tail % PGSIZE, len) < 0)
      break;
    p->tail += len;
    uva += len;
    done += len;
  }
  return done > 0 || n == 0 ? (int64_t)done : -1;
}

// The frequent case: all that is wanted stands in a row, and no writer waits.
// Returns AGAIN if it is not so.
enum { AGAIN = -2 };

static inline int64_t
take_run(struct pipe *p, uint64_t uva, uint64_t n)
{
  uint64_t tail = p->tail, len = min(n, p->head - tail);
  if (len == 0 || len > run(tail) || p->want <= SIZE)
    return AGAIN;
  if (copy_out(uva, *page_at(p, tail) + tail % PGSIZE, len) < 0)
    return -1;
  p->tail = tail + len;
  return len;
}

static __attribute__((noinline)) int64_t
read_slowly(struct pipe *p, uint64_t uva, uint64_t n)
{
  int64_t r = n > 0 ? take(p, uva, n) : 0;
  if (p->want <= SIZE)
    wake_writers(p);
  return r;
}

// Wait until there is something to read, or no writer is left. -1 when killed.
static __attribute__((noinline)) int
wait_for_writer(struct pipe *p)
{
  while (p->head == p->tail && p->writer)
    if (wait_on(&p->readers, &p->lock, WAIT_KILLABLE) < 0)
      return -1;
  return 0;
}

static int64_t
pipe_read(struct file *f, uint64_t uva, uint64_t n)
{
  struct pipe *p = f->pipe;
  int64_t r = -1;
  acquire(&p->lock);
  if (n == 0 || p->head != p->tail || wait_for_writer(p) == 0) {
    r = take_run(p, uva, n);
    if (unlikely(r == AGAIN))
      r = read_slowly(p, uva, n);
  }
  release(&p->lock);
  return r;
}

// ---- writing ---------------------------------------------------------------

// Give the slot a page, spoken for. false: there is no memory.
static bool
add_page(char **slot)
{
  if (mm_reserve(1) < 0)
    return false;
  *slot = page_alloc();
  if (*slot == 0)
    mm_unreserve(1);
  return *slot != 0;
}

// A page for position head. There is one if the pipe is empty; else there may
// be no memory for one: returns false.
static bool
have_page(struct pipe *p)
{
  char **slot = page_at(p, p->head);
  return *slot != 0 || add_page(slot);
}

// Put in n bytes, for which there is room. Returns how many could be: fewer
// without memory; or -1 for a bad address.
static int64_t
put(struct pipe *p, uint64_t uva, uint64_t n)
{
  uint64_t done = 0;
  if (p->head == p->tail)
    p->head = p->tail = 0;
  while (done < n && have_page(p)) {
    uint64_t len = min(n - done, run(p->head));
    if (copy_in(*page_at(p, p->head) + p->head % PGSIZE, uva, len) < 0)
      return done > 0 ? (int64_t)done : -1;
    p->head += len;
    uva += len;
    done += len;
  }
  return done;
}

// Wait for room for n bytes, or PIPE_ATOMIC. Returns the room, or -1 without
// readers or when killed.
static int64_t
wait_for_room(struct pipe *p, uint64_t n)
{
  uint64_t need = min(n, PIPE_ATOMIC);
  while (p->reader) {
    uint64_t room = SIZE - (p->head - p->tail);
    if (room >= need)
      return room;
    p->want = min(p->want, need);
    if (wait_on(&p->writers, &p->lock, WAIT_KILLABLE) < 0)
      return -1;
  }
  return -1;
}

// No memory for the next page: wait until the reader has taken something.
static int
wait_for_reader(struct pipe *p)
{
  p->want = 0;
  return wait_on(&p->writers, &p->lock, WAIT_KILLABLE);
}

static __attribute__((noinline)) int64_t
write_slowly(struct pipe *p, uint64_t uva, uint64_t n)
{
  uint64_t done = 0;
  while (done < n) {
    int64_t room = wait_for_room(p, n - done);
    if (room < 0)
      break;
    int64_t r = put(p, uva + done, min(n - done, room));
    wake_readers(p);
    if (r < 0 || (r == 0 && wait_for_reader(p) < 0))
      break;
    done += r;
  }
  return done == n || (done > 0 && p->reader) ? (int64_t)done : -1;
}

// The frequent case: it all fits in a row into a page that is there.
static inline int64_t
put_run(struct pipe *p, uint64_t uva, uint64_t n)
{
  if (p->head == p->tail)
    p->head = p->tail = 0;
  uint64_t head = p->head;
  char *page = *page_at(p, head);
  if (n > run(head) || n > SIZE - (head - p->tail) || page == 0 || !p->reader)
    return AGAIN;
  if (copy_in(page + head % PGSIZE, uva, n) < 0)
    return -1;
  p->head = head + n;
  return n;
}

static int64_t
pipe_write(struct file *f, uint64_t uva, uint64_t n)
{
  struct pipe *p = f->pipe;
  acquire(&p->lock);
  int64_t r = put_run(p, uva, n);
  if (unlikely(r == AGAIN))
    r = write_slowly(p, uva, n);
  else if (unlikely(!ring_empty(&p->readers.sleepers)))
    wake_all(&p->readers);
  release(&p->lock);
  return r;
}

// ---- open and close --------------------------------------------------------

static void
destroy(struct pipe *p)
{
  for (int i = 0; i < PAGES; i++) {
    if (p->page[i] != 0) {
      page_free(p->page[i]);
      mm_unreserve(1);
    }
  }
  cache_free(pipes, p);
}

static void
pipe_close(struct file *f)
{
  struct pipe *p = f->pipe;
  acquire(&p->lock);
  if (f->writable) {
    p->writer = false;
    wake_all(&p->readers);
  } else {
    p->reader = false;
    wake_all(&p->writers);
  }
  bool last = !p->reader && !p->writer;
  release(&p->lock);
  if (!last)
    return;
  destroy(p);
}

static const struct file_ops pipe_ops = {
  .read = pipe_read,
  .write = pipe_write,
  .close = pipe_close,
};

static struct pipe *
create(void)
{
  struct pipe *p = cache_alloc(pipes);
  if (p == 0)
    return 0;
  if (!add_page(&p->page[0])) {
    cache_free(pipes, p);
    return 0;
  }
  spin_init(&p->lock, "pipe");
  waitq_init(&p->readers, "pipe read");
  waitq_init(&p->writers, "pipe write");
  p->want = SIZE + 1;
  p->reader = p->writer = true;
  return p;
}

int
pipe_open(struct file *ends[2])
{
  struct pipe *p = create();
  ends[0] = file_alloc();
  ends[1] = file_alloc();
  if (p == 0 || ends[0] == 0 || ends[1] == 0)
    goto fail;
  for (int i = 0; i < 2; i++) {
    ends[i]->ops = &pipe_ops;
    ends[i]->pipe = p;
  }
  ends[0]->readable = true;
  ends[1]->writable = true;
  return 0;

fail:
  if (p != 0)
    destroy(p);
  for (int i = 0; i < 2; i++)
    if (ends[i] != 0)
      file_free(ends[i]);
  return -1;
}

void
pipe_init(void)
{
  pipes = cache_create("pipe", sizeof(struct pipe));
}
