// strext.c - string functions beyond xv6's.

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

EXTRA int
strncmp(const char *a, const char *b, uint n)
{
  for (; n > 0; n--, a++, b++)
    if (*a != *b || *a == 0)
      return (uchar)*a - (uchar)*b;
  return 0;
}

EXTRA char *
strrchr(const char *s, int c)
{
  for (const char *p = s + strlen(s); p >= s; p--)
    if (*p == (char)c)
      return (char *)p;
  return 0;
}

EXTRA char *
strstr(const char *s, const char *part)
{
  uint n = strlen(part);

  for (; strlen(s) >= n; s++)
    if (memcmp(s, part, n) == 0)
      return (char *)s;
  return 0;
}

EXTRA uint
strlcpy(char *dst, const char *src, uint size)
{
  uint n = strlen(src), fits = n < size ? n : size - 1;

  if (size == 0)
    return n;
  memmove(dst, src, fits);
  dst[fits] = 0;
  return n;
}

EXTRA uint
strlcat(char *dst, const char *src, uint size)
{
  uint n = strlen(dst);

  if (n >= size)
    return n + strlen(src);
  return n + strlcpy(dst + n, src, size - n);
}
