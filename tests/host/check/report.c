// report.c - what the parts report, in the order of the table of parts.  A part
// runs in a process of its own, since a policy may do anything, and sends its
// report through a pipe: a letter (N name, U unknown, S says, F fails), the
// name and the text, a line each.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/check/report.h"

#define TAB    '\t'
#define WIDTH  79
#define INDENT 4

// ---- sent ------------------------------------------------------------------

static void
send_line(struct check *c, char kind, const char *name, const char *text)
{
  dprintf(c->out, "%c%s\t%s\n", kind, name, text);
}

static void
send_text(struct check *c, char kind, const char *name, const char *fmt,
          va_list ap)
{
  va_list again;
  char *text;
  int n;

  va_copy(again, ap);
  n = vsnprintf(0, 0, fmt, again);
  va_end(again);
  text = n < 0 ? 0 : malloc(n + 1);
  if (text == 0)
    abort();
  vsnprintf(text, n + 1, fmt, ap);
  for (char *s = text; *s; s++)
    if (*s == '\n' || *s == TAB)
      *s = ' ';
  send_line(c, kind, name, text);
  free(text);
}

void
check_name(struct check *c, const char *name)
{
  send_line(c, 'N', name, "");
}

void
check_unknown(struct check *c, const char *name)
{
  send_line(c, 'U', name, "");
}

void
check_says(struct check *c, const char *name, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  send_text(c, 'S', name, fmt, ap);
  va_end(ap);
}

void
check_fails(struct check *c, const char *name, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  send_text(c, 'F', name, fmt, ap);
  c->failed++;
  va_end(ap);
}

// ---- received --------------------------------------------------------------

static struct name *
name_of(struct report *r, const char *name)
{
  struct name *n;

  for (int i = 0; i < r->n; i++)
    if (strcmp(r->name[i].name, name) == 0)
      return &r->name[i];
  if (r->n == MAXNAME) {
    fprintf(stderr, "check: too many names\n");
    abort();
  }
  n = &r->name[r->n++];
  n->name = strdup(name);
  return n;
}

static void
add_line(struct lines *l, const char *text)
{
  l->line = realloc(l->line, (l->n + 1) * sizeof(*l->line));
  l->line[l->n++] = strdup(text);
}

void
report_fails(struct report *r, const char *name, const char *text)
{
  struct lines *fails = &name_of(r, name)->fails;

  for (int i = 0; i < fails->n; i++) // two parts may find the same
    if (strcmp(fails->line[i], text) == 0)
      return;
  add_line(fails, text);
}

void
report_read(struct report *r, FILE *in)
{
  char *line = 0;
  size_t size = 0;

  while (getline(&line, &size, in) > 0) {
    char *text = strchr(line, TAB);

    if (text == 0)
      continue;
    *text++ = 0;
    text[strcspn(text, "\n")] = 0;
    if (line[0] == 'F')
      report_fails(r, line + 1, text);
    else if (line[0] == 'S')
      add_line(&name_of(r, line + 1)->says, text);
    else
      name_of(r, line + 1)->unknown |= line[0] == 'U';
  }
  free(line);
}

static void
free_lines(struct lines *l)
{
  for (int i = 0; i < l->n; i++)
    free(l->line[i]);
  free(l->line);
}

void
report_free(struct report *r)
{
  for (int i = 0; i < r->n; i++) {
    free_lines(&r->name[i].says);
    free_lines(&r->name[i].fails);
    free(r->name[i].name);
  }
  memset(r, 0, sizeof(*r));
}

// ---- printed ---------------------------------------------------------------

int
report_failing(const struct report *r)
{
  int n = 0;

  for (int i = 0; i < r->n; i++)
    n += r->name[i].fails.n > 0;
  return n;
}

// Text in lines of 79 columns, from a column on; those that follow are
// indented.
static void
print_wrapped(int column, const char *text)
{
  while (*text) {
    int n = (int)strcspn(text, " ");

    if (column > INDENT && column + n > WIDTH)
      column = printf("\n%*s", INDENT, "") - 1;
    column += printf("%.*s", n, text);
    text += n;
    if (*text == ' ') {
      text++;
      if (column + 1 + (int)strcspn(text, " ") <= WIDTH)
        column += printf(" ");
      else
        column = WIDTH;
    }
  }
  printf("\n");
}

// Has another name, listed before, failed in the same way?
static const char *
said_before(const struct report *r, const struct name *n)
{
  for (const struct name *b = r->name; b < n; b++)
    if (b->fails.n > 0 && strcmp(b->fails.line[0], n->fails.line[0]) == 0)
      return b->name;
  return 0;
}

// "contract ok, shares ok, Rule 4 fails: ...", where what fails ends a line.
static void
print_list(const struct report *r)
{
  int column = 0;

  for (int i = 0; i < r->n; i++) {
    const struct name *n = &r->name[i];
    const char *sep = i + 1 < r->n ? "," : "";
    int width = (int)strlen(n->name) + (n->unknown ? 10 : 5);

    if (column > 0 && (n->fails.n > 0 || column + width > WIDTH)) {
      printf("\n");
      column = 0;
    }
    if (n->fails.n > 0) {
      const char *before = said_before(r, n);

      column = printf("%s fails: %s", n->name, before ? "as does " : "");
      print_wrapped(column, before ? before : n->fails.line[0]);
      column = 0;
    } else {
      column += printf("%s%s %s%s", column ? " " : "", n->name,
                       n->unknown ? "unknown" : "ok", sep);
    }
  }
  printf("%s", column ? "\n" : "");
}

static void
print_lines(const struct name *n)
{
  for (int k = 1; k < n->fails.n; k++)
    print_wrapped(printf("  %-10s  fails: ", n->name), n->fails.line[k]);
  for (int k = 0; k < n->says.n; k++)
    print_wrapped(printf("  %-10s  ", n->name), n->says.line[k]);
}

void
report_print(const struct report *r)
{
  print_list(r);
  printf("\n");
  for (int i = 0; i < r->n; i++)
    print_lines(&r->name[i]);
}
