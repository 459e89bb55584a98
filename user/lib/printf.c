// printf.c - formatted print to a file: collected, and written by one call
// unless it is long, so that lines of several processes do not mix.

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

#define COLLECT 240     // a program's stack may be a single page

struct file_sink {
  struct sink sink;
  int fd;
  uint n;               // characters in text
  char text[COLLECT];
};

static void
flush(struct file_sink *f)
{
  if (f->n > 0)
    write(f->fd, f->text, f->n);
  f->n = 0;
}

static void
put_file(struct sink *s, const char *text, uint n)
{
  struct file_sink *f = (struct file_sink *)s;

  while (n > 0) {
    uint fits = COLLECT - f->n < n ? COLLECT - f->n : n;

    memcpy(f->text + f->n, text, fits);
    f->n += fits;
    text += fits;
    n -= fits;
    if (f->n == COLLECT)
      flush(f);
  }
}

EXTRA void
vfprintf(int fd, const char *fmt, va_list ap)
{
  struct file_sink f;

  f.sink.put = put_file;
  f.fd = fd;
  f.n = 0;
  __format(&f.sink, fmt, ap);
  flush(&f);
}

void
fprintf(int fd, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vfprintf(fd, fmt, ap);
  va_end(ap);
}

void
printf(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vfprintf(1, fmt, ap);
  va_end(ap);
}
