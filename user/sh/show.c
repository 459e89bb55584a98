// show.c - the line that is edited, on the screen.
//
// The line stays on one row. What does not fit is cut off, and a `<` stands
// for what is left out before it. The width is that of the variable COLUMNS,
// or 80. All moves are relative, so it does not matter where the row began.

#include "user/sh/sh.h"

#define COLUMNS 80
#define FEWEST 20

static char out[256];
static uint out_len;

void
show_flush(void)
{
  write_all(2, out, out_len);
  out_len = 0;
}

void
show_text(const char *text, uint n)
{
  for (uint i = 0; i < n; i++) {
    if (out_len == sizeof(out))
      show_flush();
    out[out_len++] = text[i];
  }
}

// ---- characters: a byte 10xxxxxx goes on with the one before it ------------

static bool
begins_char(char c)
{
  return (c & 0xc0) != 0x80;
}

uint
char_next(const struct edit *e, uint i)
{
  while (i < e->len && !begins_char(e->text[++i]))
    ;
  return i;
}

uint
char_before(const struct edit *e, uint i)
{
  while (i > 0 && !begins_char(e->text[--i]))
    ;
  return i;
}

static uint
width(const struct edit *e, uint from, uint to)
{
  uint n = 0;

  for (uint i = from; i < to; i++)
    n += begins_char(e->text[i]);
  return n;
}

// ---- the row ---------------------------------------------------------------

static void
move_to(struct edit *e, uint column)
{
  char text[16];
  int n = column - e->column;

  if (n < 0 && n > -4)
    show_text("\b\b\b", -n);
  else if (n < 0)
    show_text(text, snprintf(text, sizeof(text), "\033[%dD", -n));
  else if (n > 0)
    show_text(text, snprintf(text, sizeof(text), "\033[%dC", n));
  e->column = column;
}

// Is the cursor, with a character before it, on the row?
static bool
in_view(const struct edit *e)
{
  return (e->left == 0 || e->at > e->left) &&
         width(e, e->left, e->at) <= e->columns;
}

// Choose what is shown, so that the cursor is. Has that changed?
static bool
scroll(struct edit *e)
{
  uint before = e->left;

  if (e->left > 0 && width(e, 0, e->len) <= e->columns)
    e->left = 0;
  if (!in_view(e)) {
    e->left = e->at;
    for (uint n = e->columns / 2; n > 0; n--)
      e->left = char_before(e, e->left);
  }
  return e->left != before;
}

// Show the text from byte i on, and clear what was longer.
static void
draw(struct edit *e, uint i)
{
  move_to(e, width(e, e->left, i));
  while (i < e->len && e->column < e->columns) {
    uint next = char_next(e, i);

    if (i == e->left && i > 0)
      show_text("<", 1);
    else
      show_text(e->text + i, next - i);
    i = next;
    e->column++;
  }
  if (e->column < e->shown)
    show_text("\033[K", 3);
  e->shown = e->column;
  move_to(e, width(e, e->left, e->at));
}

void
show_change(struct edit *e, uint from)
{
  if (scroll(e) || from < e->left)
    from = e->left;
  while (from > e->left && !begins_char(e->text[from]))
    from--;
  draw(e, from);
}

void
show_cursor(struct edit *e)
{
  if (scroll(e))
    draw(e, e->left);
  else
    move_to(e, width(e, e->left, e->at));
}

// How many characters fit behind the prompt; the last column stays free for
// the cursor.
static uint
room(const struct edit *e)
{
  const char *value = var_value("COLUMNS");
  uint used = strlen(e->prompt) + 1;
  long n;

  if (value == 0 || !parse_long(value, &n) || n < FEWEST || n > 10000)
    n = COLUMNS;
  return n - used;
}

void
show_all(struct edit *e)
{
  e->columns = room(e);
  e->left = e->column = e->shown = 0;
  show_text(e->prompt, strlen(e->prompt));
  show_change(e, 0);
}
