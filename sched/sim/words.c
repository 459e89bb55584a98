// words.c - lines, words, names and numbers of a workload file.

#include "sched/sim/parser.h"

// ---- errors ----------------------------------------------------------------

int
work_append(char *out, int at, int size, const char *s, int n)
{
  for (int i = 0; i < n && s[i] && at < size - 1; i++)
    out[at++] = s[i] < ' ' || s[i] > '~' ? '?' : s[i];
  out[at] = 0;
  return at;
}

int
work_append_number(char *out, int at, int size, int n)
{
  char digit[12];
  int i = sizeof(digit);

  do
    digit[--i] = '0' + n % 10;
  while ((n /= 10) != 0);
  return work_append(out, at, size, digit + i, (int)sizeof(digit) - i);
}

int
work_fail_at(struct work *w, int line, const char *what,
             const struct word *word)
{
  char *e = w->error;
  int size = sizeof(w->error);
  int at = work_append(e, 0, size, w->file, 80);

  at = work_append(e, at, size, ":", 1);
  at = work_append_number(e, at, size, line);
  at = work_append(e, at, size, ": ", 2);
  at = work_append(e, at, size, what, size);
  if (word) {
    at = work_append(e, at, size, ": ", 2);
    work_append(e, at, size, word->s, word->n < 20 ? word->n : 20);
  }
  return -1;
}

int
work_fail(struct parser *p, const char *what)
{
  return work_fail_at(p->w, p->line, what, 0);
}

int
work_fail_word(struct parser *p, const char *what, int i)
{
  return work_fail_at(p->w, p->line, what, &p->word[i]);
}

// ---- words -----------------------------------------------------------------

static bool
blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static bool
ends_word(char c)
{
  return blank(c) || c == '\n' || c == '#';
}

static void
to_next_line(struct parser *p)
{
  while (p->p < p->end && *p->p != '\n')
    p->p++;
  if (p->p < p->end)
    p->p++;
}

int
work_line(struct parser *p)
{
  p->nword = 0;
  while (p->nword == 0 && p->p < p->end) {
    p->line++;
    while (p->p < p->end && *p->p != '\n' && *p->p != '#') {
      const char *s = p->p;

      while (p->p < p->end && !ends_word(*p->p))
        p->p++;
      if (p->p > s && p->nword == WORDS)
        return work_fail(p, "too many words");
      if (p->p > s)
        p->word[p->nword++] = (struct word){ s, (int)(p->p - s) };
      else
        p->p++;
    }
    to_next_line(p);
  }
  return p->nword;
}

bool
work_is(const struct word *a, const char *b)
{
  int i = 0;

  while (i < a->n && b[i] && a->s[i] == b[i])
    i++;
  return i == a->n && b[i] == 0;
}

bool
work_named(const struct word *a)
{
  for (int i = 0; i < a->n; i++) {
    char c = a->s[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool more = (c >= '0' && c <= '9') || c == '_' || c == '-';

    if (!letter && !(i > 0 && more))
      return false;
  }
  return a->n > 0 && a->n < WORK_NAME;
}

void
work_copy(char out[WORK_NAME], const struct word *a)
{
  for (int i = 0; i < a->n; i++)
    out[i] = a->s[i];
  out[a->n] = 0;
}

int
work_intern(char list[][WORK_NAME], int *n, int most, const struct word *a)
{
  for (int i = 0; i < *n; i++)
    if (work_is(a, list[i]))
      return i;
  if (*n == most || !work_named(a))
    return -1;
  work_copy(list[*n], a);
  return (*n)++;
}

// ---- numbers ---------------------------------------------------------------

// Digits up to most; how many bytes they are, 0 if it is no such number.
static int
digits(const struct word *a, int from, int64_t most, int64_t *v)
{
  int i = from;

  *v = 0;
  for (; i < a->n && a->s[i] >= '0' && a->s[i] <= '9'; i++) {
    *v = *v * 10 + (a->s[i] - '0');
    if (*v > most)
      return 0;
  }
  return i - from;
}

static int64_t
unit(const struct word *a, int from)
{
  static const struct {
    const char *name;
    int64_t ns;
  } units[] = {
    { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }
  };
  struct word u = { a->s + from, a->n - from };

  for (int i = 0; i < 4; i++)
    if (work_is(&u, units[i].name))
      return units[i].ns;
  return 0;
}

// A time: digits, perhaps a point and more of them, and a unit.
static bool
time_of(const struct word *a, int64_t *ns)
{
  int64_t whole, part = 0, one, scale = 1;
  int n = digits(a, 0, WORK_MAXTIME, &whole);
  int at = n;

  if (n == 0)
    return false;
  if (at < a->n && a->s[at] == '.') {
    int m = digits(a, at + 1, 999999999, &part);

    if (m == 0 || m > 9)
      return false;
    for (int i = 0; i < m; i++)
      scale *= 10;
    at += 1 + m;
  }
  one = unit(a, at);
  if (one == 0 || whole > WORK_MAXTIME / one)
    return false;
  *ns = whole * one + part * one / scale;
  return *ns <= WORK_MAXTIME;
}

int
work_time(struct parser *p, int i, int64_t *ns)
{
  if (i >= p->nword)
    return work_fail(p, "a time is missing, such as 10ms");
  if (!time_of(&p->word[i], ns))
    return work_fail_word(p, "not a time, such as 10ms or 1.5s", i);
  return 0;
}

int
work_count(struct parser *p, int i, int from, int64_t *n)
{
  const struct word *a = &p->word[i];
  int len = digits(a, from, WORK_MAXCOUNT, n);

  if (len == 0 || from + len != a->n || *n == 0)
    return work_fail_word(p, "not a number from 1 to 1000000", i);
  return 0;
}

int
work_value(struct parser *p, int i, int64_t *v)
{
  const struct word *a = &p->word[i];
  int minus = a->s[0] == '-';
  int len = digits(a, minus, WORK_MAXTIME, v);

  if (len > 0 && minus + len == a->n) {
    *v = minus ? -*v : *v;
    return 0;
  }
  if (!time_of(a, v))
    return work_fail_word(p, "not a number or a time", i);
  return 0;
}
