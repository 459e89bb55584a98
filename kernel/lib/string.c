// string.c - bytes and strings.
//
// Copies move eight bytes at a time where both sides allow it: whole pages
// are what a kernel copies most, and single bytes through pipes next.

#include "kernel/lib/string.h"

#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;

#define WORD sizeof(word)

static inline int
unaligned(const void *a, const void *b)
{
  return ((uintptr_t)a | (uintptr_t)b) & (WORD - 1);
}

void *
memset(void *dst, int c, size_t n)
{
  unsigned char *d = dst;
  word pattern = (unsigned char)c * 0x0101010101010101UL;

  for (; n > 0 && ((uintptr_t)d & (WORD - 1)); n--)
    *d++ = c;
  for (; n >= WORD; n -= WORD, d += WORD)
    *(word *)d = pattern;
  while (n-- > 0)
    *d++ = c;
  return dst;
}

// Copy upwards: dst lies below src, or they do not overlap.
static inline void
copy_up(unsigned char *d, const unsigned char *s, size_t n)
{
  if (n >= WORD && !unaligned(d, s)) {
    for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD, s += 8 * WORD) {
      const word *from = (const word *)s;
      word *to = (word *)d;
      word a0 = from[0], a1 = from[1], a2 = from[2], a3 = from[3];
      word a4 = from[4], a5 = from[5], a6 = from[6], a7 = from[7];

      to[0] = a0, to[1] = a1, to[2] = a2, to[3] = a3;
      to[4] = a4, to[5] = a5, to[6] = a6, to[7] = a7;
    }
    for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
      *(word *)d = *(const word *)s;
  }
  while (n-- > 0)
    *d++ = *s++;
}

void *
memcpy(void *dst, const void *src, size_t n)
{
  copy_up(dst, src, n);
  return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
  unsigned char *d = dst;
  const unsigned char *s = src;

  if (d <= s || d >= s + n) {
    copy_up(d, s, n);
    return dst;
  }
  while (n-- > 0)
    d[n] = s[n];
  return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
  const unsigned char *x = a, *y = b;

  for (size_t i = 0; i < n; i++)
    if (x[i] != y[i])
      return x[i] < y[i] ? -1 : 1;
  return 0;
}

size_t
strlen(const char *s)
{
  const char *end = s;

  while (*end)
    end++;
  return end - s;
}

int
strcmp(const char *a, const char *b)
{
  return strncmp(a, b, SIZE_MAX);
}

int
strncmp(const char *a, const char *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    int diff = (unsigned char)a[i] - (unsigned char)b[i];

    if (diff != 0 || a[i] == 0)
      return diff;
  }
  return 0;
}

void
strcopy(char *dst, const char *src, size_t size)
{
  size_t n = strlen(src);

  if (n >= size)
    n = size - 1;
  memcpy(dst, src, n);
  dst[n] = 0;
}
