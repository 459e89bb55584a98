// expand.c - words as they were written to arguments.
//
//     'text'   as it stands          $? $$ $!      status, shell's pid, newest
//     "text"   only $ and \ count                  background process
//     \c       c as it stands        $0 $1 .. $9   script and its arguments
//     $NAME ${NAME}  a variable      $# $@ $*      their number, all of them
//
// $@ alone in a word, quoted or not, becomes a word for each argument. A word
// that comes out empty and had no quotes is dropped. Values are not split.

#include "user/sh/sh.h"

struct var {
  struct var *next;
  char *value;
  char name[];
};

static struct var *vars;

// Text under construction.
struct out {
  char *text;
  uint len, cap;
};

static bool
name_char(char c, bool first)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (!first && c >= '0' && c <= '9');
}

static uint
name_length(const char *p, const char *end)
{
  uint n = 0;

  while (p + n < end && name_char(p[n], n == 0))
    n++;
  return n;
}

// ---- variables -------------------------------------------------------------

static struct var *
var_find(const char *name, uint len)
{
  struct var *v = vars;

  while (v && (strncmp(v->name, name, len) || v->name[len]))
    v = v->next;
  return v;
}

const char *
var_value(const char *name)
{
  struct var *v = var_find(name, strlen(name));

  return v ? v->value : 0;
}

static void
var_set(const char *name, uint len, const char *value)
{
  struct var *v = var_find(name, len);
  char *copy = malloc(strlen(value) + 1);

  if (v == 0) {
    v = malloc(sizeof(*v) + len + 1);
    if (v == 0)
      no_memory();
    memcpy(v->name, name, len);
    v->name[len] = 0;
    v->value = 0;
    v->next = vars;
    vars = v;
  }
  if (copy == 0)
    no_memory();
  strcpy(copy, value);
  free(v->value);
  v->value = copy;
}

// ---- building a word -------------------------------------------------------

static void
add(struct out *o, const char *text, uint n)
{
  if (o->len + n + 1 > o->cap) {
    uint cap = (o->len + n + 1) * 2;
    char *bigger = arena_alloc(cap);

    if (o->len > 0)
      memcpy(bigger, o->text, o->len);
    o->text = bigger;
    o->cap = cap;
  }
  memcpy(o->text + o->len, text, n);
  o->len += n;
  o->text[o->len] = 0;
}

static void
add_number(struct out *o, int n)
{
  char text[16];

  add(o, text, snprintf(text, sizeof(text), "%d", n));
}

static void
add_args(struct out *o)
{
  for (int i = 1; i < sh.argc; i++) {
    if (i > 1)
      add(o, " ", 1);
    add(o, sh.argv[i], strlen(sh.argv[i]));
  }
}

static void
add_positional(struct out *o, int i)
{
  const char *value = i == 0 ? sh.script : i < sh.argc ? sh.argv[i] : "";

  add(o, value, strlen(value));
}

static void
add_var(struct out *o, const char *name, uint len)
{
  struct var *v = var_find(name, len);

  if (v)
    add(o, v->value, strlen(v->value));
}

// p is behind a $. Returns what follows what it names.
static const char *
add_special(struct out *o, const char *p, const char *end)
{
  char c = p < end ? *p : 0;
  uint n = name_length(p, end);

  if (n > 0) {
    add_var(o, p, n);
    return p + n;
  }
  if (c == '{') {
    n = name_length(p + 1, end);
    if (n > 0 && p + 1 + n < end && p[1 + n] == '}') {
      add_var(o, p + 1, n);
      return p + n + 2;
    }
  }
  if (c == '?')
    add_number(o, sh.status);
  else if (c == '$')
    add_number(o, sh.pid);
  else if (c == '!')
    add_number(o, sh.last_background);
  else if (c == '#')
    add_number(o, sh.argc > 0 ? sh.argc - 1 : 0);
  else if (c == '@' || c == '*')
    add_args(o);
  else if (c >= '0' && c <= '9')
    add_positional(o, c - '0');
  else {
    add(o, "$", 1);
    return p;
  }
  return p + 1;
}

// p is behind a double quote. Returns what follows the closing one.
static const char *
add_quoted(struct out *o, const char *p, const char *end)
{
  while (p < end && *p != '"') {
    if (*p == '$') {
      p = add_special(o, p + 1, end);
      continue;
    }
    if (*p == '\\' && p + 1 < end && strchr("$\"\\`\n", p[1])) {
      p++;
      if (*p++ != '\n')
        add(o, p - 1, 1);
      continue;
    }
    add(o, p++, 1);
  }
  return p + 1;
}

static const char *
add_literal(struct out *o, const char *p, const char *end)
{
  const char *from = p;

  while (p < end && *p != '\'')
    p++;
  add(o, from, p - from);
  return p + 1;
}

static const char *
add_escaped(struct out *o, const char *p, const char *end)
{
  if (p < end && *p != '\n')
    add(o, p, 1);
  return p + 1;
}

// *quoted: had the word quotes?
static char *
expand(const char *p, const char *end, bool *quoted)
{
  struct out o = { 0, 0, 0 };

  add(&o, "", 0);
  *quoted = false;
  while (p < end) {
    char c = *p++;

    *quoted = *quoted || c == '"' || c == '\'' || c == '\\';
    if (c == '"')
      p = add_quoted(&o, p, end);
    else if (c == '\'')
      p = add_literal(&o, p, end);
    else if (c == '\\')
      p = add_escaped(&o, p, end);
    else if (c == '$')
      p = add_special(&o, p, end);
    else
      add(&o, p - 1, 1);
  }
  return o.text;
}

char *
expand_word(const struct word *w)
{
  bool quoted;

  return expand(w->text, w->text + w->len, &quoted);
}

static bool
is_all_args(const struct word *w)
{
  return (w->len == 2 && memcmp(w->text, "$@", 2) == 0) ||
         (w->len == 4 && memcmp(w->text, "\"$@\"", 4) == 0);
}

char **
expand_words(struct word *words, int *argc)
{
  struct word *w;
  char **argv;
  uint n = 0;

  for (w = words; w; w = w->next)
    n += is_all_args(w) ? sh.argc : 1;
  argv = arena_alloc((n + 1) * sizeof(*argv));
  *argc = 0;
  for (w = words; w; w = w->next) {
    bool quoted;
    char *text;

    if (is_all_args(w)) {
      for (int i = 1; i < sh.argc; i++)
        argv[(*argc)++] = sh.argv[i];
      continue;
    }
    text = expand(w->text, w->text + w->len, &quoted);
    if (*text || quoted)
      argv[(*argc)++] = text;
  }
  return argv;
}

// ---- assignments -----------------------------------------------------------

// The length of NAME if the word is NAME=..., else 0.
static uint
assigned_name(const struct word *w)
{
  uint n = name_length(w->text, w->text + w->len);

  return n < w->len && w->text[n] == '=' ? n : 0;
}

bool
assign_words(struct word *words)
{
  struct word *w;

  for (w = words; w; w = w->next)
    if (assigned_name(w) == 0)
      return false;
  for (w = words; w; w = w->next) {
    uint n = assigned_name(w);
    bool quoted;

    var_set(w->text, n,
            expand(w->text + n + 1, w->text + w->len, &quoted));
  }
  return words != 0;
}
