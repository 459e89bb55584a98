// text.c - the library: formatted print, numbers, strings, lines.
//
// What printf should print is C's own rule, not a former run.

#include "tests/guest/guest.h"

static char out[512];

#define PRINTS(want, ...)                                               \
  do {                                                                  \
    int n = snprintf(out, sizeof(out), __VA_ARGS__);                    \
    if (strcmp(out, want) != 0) {                                       \
      printf("\"%s\", not \"%s\"\n", out, want);                        \
      guest_fail(__FILE__, __LINE__, #__VA_ARGS__, 0, 0, 0);            \
    }                                                                   \
    EXPECT_IS(n, strlen(want));                                         \
  } while (0)

static void
numbers(void)
{
  PRINTS("-5 0 2147483647", "%d %i %d", -5, 0, 0x7fffffff);
  PRINTS("-2147483648 4294967295", "%d %u", -0x7fffffff - 1, -1);
  PRINTS("ff FF 0xff 17", "%x %X %#x %o", 255, 255, 255, 15);
  PRINTS("ffffffff ffffffffffffffff", "%x %lx", -1, -1L);
  PRINTS("-1 18446744073709551615", "%ld %lu", -1L, -1UL);
  PRINTS("9223372036854775807", "%lld", 0x7fffffffffffffffLL);
  PRINTS("   42|42   |00042|+42| 42", "%5d|%-5d|%05d|%+d|% d", 42, 42, 42,
         42, 42);
  PRINTS("-0042|   007|   ", "%05d|%6.3d|%3.0d", -42, 7, 0);
  PRINTS("   7|7   ", "%*d|%-*d", 4, 7, 4, 7);
  PRINTS("0x0000000000001000", "%p", (void *)0x1000);
}

static void
strings(void)
{
  char *volatile null = 0;

  PRINTS("abc|  abc|abc  |ab", "%s|%5s|%-5s|%.2s", "abc", "abc", "abc", "abc");
  PRINTS("(null)", "%s", null);
  PRINTS("x%y", "%c%%%c", 'x', 'y');
  EXPECT_IS(snprintf(out, 4, "%s", "abcdef"), 6);
  EXPECT_IS(strcmp(out, "abc"), 0);
  EXPECT_IS(snprintf(0, 0, "%d", 12345), 5);
}

static void
floats(void)
{
  PRINTS("1.500000 0.333333 -2.000000", "%f %f %f", 1.5, 1.0 / 3, -2.0);
  PRINTS("2 4 0 0", "%.0f %.0f %.0f %.0f", 1.5, 3.5, 0.5, 0.4);
  PRINTS("0.1 0.10 1.00", "%.1f %.2f %.2f", 0.1, 0.1, 0.999);
  PRINTS("   3.14|3.14   |0003.14|+3.1", "%7.2f|%-7.2f|%07.2f|%+.1f", 3.14159,
         3.14159, 3.14159, 3.14159);
  PRINTS("0.1000000000000000055511151231257827", "%.34f", 0.1);
  PRINTS("100000000000000000000.0", "%.1f", 1e20);
  PRINTS("99999.9999999 100000.000000", "%.7f %f", 99999.9999999,
         99999.9999999);
  PRINTS("inf -inf nan|   inf", "%f %f %f|%06f", __builtin_inf(),
         -__builtin_inf(), __builtin_nan(""), __builtin_inf());
  PRINTS("-0.000000 0.000000", "%f %f", -0.0, 5e-324);
  PRINTS("1 2.500 x", "%d %.3f %s", 1, 2.5, "x");
}

// Each printf is one write.
static void
one_write(void)
{
  int fd[2];

  EXPECT_IS(pipe(fd), 0);
  fprintf(fd[1], "%d %s %f %c\n", 1, "two", 3.0, '4');
  EXPECT_IS(read(fd[0], out, sizeof(out)), 17);
  memset(out, 'x', 300);
  out[300] = 0;
  fprintf(fd[1], "%s", out);
  close(fd[1]);
  for (int n = 0, k; n < 300; n += k)
    EXPECT((k = read(fd[0], out + n, 300)) > 0);
  EXPECT_IS(out[299], 'x');
}

static void
parsing(void)
{
  char *end;
  long n;

  EXPECT_IS(atoi("123abc"), 123);
  EXPECT_IS(atoi(""), 0);
  EXPECT_IS(atoi("-5"), 0);
  EXPECT_IS(strtol("-0x1F!", &end, 0), -31);
  EXPECT_IS(*end, '!');
  EXPECT_IS(strtol("077", 0, 0), 63);
  EXPECT_IS(strtol("99999999999999999999", 0, 10), 0x7fffffffffffffff);
  EXPECT(parse_long("-12", &n) && n == -12);
  EXPECT(!parse_long("12x", &n) && !parse_long("", &n));
}

static void
memory(void)
{
  static char a[300], b[300];

  for (int from = 0; from < 20; from++) {
    for (int to = 0; to < 20; to++) {
      for (int n = 0; n < 70; n += 3) {
        for (int i = 0; i < 300; i++)
          a[i] = b[i] = i;
        memmove(a + to, a + from, n);
        for (int i = 0; i < n; i++)
          EXPECT_IS(a[to + i], b[from + i]);
        EXPECT_IS(a[to + n], b[to + n]);
        memset(a + to, from, n);
        for (int i = 0; i < n; i++)
          EXPECT_IS(a[to + i], from);
        EXPECT_IS(a[to + n], b[to + n]);
      }
    }
  }
  EXPECT(memcmp("abc", "abd", 3) < 0 && memcmp("abc", "abd", 2) == 0);
  EXPECT(strcmp("a", "b") < 0 && strcmp("\377", "a") > 0);
  EXPECT_IS(strcmp("", ""), 0);
  EXPECT(strchr("hello", 'l') && !strchr("hello", 'x'));
}

static void
lines(void)
{
  struct reader r;
  int fd[2];

  EXPECT_IS(pipe(fd), 0);
  if (fork() == 0) {
    close(fd[0]);
    fprintf(fd[1], "first\n\n");
    memset(out, 'y', sizeof(out));
    for (int i = 0; i < 20; i++)
      write_all(fd[1], out, sizeof(out));
    fprintf(fd[1], "\nlast");
    exit(0);
  }
  close(fd[1]);
  reader_open(&r, fd[0]);
  EXPECT(reader_line(&r) && strcmp(r.line, "first") == 0);
  EXPECT(reader_line(&r) && r.len == 0);
  EXPECT(reader_line(&r) && r.len == 20 * sizeof(out));
  EXPECT(reader_line(&r) && strcmp(r.line, "last") == 0);
  EXPECT(!reader_line(&r) && !r.error);
  reader_close(&r);
  EXPECT(wait(0) > 0);
}

static void
get_lines(void)
{
  int fd[2];

  EXPECT_IS(pipe(fd), 0);
  fprintf(fd[1], "one\ntwo");
  close(fd[1]);
  close(0);
  EXPECT_IS(dup(fd[0]), 0);
  gets(out, sizeof(out));
  EXPECT_IS(strcmp(out, "one\n"), 0);
  gets(out, 3);
  EXPECT_IS(strcmp(out, "tw"), 0);
  gets(out, sizeof(out));
  EXPECT_IS(strcmp(out, "o"), 0);
  gets(out, sizeof(out));
  EXPECT_IS(out[0], 0);
}

static const struct guest_case cases[] = {
  { "numbers", numbers },
  { "strings", strings },
  { "floats", floats },
  { "one_write", one_write },
  { "parsing", parsing },
  { "memory", memory },
  { "lines", lines },
  { "get_lines", get_lines },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
