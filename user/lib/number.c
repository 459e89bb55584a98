// number.c - numbers from text.

#include <limits.h>
#include <stdbool.h>

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

// As in xv6: digits only, no sign.
int
atoi(const char *s)
{
  uint n = 0;

  for (; *s >= '0' && *s <= '9'; s++)
    n = n * 10 + (*s - '0');
  return n;
}

static int
digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z')
    return c - 'A' + 10;
  return INT_MAX;
}

// The base that a number's prefix tells; *s is moved behind it.
static int
prefix(const char **s, int base)
{
  const char *p = *s;
  bool hex = p[0] == '0' && (p[1] | ' ') == 'x' && digit(p[2]) < 16;

  if (hex && (base == 0 || base == 16)) {
    *s += 2;
    return 16;
  }
  if (base)
    return base;
  return p[0] == '0' ? 8 : 10;
}

// What is too large or too small comes back as LONG_MAX or LONG_MIN.
EXTRA long
strtol(const char *s, char **end, int base)
{
  const char *p = s, *digits;
  bool minus, over = false;
  uint64 n = 0, most;

  while (*p == ' ' || *p == '\t' || *p == '\n')
    p++;
  minus = *p == '-';
  if (*p == '-' || *p == '+')
    p++;
  base = prefix(&p, base);
  most = minus ? (uint64)LONG_MAX + 1 : LONG_MAX;
  for (digits = p; digit(*p) < base; p++) {
    over = over || n > (most - digit(*p)) / base;
    n = n * base + digit(*p);
  }
  if (end)
    *end = (char *)(p > digits ? p : s);
  if (over)
    n = most;
  return minus ? -n : n;
}

EXTRA int
parse_long(const char *s, long *value)
{
  char *end;
  long n = strtol(s, &end, 10);

  if (end == s || *end)
    return 0;
  *value = n;
  return 1;
}
