// param.c - a policy's parameters, from words like "slice=10ms levels=3".
//
// A word is NAME=VALUE.  A time is a number with ns, us, ms or s, which may
// have a fraction ("1.5ms"); a bare 0 needs no unit.  A count is a number.  A
// parameter may take a list, "slice=10ms,20ms,40ms".
// What is wrong is said in full, as the user sees only that line.

#include "sched/inside.h"

#define MAXVALUE (INT64_MAX / 10)

struct unit {
  const char *name;
  int64_t ns;
};

static const struct unit units[] = {
  // the largest first
  { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 }, { 0 },
};

// A message under construction.
struct text {
  char *at;
  size_t left; // bytes, with the one for the final 0
};

static void
add(struct text *out, const char *s)
{
  for (; *s && out->left > 1; s++, out->left--)
    *out->at++ = *s;
  if (out->left > 0)
    *out->at = 0;
}

static void
add_number(struct text *out, int64_t n)
{
  char digits[24];
  char *p = digits + sizeof(digits) - 1;
  uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;

  *p = 0;
  do
    *--p = '0' + u % 10;
  while ((u /= 10) > 0);
  if (n < 0)
    *--p = '-';
  add(out, p);
}

static void
add_value(struct text *out, enum sched_unit unit, int64_t value)
{
  const struct unit *u = units;

  if (unit == UNIT_COUNT || value == 0) {
    add_number(out, value);
    return;
  }
  while (value % u->ns != 0)
    u++;
  add_number(out, value / u->ns);
  add(out, u->name);
}

static bool
digit(char c)
{
  return c >= '0' && c <= '9';
}

// Read digits from *s.  -1 if there are none, or too many.
static int64_t
number(const char **s)
{
  int64_t n = 0;

  if (!digit(**s))
    return -1;
  for (; digit(**s); (*s)++) {
    if (n > MAXVALUE / 10)
      return -1;
    n = n * 10 + (**s - '0');
  }
  return n;
}

// Read ".5" from *s, as a fraction of `whole`.
static int64_t
fraction(const char **s, int64_t whole)
{
  int64_t n = 0;

  if (**s != '.')
    return 0;
  for ((*s)++; digit(**s); (*s)++) {
    whole /= 10;
    n += whole * (**s - '0');
  }
  return n;
}

static bool
read_time(const char *s, int64_t *out)
{
  int64_t n = number(&s);
  const char *frac = s;

  fraction(&s, 0);
  if (n < 0 || s == frac + 1) // or a point and no digits
    return false;
  *out = 0;
  if (n == 0 && *s == 0)
    return true;
  for (const struct unit *u = units; u->name; u++)
    if (same_word(s, u->name) && n <= MAXVALUE / u->ns) {
      *out = n * u->ns + fraction(&frac, u->ns);
      return true;
    }
  return false;
}

static bool
read_count(const char *s, int64_t *out)
{
  bool negative = *s == '-';
  int64_t n;

  s += negative;
  n = number(&s);
  *out = negative ? -n : n;
  return n >= 0 && *s == 0;
}

// The entry that the word up to `=` names, or 0.
static const struct sched_param *
find_param(const struct sched_policy *policy, const char *word)
{
  for (const struct sched_param *p = policy->params; p && p->name; p++) {
    const char *name = p->name;
    const char *w = word;

    while (*name && *name == *w)
      name++, w++;
    if (*name == 0 && (*w == '=' || *w == 0))
      return p;
  }
  return 0;
}

static void
say_unknown(struct text *out, const struct sched_policy *policy)
{
  const struct sched_param *p = policy->params;

  add(out, policy->name);
  if (p == 0 || p->name == 0) {
    add(out, " has no parameters");
    return;
  }
  add(out, " has no such parameter; it has");
  for (; p->name; p++) {
    add(out, " ");
    add(out, p->name);
  }
}

static void
say_range(struct text *out, const struct sched_param *p)
{
  add(out, "out of range, which is ");
  add_value(out, p->unit, p->min);
  add(out, " to ");
  add_value(out, p->unit, p->max);
  if (p->or_zero)
    add(out, ", or 0");
}

int
sched_params_init(const struct sched_policy *policy, int64_t *values)
{
  const struct sched_param *p = policy->params;
  int n = 0;

  for (; p && p[n].name; n++) {
    values[n] = p[n].init;
    for (int i = 0; i < p[n].more; i++)
      values[p[n].more_at + i] = 0;
  }
  return n;
}

static bool
in_range(const struct sched_param *p, int64_t value)
{
  return (value >= p->min && value <= p->max) || (p->or_zero && value == 0);
}

// Read from s a value, or as many as there may be.  Their number; 0 and a
// message if that cannot be.
static int
read_values(const struct sched_param *p, const char *s, int64_t *value,
            struct text *out)
{
  char item[64];
  int n = 0;

  do {
    size_t len = 0;

    while (*s && (*s != ',' || p->more == 0) && len + 1 < sizeof(item))
      item[len++] = *s++;
    item[len] = 0;
    if (!(p->unit == UNIT_TIME ? read_time(item, &value[n])
                               : read_count(item, &value[n]))) {
      add(out, p->unit == UNIT_TIME
                 ? "not a time; write a number and ns, us, ms or s"
                 : "not a number");
      return 0;
    }
    if (!in_range(p, value[n])) {
      say_range(out, p);
      return 0;
    }
  } while (++n <= p->more && *s == ',' && s++);
  if (*s == 0)
    return n;
  add(out, "too many values");
  return 0;
}

int
sched_param_set(const struct sched_policy *policy, int64_t *values,
                const char *word, char *err, size_t errsize)
{
  const struct sched_param *p = find_param(policy, word);
  struct text out = { err, errsize };
  const char *s = word;
  int64_t value[SCHED_MAXLIST] = { 0 };

  add(&out, word);
  add(&out, ": ");
  while (*s && *s != '=')
    s++;
  if (p == 0) {
    say_unknown(&out, policy);
    return -1;
  }
  if (*s == 0 || *++s == 0) {
    add(&out, p->unit == UNIT_TIME ? "no value; write it as in 10ms"
                                   : "no value; write a number");
    return -1;
  }
  if (read_values(p, s, value, &out) == 0)
    return -1;
  values[p - policy->params] = value[0];
  for (int i = 0; i < p->more; i++)
    values[p->more_at + i] = value[1 + i];
  return 0;
}
