// sleep.c - wait: a bare number is in ticks of 1/HZ s, as in xv6; with s, ms
// or us behind it, and maybe a fraction, it is time.

#include "kernel/types.h"
#include "user/peach.h"

static const struct {
  const char *name;
  uint64 ns;
} units[] = {
  { "s", 1000000000 },
  { "ms", 1000000 },
  { "us", 1000 },
};

static int
is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// The time that text like 1.5s means. Returns 0 if it means none.
static int
parse_time(const char *s, uint64 *ns)
{
  uint64 n = 0, scale = 1;
  const char *p = s;

  for (; is_digit(*p) && n < 1000000000; p++)
    n = n * 10 + (*p - '0');
  if (p == s)
    return 0;
  if (*p == '.')
    for (p++; is_digit(*p) && scale < 1000; p++, scale *= 10)
      n = n * 10 + (*p - '0');
  for (uint i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
    if (strcmp(p, units[i].name) == 0) {
      *ns = n * (units[i].ns / scale);
      return 1;
    }
  }
  return 0;
}

int
main(int argc, char **argv)
{
  uint64 ns;
  long ticks;

  if (argc == 2 && parse_time(argv[1], &ns))
    return sleep_ns(ns) < 0;
  if (argc == 2 && parse_long(argv[1], &ticks) && ticks >= 0 &&
      ticks == (int)ticks)
    return sleep(ticks) < 0;
  fprintf(2, "usage: sleep TICKS | sleep TIME    (2s, 0.5s, 100ms, 20us)\n");
  return 2;
}
