// verdict.c - does a row hold, and how it is shown.

#include "user/schedtest/schedtest.h"

#define WIDE 32

void
find(struct result *r, enum relation relation, enum unit unit, long measured,
     long expected, long tolerance)
{
  r->relation = relation;
  r->unit = unit;
  r->measured = measured;
  r->expected = expected;
  r->tolerance = tolerance;
}

void
just(struct result *r, enum unit unit, long measured)
{
  find(r, ANY, unit, measured, 0, 0);
}

void
note(struct result *r, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(r->note, sizeof(r->note), fmt, ap);
  va_end(ap);
}

void
skip(struct result *r, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(r->note, sizeof(r->note), fmt, ap);
  va_end(ap);
  r->skipped = true;
}

enum verdict
judge(const struct result *r)
{
  long most_off = r->tolerance + r->late;
  bool above = r->relation != ANY && r->measured > r->expected + most_off;
  bool below = r->relation == ABOUT ? r->measured < r->expected - most_off
               : r->relation == UP_TO && r->measured < -r->tolerance;

  if (r->skipped)
    return SKIPPED;
  if (r->relation == ANY && !r->disturbed && !r->wrong)
    return MEASURED;
  return r->disturbed || r->wrong || above || below ? FAILED : OK;
}

// n, of a unit that is a million times larger or a hundredth, with decimals.
static void
number(char *text, enum unit unit, long n)
{
  const char *sign = n < 0 ? "-" : "";

  n = n < 0 ? -n : n;
  if (unit == UNIT_NS)
    snprintf(text, WIDE, "%s%ld.%03ld", sign, n / MSEC, n % MSEC / USEC);
  else if (unit == UNIT_SHARE)
    snprintf(text, WIDE, "%s%ld.%02ld", sign, n / 10000, n % 10000 / 100);
  else if (unit == UNIT_NUMBER)
    snprintf(text, WIDE, "%s%ld.%03ld", sign, n / PART, n % PART / 1000);
  else
    snprintf(text, WIDE, "%s%ld", sign, n);
}

void
print_head(void)
{
  printf("%-10s %13s %16s %20s  verdict\n", "row", "measured", "expected",
         "tolerance");
}

static void
print_numbers(const struct row *row, const struct result *r)
{
  static const char *const units[] = {
    [UNIT_NS] = "ms",
    [UNIT_SHARE] = "%",
    [UNIT_PIECES] = "",
    [UNIT_NUMBER] = "",
  };
  static const char *const signs[] = {
    [ABOUT] = "",
    [AT_MOST] = "<= ",
    [UP_TO] = "0 to ",
    [ANY] = "",
  };
  char measured[WIDE], expected[WIDE], limit[WIDE], plain[WIDE], late[WIDE];
  char tolerance[2 * WIDE];

  number(measured, r->unit, r->measured);
  number(expected, r->unit, r->expected);
  number(plain, r->unit, r->tolerance);
  number(late, r->unit, r->late);
  snprintf(limit, sizeof(limit), "%s%s", signs[r->relation], expected);
  if (r->relation == ANY)
    strcpy(limit, "-");
  if (r->relation == ANY)
    strcpy(tolerance, "-");
  else if (r->late)
    snprintf(tolerance, sizeof(tolerance), "%s+%s late", plain, late);
  else
    snprintf(tolerance, sizeof(tolerance), "%s", plain);
  printf("%-10s %10s %-2s %16s %20s  ", row->name, measured, units[r->unit],
         limit, tolerance);
}

static const char *
word(enum verdict v)
{
  static const char *const words[] = {
    [OK] = "ok",
    [FAILED] = "FAIL",
    [SKIPPED] = "-",
    [MEASURED] = "-",
  };

  if (options.must_fail)
    return v == FAILED ? "fails" : v == OK ? "HOLDS" : words[v];
  return words[v];
}

void
print_row(const struct row *row, const struct result *r, int tries)
{
  enum verdict v = judge(r);

  if (v == SKIPPED)
    printf("%-10s %10s    %16s %20s  ", row->name, "-", "-", "-");
  else
    print_numbers(row, r);
  printf("%-6s", word(v));
  if (r->disturbed)
    printf("no quiet time on this host; ");
  printf("%s", r->note);
  if (tries > 1)
    printf(" (try %d)", tries);
  printf("\n");
}
