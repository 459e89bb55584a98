// grep.c - print the lines that match a pattern: status 0 if there were some,
// 1 if not, 2 after an error.
//
//     .  any character    x*  any number of x    ^ $  begin and end of the line
//     \x x itself
//
// A pattern is a row of elements. Matching keeps the set of all places in it
// that the characters so far may have led to, and steps the whole set by each
// character: no pattern takes more than its length times the line's.

#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "user/peach.h"

#define MOST 255        // elements

struct element {
  char c;
  char any;             // stands for every character
  char star;
};

struct pattern {
  int begin, end;       // anchored there
  int n;
  struct element e[MOST];
};

// Places in a pattern: at[i] is 1 if elements 0 to i-1 are matched.
struct places {
  char at[MOST + 1];
};

static struct pattern pattern;
static int invert, quiet, numbers, only_count;

static int
compile(struct pattern *pt, const char *p)
{
  pt->begin = *p == '^';
  if (pt->begin)
    p++;
  while (*p) {
    struct element e = { *p, *p == '.', 0 };

    if (p[0] == '$' && p[1] == 0) {
      pt->end = 1;
      break;
    }
    if (p[0] == '\\' && p[1])
      e = (struct element){ *++p, 0, 0 };
    p++;
    if (*p == '*') {
      e.star = 1;
      p++;
    }
    if (pt->n == MOST)
      return -1;
    pt->e[pt->n++] = e;
  }
  return 0;
}

// To a place i, and to those behind that an empty star leads to.
static void
enter(const struct pattern *pt, struct places *pl, int i)
{
  pl->at[i] = 1;
  while (i < pt->n && pt->e[i].star)
    pl->at[++i] = 1;
}

static void
step(const struct pattern *pt, struct places *pl, char c)
{
  struct places next;

  memset(&next, 0, pt->n + 1);
  for (int i = 0; i < pt->n; i++) {
    const struct element *e = &pt->e[i];

    if (pl->at[i] && (e->any || e->c == c))
      enter(pt, &next, e->star ? i : i + 1);
  }
  memcpy(pl, &next, pt->n + 1);
}

static int
matches(const struct pattern *pt, const char *line, uint len)
{
  struct places pl;

  memset(&pl, 0, pt->n + 1);
  for (uint i = 0; i <= len; i++) {
    if (i == 0 || !pt->begin)
      enter(pt, &pl, 0);
    if (pl.at[pt->n] && (!pt->end || i == len))
      return 1;
    if (i < len)
      step(pt, &pl, line[i]);
  }
  return 0;
}

static void
print(const char *prefix, long nr, struct reader *r)
{
  if (prefix)
    printf("%s:", prefix);
  if (numbers)
    printf("%ld:", nr);
  r->line[r->len] = '\n';
  write_all(1, r->line, r->len + 1);
}

// Returns 0 if a line matched, 1 if none, 2 after an error.
static int
search(int fd, const char *name, const char *prefix)
{
  struct reader r;
  long nr = 0, found = 0;
  int error;

  reader_open(&r, fd);
  while (reader_line(&r)) {
    nr++;
    if (matches(&pattern, r.line, r.len) == invert)
      continue;
    found++;
    if (quiet)
      break;
    if (!only_count)
      print(prefix, nr, &r);
  }
  error = r.error;
  reader_close(&r);
  if (only_count && prefix)
    printf("%s:%ld\n", prefix, found);
  else if (only_count)
    printf("%ld\n", found);
  if (error)
    warn("grep", "%s: read error", name);
  return error ? 2 : found == 0;
}

static int
search_files(int n, char **names)
{
  int result = 1;

  for (int i = 0; i < n; i++) {
    int fd = open(names[i], O_RDONLY), one = 2;

    if (fd < 0) {
      warn("grep", "%s: %s", names[i], why_not(names[i]));
    } else {
      one = search(fd, names[i], n > 1 ? names[i] : 0);
      close(fd);
    }
    if (one == 2 || result == 2)
      result = 2;
    else if (one == 0)
      result = 0;
  }
  return result;
}

static int
option(const char *arg)
{
  for (arg++; *arg; arg++) {
    if (*arg == 'v')
      invert = 1;
    else if (*arg == 'q')
      quiet = 1;
    else if (*arg == 'n')
      numbers = 1;
    else if (*arg == 'c')
      only_count = 1;
    else
      return -1;
  }
  return 0;
}

int
main(int argc, char **argv)
{
  int i = 1;

  for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
    if (option(argv[i]) < 0)
      i = argc;
  }
  if (i >= argc) {
    fprintf(2, "usage: grep [-cnqv] PATTERN [FILE..]\n"
               "  . any character, x* any number of x, ^ begin, $ end\n");
    return 2;
  }
  if (compile(&pattern, argv[i]) < 0) {
    warn("grep", "the pattern has more than %d elements", MOST);
    return 2;
  }
  if (i + 1 == argc)
    return search(0, "standard input", 0);
  return search_files(argc - i - 1, argv + i + 1);
}
