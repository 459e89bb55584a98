// edit.c - a line from the console, edited with the keys that most shells
// have.
//
// While the user types, the console is in keys mode (docs/console.md): each
// key comes as it is, without echo. When the shell gives the console to a
// job, or ends, it goes back to lines by itself.

#include "user/sh/sh.h"

#define LONGEST 4000    // line

#define CTRL(c) ((c) & 0x1f)
#define ESCAPE 0x1b

// Keys that send more than one byte.
enum key {
  KEY_NONE = 0x100, KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END,
  KEY_DELETE, KEY_WORD_LEFT, KEY_WORD_RIGHT,
};

static void
bell(void)
{
  show_text("\a", 1);
}

// ---- keys ------------------------------------------------------------------

// -1: the console is lost, or the shell killed.
static int
next_byte(void)
{
  unsigned char c;

  return read(0, &c, 1) == 1 ? c : -1;
}

// The key of ESC [ n ; modifier final.
static int
sequence_key(int final, int n, int modifier)
{
  switch (final) {
  case 'A':
    return KEY_UP;
  case 'B':
    return KEY_DOWN;
  case 'C':
    return modifier > 1 ? KEY_WORD_RIGHT : KEY_RIGHT;
  case 'D':
    return modifier > 1 ? KEY_WORD_LEFT : KEY_LEFT;
  case 'H':
    return KEY_HOME;
  case 'F':
    return KEY_END;
  case '~':
    return n == 1 || n == 7   ? KEY_HOME
           : n == 4 || n == 8 ? KEY_END
           : n == 3           ? KEY_DELETE
                              : KEY_NONE;
  }
  return KEY_NONE;
}

// What follows an ESC: a sequence, or a key with Alt.
static int
escaped_key(void)
{
  int c = next_byte(), n[2] = { 0, 0 }, i = 0;

  if (c == 'b' || c == 'f')
    return c == 'b' ? KEY_WORD_LEFT : KEY_WORD_RIGHT;
  if (c != '[' && c != 'O')
    return c < ' ' ? c : KEY_NONE;
  while ((c = next_byte()) == ';' || (c >= '0' && c <= '9')) {
    if (c == ';')
      i = 1;
    else if (n[i] < 1000)
      n[i] = n[i] * 10 + c - '0';
  }
  return c < ' ' ? c : sequence_key(c, n[0], n[1]);
}

static int
next_key(void)
{
  int c;

  do {
    show_flush();
    c = next_byte();
    while (c == ESCAPE)
      c = escaped_key();
  } while (c == KEY_NONE);
  return c;
}

// ---- changes ---------------------------------------------------------------

bool
edit_replace(struct edit *e, uint from, uint n, const char *text, uint len)
{
  uint all = e->len - n + len;

  if (all > LONGEST) {
    bell();
    return false;
  }
  if (all + 1 > e->cap) {
    e->cap = (all + 1) * 2;
    e->text = realloc(e->text, e->cap);
    if (e->text == 0)
      no_memory();
  }
  memmove(e->text + from + len, e->text + from + n, e->len - from - n);
  memcpy(e->text + from, text, len);
  e->len = all;
  e->text[all] = 0;
  e->at = from + len;
  show_change(e, from);
  return true;
}

static void
cut(struct edit *e, uint from, uint to)
{
  edit_replace(e, from, to - from, "", 0);
}

static void
move(struct edit *e, uint at)
{
  e->at = at;
  show_cursor(e);
}

// Where the word before the cursor begins, and the one behind it ends.
static uint
word_start(const struct edit *e)
{
  uint i = e->at;

  while (i > 0 && e->text[i - 1] == ' ')
    i--;
  while (i > 0 && e->text[i - 1] != ' ')
    i--;
  return i;
}

static uint
word_end(const struct edit *e)
{
  uint i = e->at;

  while (i < e->len && e->text[i] == ' ')
    i++;
  while (i < e->len && e->text[i] != ' ')
    i++;
  return i;
}

// Show the line that was entered `back` lines ago, or the new one.
static void
recall(struct edit *e, uint back)
{
  const char *line = back > 0 ? history_line(back) : e->kept;

  if (line == 0) {
    bell();
    return;
  }
  if (e->back == 0) {
    free(e->kept);
    e->kept = malloc(e->len + 1);
    if (e->kept == 0)
      no_memory();
    strcpy(e->kept, e->text);
  }
  e->back = back;
  edit_replace(e, 0, e->len, line, strlen(line));
}

// ^L, and ^P, which has printed something below the line.
static void
redraw(struct edit *e, bool clear)
{
  if (clear)
    show_text("\033[H\033[J", 6);
  show_all(e);
}

// ---- a line ----------------------------------------------------------------

// Keys that move the cursor, or change the line.
static void
act(struct edit *e, int key)
{
  char c = key;

  switch (key) {
  case CTRL('A'):
  case KEY_HOME:
    return move(e, 0);
  case CTRL('E'):
  case KEY_END:
    return move(e, e->len);
  case CTRL('B'):
  case KEY_LEFT:
    return move(e, char_before(e, e->at));
  case CTRL('F'):
  case KEY_RIGHT:
    return move(e, char_next(e, e->at));
  case KEY_WORD_LEFT:
    return move(e, word_start(e));
  case KEY_WORD_RIGHT:
    return move(e, word_end(e));
  case CTRL('H'):
  case 0x7f:
    return cut(e, char_before(e, e->at), e->at);
  case CTRL('D'):
  case KEY_DELETE:
    return cut(e, e->at, char_next(e, e->at));
  case CTRL('U'):
    return cut(e, 0, e->at);
  case CTRL('W'):
    return cut(e, word_start(e), e->at);
  case CTRL('K'):
    edit_replace(e, e->at, e->len - e->at, "", 0);
    return;
  case KEY_UP:
    return recall(e, e->back + 1);
  case CTRL('N'):
  case KEY_DOWN:
    return recall(e, e->back > 0 ? e->back - 1 : ~0u);
  case CTRL('L'):
    return redraw(e, true);
  case CTRL('P'):
    return redraw(e, false);
  }
  if (key >= ' ' && key < KEY_NONE)
    edit_replace(e, e->at, 0, &c, 1);
}

static void
begin(struct edit *e, const char *prompt, const char *before)
{
  e->prompt = prompt;
  e->before = before;
  e->len = e->at = e->back = 0;
  free(e->kept);
  e->kept = 0;
  // In this order: what is typed when the prompt is seen is not echoed.
  tcsetpgrp(0, 0);
  console_mode(0, CONSOLE_KEYS);
  show_all(e);
}

static enum got
end(const char *last, enum got got)
{
  show_text(last, strlen(last));
  show_flush();
  return got;
}

enum got
edit_line(struct edit *e, const char *prompt, const char *before)
{
  int key, last = 0;

  begin(e, prompt, before);
  for (;; last = key) {
    key = next_key();
    if (key < 0 || (key == CTRL('D') && e->len == 0))
      return end("\n", GOT_END);
    if (key == CTRL('C'))
      return end("^C\n", GOT_DROPPED);
    if (key == '\r' || key == '\n') {
      history_add(e->len > 0 ? e->text : "");
      return end("\n", GOT_LINE);
    }
    if (key == '\t')
      complete(e, last == '\t');
    else
      act(e, key);
  }
}
