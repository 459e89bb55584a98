// reader.c - a file line by line.
//
// A block is read at a time; the current line is copied to memory that grows
// to the longest line so far.

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

#define BLOCK 4096

EXTRA void
reader_open(struct reader *r, int fd)
{
  memset(r, 0, sizeof(*r));
  r->fd = fd;
  r->buf = malloc(BLOCK);
  r->error = r->buf == 0;
}

// Make sure that something is unread, or return 0.
static int
fill(struct reader *r)
{
  int n;

  if (r->pos < r->end)
    return 1;
  if (r->error)
    return 0;
  n = read(r->fd, r->buf, BLOCK);
  r->error = n < 0;
  r->pos = 0;
  r->end = n > 0 ? n : 0;
  return n > 0;
}

// Append n characters from the buffer to the line.
static int
take(struct reader *r, uint n)
{
  uint need = r->len + n + 1;

  if (need > r->cap) {
    uint cap = need < 64 ? 128 : need * 2;
    char *line = realloc(r->line, cap);

    if (line == 0) {
      r->error = 1;
      return 0;
    }
    r->line = line;
    r->cap = cap;
  }
  memcpy(r->line + r->len, r->buf + r->pos, n);
  r->len += n;
  r->line[r->len] = 0;
  r->pos += n;
  return 1;
}

EXTRA int
reader_line(struct reader *r)
{
  int any = 0;

  for (r->len = 0; fill(r); any = 1) {
    uint n = 0, left = r->end - r->pos;

    while (n < left && r->buf[r->pos + n] != '\n')
      n++;
    if (!take(r, n))
      return 0;
    if (n < left) {
      r->pos++;
      return 1;
    }
  }
  return any && !r->error;
}

EXTRA void
reader_close(struct reader *r)
{
  free(r->buf);
  free(r->line);
}
