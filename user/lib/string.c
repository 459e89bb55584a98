// string.c - xv6's string functions.

#include "kernel/types.h"
#include "user/user.h"

#define ONES 0x0101010101010101UL
#define TOPS 0x8080808080808080UL

// Has this word a byte that is 0? Only then does taking 1 from each byte
// borrow into a top bit that was clear.
#define HAS_ZERO(w) (((w) - ONES) & ~(w) & TOPS)

// A word that is aligned lies in one page, so reading all of it is safe even
// where the string ends in its middle.
uint
strlen(const char *s)
{
  const char *p = s;

  for (; (uint64)p % sizeof(uint64); p++)
    if (*p == 0)
      return p - s;
  while (!HAS_ZERO(*(const uint64 *)p))
    p += sizeof(uint64);
  while (*p)
    p++;
  return p - s;
}

char *
strcpy(char *dst, const char *src)
{
  memcpy(dst, src, strlen(src) + 1);
  return dst;
}

int
strcmp(const char *a, const char *b)
{
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return (uchar)*a - (uchar)*b;
}

// As in xv6, the terminating 0 is not found.
char *
strchr(const char *s, char c)
{
  for (; *s; s++)
    if (*s == c)
      return (char *)s;
  return 0;
}
