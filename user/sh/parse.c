// parse.c - tokens to a tree, by recursive descent.
//
//     line:     list NEWLINE
//     list:     andor { (; | & | NEWLINE within parentheses) andor }
//     andor:    pipeline { (&& | ||) pipeline }
//     pipeline: [!] command { | command }
//     command:  { word | redirection }  or  ( list ) { redirection }
//
// The first thing that is wrong stops the parse: state is no longer OK, and
// every function returns at once.

#include "user/sh/sh.h"

#define DEPTH 40        // of parentheses

static struct list *parse_list(struct parse *ps);

static bool
ok(const struct parse *ps)
{
  return ps->state == PARSED_OK;
}

static enum token
token(const struct parse *ps)
{
  return ps->lex.token;
}

// The current token should not be here.
static void
unexpected(struct parse *ps)
{
  struct lexer *l = &ps->lex;
  int len = l->to - l->from;

  if (!ok(ps))
    return;
  if (l->token == T_END || l->token == T_UNFINISHED) {
    ps->state = PARSED_MORE;
    return;
  }
  ps->state = PARSED_BAD;
  if (l->token == T_NEWLINE)
    strcpy(ps->message, "unexpected end of line");
  else
    snprintf(ps->message, sizeof(ps->message), "unexpected \"%.*s\"",
             len > 30 ? 30 : len, l->from);
}

static void
bad(struct parse *ps, const char *message)
{
  if (ok(ps))
    strlcpy(ps->message, message, sizeof(ps->message));
  ps->state = PARSED_BAD;
}

static void
advance(struct parse *ps)
{
  lex_next(&ps->lex);
  if (token(ps) == T_UNFINISHED)
    unexpected(ps);
}

// Behind && || | ( a new line may begin.
static void
skip_newlines(struct parse *ps)
{
  while (ok(ps) && token(ps) == T_NEWLINE)
    advance(ps);
}

static struct word *
parse_word(struct parse *ps)
{
  struct word *w = arena_alloc(sizeof(*w));

  w->text = ps->lex.from;
  w->len = ps->lex.to - ps->lex.from;
  advance(ps);
  return w;
}

static struct redir *
parse_redir(struct parse *ps)
{
  struct redir *r = arena_alloc(sizeof(*r));

  r->how = ps->lex.how;
  r->fd = ps->lex.fd;
  if (r->fd > 2) {
    bad(ps, "only descriptors 0, 1 and 2 can be redirected");
    return r;
  }
  advance(ps);
  if (ok(ps) && token(ps) == T_WORD)
    r->target = parse_word(ps);
  else
    unexpected(ps);
  return r;
}

static void
parse_sub(struct parse *ps, struct command *c)
{
  if (++ps->depth > DEPTH) {
    bad(ps, "too many parentheses in one another");
    return;
  }
  advance(ps);
  c->sub = parse_list(ps);
  ps->depth--;
  if (ok(ps) && c->sub == 0)
    unexpected(ps);
  if (ok(ps) && token(ps) != T_CLOSE)
    unexpected(ps);
  if (ok(ps))
    advance(ps);
}

static struct command *
parse_command(struct parse *ps)
{
  struct command *c = arena_alloc(sizeof(*c));
  struct word **word = &c->words;
  struct redir **redir = &c->redirs;

  if (token(ps) == T_OPEN)
    parse_sub(ps, c);
  while (ok(ps)) {
    if (token(ps) == T_REDIR) {
      *redir = parse_redir(ps);
      redir = &(*redir)->next;
    } else if (token(ps) == T_WORD && c->sub == 0) {
      *word = parse_word(ps);
      word = &(*word)->next;
    } else {
      break;
    }
  }
  if (ok(ps) && !c->sub && !c->words && !c->redirs)
    unexpected(ps);
  return c;
}

static struct pipeline *
parse_pipeline(struct parse *ps)
{
  struct pipeline *p = arena_alloc(sizeof(*p));
  struct command **c = &p->first;

  while (ok(ps) && token(ps) == T_NOT) {
    p->invert = !p->invert;
    advance(ps);
  }
  while (ok(ps)) {
    *c = parse_command(ps);
    c = &(*c)->next;
    if (!ok(ps) || token(ps) != T_PIPE)
      break;
    advance(ps);
    skip_newlines(ps);
  }
  return p;
}

static struct pipeline *
parse_andor(struct parse *ps)
{
  struct pipeline *first = 0, **p = &first;

  while (ok(ps)) {
    *p = parse_pipeline(ps);
    if (!ok(ps) || (token(ps) != T_AND && token(ps) != T_OR))
      break;
    (*p)->join = token(ps) == T_AND ? JOIN_AND : JOIN_OR;
    p = &(*p)->next;
    advance(ps);
    skip_newlines(ps);
  }
  return first;
}

static bool
begins_command(enum token t)
{
  return t == T_WORD || t == T_REDIR || t == T_OPEN || t == T_NOT;
}

static struct list *
parse_list(struct parse *ps)
{
  struct list *first = 0, **next = &first;

  for (;;) {
    struct list *l;
    const char *from;

    if (ps->depth > 0)
      skip_newlines(ps);
    if (!ok(ps) || !begins_command(token(ps)))
      return first;
    *next = l = arena_alloc(sizeof(*l));
    next = &l->next;
    from = ps->lex.from;
    l->first = parse_andor(ps);
    if (!ok(ps))
      return first;
    l->text = from;
    l->len = ps->lex.from - from;
    l->background = token(ps) == T_AMP;
    if (token(ps) == T_SEMI || token(ps) == T_AMP)
      advance(ps);
    else if (ps->depth == 0 || token(ps) != T_NEWLINE)
      return first;
  }
}

struct list *
parse_line(struct parse *ps, const char *text)
{
  struct list *l;

  memset(ps, 0, sizeof(*ps));
  ps->lex.p = text;
  advance(ps);
  l = ok(ps) ? parse_list(ps) : 0;
  if (ok(ps) && token(ps) != T_NEWLINE && token(ps) != T_END)
    unexpected(ps);
  return l;
}
