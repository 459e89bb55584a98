// lex.c - text to tokens.
//
// A word stays as it was written; what its quotes mean is found out when it
// is expanded. T_UNFINISHED says that the text ended within quotes or behind
// a backslash.

#include "user/sh/sh.h"

static bool
is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// Does this character end a word?
static bool
ends_word(char c)
{
  return c == 0 || strchr(" \t\r\n;&|()<>", c);
}

// Skip blanks, joined lines and a comment.
static const char *
skip(const char *p)
{
  for (;;) {
    if (*p == ' ' || *p == '\t' || *p == '\r')
      p++;
    else if (p[0] == '\\' && p[1] == '\n')
      p += 2;
    else
      break;
  }
  if (*p == '#')
    while (*p && *p != '\n')
      p++;
  return p;
}

// The end of a quoted part that begins at p, or 0.
static const char *
skip_quotes(const char *p)
{
  char quote = *p++;

  while (*p && *p != quote) {
    if (*p == '\\' && quote == '"' && p[1])
      p++;
    p++;
  }
  return *p ? p + 1 : 0;
}

static void
take(struct lexer *l, enum token token, const char *to)
{
  l->token = token;
  l->to = l->p = to;
}

static void
lex_word(struct lexer *l)
{
  const char *p = l->from;

  while (p && !ends_word(*p)) {
    if (*p == '\'' || *p == '"')
      p = skip_quotes(p);
    else if (*p == '\\')
      p = p[1] ? p + 2 : 0;
    else
      p++;
  }
  if (p == 0)
    take(l, T_UNFINISHED, l->from + strlen(l->from));
  else
    take(l, T_WORD, p);
}

// At < or >, which a digit may precede.
static void
lex_redir(struct lexer *l)
{
  const char *p = l->from;

  l->fd = is_digit(*p) ? *p++ - '0' : -1;
  l->how = *p == '<' ? REDIR_IN : REDIR_OUT;
  if (l->fd < 0)
    l->fd = l->how == REDIR_IN ? 0 : 1;
  p++;
  if (*p == '&') {
    l->how = REDIR_DUP;
    p++;
  } else if (l->how == REDIR_OUT && *p == '>') {
    l->how = REDIR_APPEND;
    p++;
  }
  take(l, T_REDIR, p);
}

// A sign that may stand twice.
static void
lex_twice(struct lexer *l, enum token once, enum token twice)
{
  if (l->from[1] == l->from[0])
    take(l, twice, l->from + 2);
  else
    take(l, once, l->from + 1);
}

void
lex_next(struct lexer *l)
{
  const char *p = l->from = skip(l->p);

  if (*p == 0)
    take(l, T_END, p);
  else if (*p == '\n')
    take(l, T_NEWLINE, p + 1);
  else if (*p == ';')
    take(l, T_SEMI, p + 1);
  else if (*p == '&')
    lex_twice(l, T_AMP, T_AND);
  else if (*p == '|')
    lex_twice(l, T_PIPE, T_OR);
  else if (*p == '(')
    take(l, T_OPEN, p + 1);
  else if (*p == ')')
    take(l, T_CLOSE, p + 1);
  else if (*p == '<' || *p == '>')
    lex_redir(l);
  else if (is_digit(p[0]) && (p[1] == '<' || p[1] == '>'))
    lex_redir(l);
  else if (p[0] == '!' && ends_word(p[1]))
    take(l, T_NOT, p + 1);
  else
    lex_word(l);
}
