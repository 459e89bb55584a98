// memory.c - filling, copying and comparing bytes, eight at a time where
// source and destination are aligned alike.
//
// A compiler may turn a loop that fills or copies into a call of memset or
// memcpy, which here would call itself; OPAQUE in the loop forbids that.

#include "kernel/types.h"
#include "user/user.h"

#define OPAQUE(x) __asm__ volatile("" : "+r"(x))
#define WORD sizeof(uint64)
#define OFFSET(p) ((uint64)(p) % WORD)

void *
memset(void *dst, int c, uint n)
{
  uchar *d = dst, *end = d + n;
  uint64 word = (uchar)c * 0x0101010101010101UL;

  for (; d < end && OFFSET(d); d++)
    *d = c;
  for (; end - d >= 4 * (long)WORD; d += 4 * WORD) {
    OPAQUE(d);
    for (uint i = 0; i < 4; i++)
      ((uint64 *)d)[i] = word;
  }
  for (; d < end; d++) {
    OPAQUE(d);
    *d = c;
  }
  return dst;
}

static void
copy_up(uchar *d, const uchar *s, uint64 n)
{
  uchar *end = d + n;

  if (OFFSET(d) == OFFSET(s)) {
    for (; d < end && OFFSET(d); d++, s++)
      *d = *s;
    for (; end - d >= 4 * (long)WORD; d += 4 * WORD, s += 4 * WORD) {
      const uint64 *from = (const uint64 *)s;
      uint64 w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];

      OPAQUE(d);
      ((uint64 *)d)[0] = w0;
      ((uint64 *)d)[1] = w1;
      ((uint64 *)d)[2] = w2;
      ((uint64 *)d)[3] = w3;
    }
  }
  for (; d < end; d++, s++) {
    OPAQUE(d);
    *d = *s;
  }
}

static void
copy_down(uchar *d, const uchar *s, uint64 n)
{
  uchar *end = d + n;
  const uchar *from = s + n;

  if (OFFSET(end) == OFFSET(from)) {
    for (; end > d && OFFSET(end);)
      *--end = *--from;
    for (; end - d >= (long)WORD;) {
      end -= WORD;
      from -= WORD;
      OPAQUE(end);
      *(uint64 *)end = *(const uint64 *)from;
    }
  }
  while (end > d) {
    OPAQUE(end);
    *--end = *--from;
  }
}

void *
memcpy(void *dst, const void *src, uint n)
{
  copy_up(dst, src, n);
  return dst;
}

// As in xv6, a negative n copies nothing.
void *
memmove(void *dst, const void *src, int n)
{
  if (n <= 0)
    return dst;
  if ((uint64)dst - (uint64)src >= (uint64)n)
    copy_up(dst, src, n);
  else
    copy_down(dst, src, n);
  return dst;
}

int
memcmp(const void *a, const void *b, uint n)
{
  const uchar *p = a, *q = b;

  for (; n > 0; n--, p++, q++)
    if (*p != *q)
      return *p - *q;
  return 0;
}
