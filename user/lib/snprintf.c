// snprintf.c - formatted print into memory.

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

struct memory_sink {
  struct sink sink;
  char *buf;
  uint size;
  uint n;               // length of the whole text so far
};

static void
put_memory(struct sink *s, const char *text, uint n)
{
  struct memory_sink *m = (struct memory_sink *)s;

  if (m->n < m->size)
    memcpy(m->buf + m->n, text, n < m->size - m->n ? n : m->size - m->n);
  m->n += n;
}

EXTRA int
vsnprintf(char *buf, uint size, const char *fmt, va_list ap)
{
  struct memory_sink m = { { put_memory }, buf, size, 0 };

  __format(&m.sink, fmt, ap);
  if (size > 0)
    buf[m.n < size ? m.n : size - 1] = 0;
  return m.n;
}

EXTRA int
snprintf(char *buf, uint size, const char *fmt, ...)
{
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = vsnprintf(buf, size, fmt, ap);
  va_end(ap);
  return n;
}
