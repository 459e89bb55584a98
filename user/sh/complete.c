// complete.c - Tab: the name that the cursor stands behind is completed.
//
// Where a command is expected, with builtins and the programs in the root
// directory and the current one; elsewhere, and where there is a slash, with
// files. As far as all that fit agree; if that adds nothing, a second Tab
// lists them. Which it is, the lexer tells, as it reads the line up to the
// cursor.

#include "kernel/fcntl.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "user/sh/sh.h"

#define MOST 200        // names listed

// The word that ends at the cursor.
struct partial {
  bool command;         // it is the name of a command
  char quote;           // which quotes it is in, or 0
  char path[MAXPATH];   // without quotes
  char *name;           // the last part of path
};

struct names {
  uint n;               // how many fit
  uint common;          // characters that they have in common
  char name[MOST][16];  // the first in the alphabet
};

// ---- the word --------------------------------------------------------------

// Find the word at the end of the text. 0 if none can be completed there.
static const char *
find_word(const char *text, bool *command)
{
  struct lexer l = { .p = text };
  bool file = false;            // the target of a redirection

  *command = true;
  for (;;) {
    lex_next(&l);
    if (l.token == T_END || l.token == T_UNFINISHED ||
        (l.token == T_WORD && *l.to == 0))
      break;
    if (l.token == T_REDIR) {
      file = true;
    } else if (l.token == T_WORD) {
      *command = *command && file;
      file = false;
    } else {
      *command = l.token != T_CLOSE;
      file = false;
    }
  }
  *command = *command && !file;
  return l.from;
}

// Take the quotes off word. False if its value is not known, or too long.
static bool
unquote(struct partial *p, const char *word)
{
  uint n = 0;

  p->quote = 0;
  for (; *word; word++) {
    if (*word == '$' && p->quote != '\'')
      return false;
    if (p->quote ? *word == p->quote : *word == '\'' || *word == '"') {
      p->quote = p->quote ? 0 : *word;
      continue;
    }
    if (*word == '\\' && p->quote != '\'' && word[1])
      word++;
    if (n + 1 == sizeof(p->path))
      return false;
    p->path[n++] = *word;
  }
  p->path[n] = 0;
  p->name = strrchr(p->path, '/');
  p->name = p->name ? p->name + 1 : p->path;
  return true;
}

static bool
find_partial(const struct edit *e, struct partial *p)
{
  uint before = strlen(e->before);
  char *text = arena_alloc(before + e->at + 1);
  const char *word;

  memcpy(text, e->before, before);
  memcpy(text + before, e->text, e->at);
  word = find_word(text, &p->command);
  return word >= text + before && unquote(p, word);
}

// ---- names that fit --------------------------------------------------------

static void
add_name(struct names *ns, const char *name, const char *begin)
{
  uint i, same = 0, kept = ns->n < MOST ? ns->n : MOST;

  if (strncmp(name, begin, strlen(begin)) != 0)
    return;
  for (i = kept; i > 0 && strcmp(name, ns->name[i - 1]) <= 0; i--)
    ;
  if (i < kept && strcmp(name, ns->name[i]) == 0)
    return;
  while (ns->n > 0 && same < ns->common && name[same] == ns->name[0][same])
    same++;
  ns->common = ns->n > 0 ? same : strlen(name);
  ns->n++;
  if (i == MOST)
    return;
  memmove(ns->name[i + 1], ns->name[i],
          ((kept < MOST ? kept : MOST - 1) - i) * sizeof(ns->name[0]));
  strlcpy(ns->name[i], name, sizeof(ns->name[0]));
}

static bool
is_program(const char *path)
{
  char magic[4];
  int fd = open(path, O_RDONLY), n;

  if (fd < 0)
    return false;
  n = read(fd, magic, sizeof(magic));
  close(fd);
  return n == sizeof(magic) && memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

// Those in directory dir; all of them, or programs only.
static void
add_files(struct names *ns, const char *dir, const char *begin, bool programs)
{
  struct dir d;
  char path[MAXPATH];

  if (dir_open(&d, *dir ? dir : ".") < 0)
    return;
  while (dir_next(&d)) {
    if (strncmp(d.name, begin, strlen(begin)) != 0 ||
        (*d.name == '.' && *begin != '.'))
      continue;
    if (programs && !(path_join(path, sizeof(path), dir, d.name) &&
                      is_program(path)))
      continue;
    add_name(ns, d.name, begin);
  }
  dir_close(&d);
}

// The directory that p->path names, with its slash.
static const char *
directory(const struct partial *p, char *out)
{
  uint n = p->name - p->path;

  memcpy(out, p->path, n);
  out[n] = 0;
  return out;
}

static void
gather(struct names *ns, const struct partial *p)
{
  char dir[MAXPATH];
  const char *name;

  if (p->command && p->name == p->path && *p->name) {
    for (uint i = 0; (name = builtin_name(i)) != 0; i++)
      add_name(ns, name, p->name);
    add_files(ns, "/", p->name, true);
    add_files(ns, "", p->name, true);
  }
  if (ns->n == 0)
    add_files(ns, directory(p, dir), p->name, false);
}

static bool
is_directory(const struct partial *p, const char *name)
{
  char dir[MAXPATH], path[MAXPATH];
  struct stat st;

  return path_join(path, sizeof(path), directory(p, dir), name) &&
         stat(path, &st) == 0 && st.type == T_DIR;
}

// ---- what is done about it -------------------------------------------------

// Insert text so that it means itself.
static bool
insert(struct edit *e, char quote, const char *text, uint n)
{
  const char *special = quote == '\'' ? "" : quote ? "\"\\$" :
                        " '\"\\$;&|()<>#!";

  for (uint i = 0; i < n; i++) {
    if (strchr(special, text[i]) && !edit_replace(e, e->at, 0, "\\", 1))
      return false;
    if (!edit_replace(e, e->at, 0, text + i, 1))
      return false;
  }
  return true;
}

// There is but one. What follows it?
static void
finish(struct edit *e, const struct partial *p, const char *name)
{
  if (is_directory(p, name)) {
    edit_replace(e, e->at, 0, "/", 1);
    return;
  }
  if (p->quote)
    edit_replace(e, e->at, 0, &p->quote, 1);
  edit_replace(e, e->at, 0, " ", 1);
}

static void
list_names(struct edit *e, const struct partial *p, const struct names *ns)
{
  uint kept = ns->n < MOST ? ns->n : MOST, across = e->columns / 16;
  char cell[64];

  for (uint i = 0; i < kept; i++) {
    bool dir = is_directory(p, ns->name[i]);

    show_text("\n", i % across == 0);
    show_text(cell, snprintf(cell, sizeof(cell), "%s%-*s", ns->name[i],
                             16 - strlen(ns->name[i]), dir ? "/" : ""));
  }
  if (ns->n > kept)
    show_text(cell, snprintf(cell, sizeof(cell), "\n... and %d more",
                             ns->n - kept));
  show_text("\n", 1);
  show_all(e);
}

void
complete(struct edit *e, bool list)
{
  struct partial p;
  struct names *ns;
  uint begun;

  if (!find_partial(e, &p) || (p.command && p.path[0] == 0))
    return;                     // a blank line's Tab is but a blank
  ns = malloc(sizeof(*ns));
  if (ns == 0)
    return;
  memset(ns, 0, sizeof(*ns));
  gather(ns, &p);
  begun = strlen(p.name);
  if (ns->n == 0 || (ns->n > 1 && ns->common == begun && !list))
    show_text("\a", 1);
  else if (ns->n > 1 && ns->common == begun)
    list_names(e, &p, ns);
  else if (insert(e, p.quote, ns->name[0] + begun, ns->common - begun) &&
           ns->n == 1)
    finish(e, &p, ns->name[0]);
  free(ns);
}
