// input.c - where commands come from.
//
// A file or a text is there as a whole. Standard input is read line by line,
// when the parser wants one: from the console by the editor, from a file or a
// pipe a character a call, since what follows belongs to the commands.

#include "kernel/fcntl.h"
#include "user/sh/sh.h"

void
input_text(struct input *in, const char *text)
{
  memset(in, 0, sizeof(*in));
  in->text = text;
  in->line = 1;
}

void
input_stdin(struct input *in)
{
  input_text(in, "");
  in->more = true;
}

// Room for n more characters and a 0.
static void
make_room(struct input *in, uint n)
{
  uint used = in->buf ? in->text - in->buf : 0;

  if (in->len + n + 1 <= in->cap)
    return;
  in->cap = (in->len + n + 1) * 2;
  in->buf = realloc(in->buf, in->cap);
  if (in->buf == 0)
    no_memory();
  in->text = in->buf + used;
}

bool
input_file(struct input *in, const char *path)
{
  int fd = open(path, O_RDONLY), n;

  if (fd < 0)
    return false;
  input_text(in, "");
  do {
    make_room(in, 4096);
    n = read(fd, in->buf + in->len, 4096);
    in->len += n > 0 ? n : 0;
  } while (n > 0);
  in->buf[in->len] = 0;
  close(fd);
  return n == 0;
}

// Put n bytes behind what is there.
static void
append(struct input *in, const char *text, uint n)
{
  make_room(in, n);
  memcpy(in->buf + in->len, text, n);
  in->len += n;
  in->buf[in->len] = 0;
}

static enum got
edited_line(struct input *in, bool more)
{
  static struct edit edit;
  enum got got = edit_line(&edit, more ? "> " : "$ ", in->text);

  if (got == GOT_LINE) {
    append(in, edit.text, edit.len);
    append(in, "\n", 1);
  }
  // In the middle of a command, ^D ends only that.
  if (got == GOT_END && !more)
    in->more = false;
  return got;
}

static enum got
read_line(struct input *in)
{
  uint before = in->len;
  char c;

  while (read(0, &c, 1) == 1) {
    append(in, &c, 1);
    if (c == '\n')
      break;
  }
  if (in->len == before)
    in->more = false;
  return in->len > before ? GOT_LINE : GOT_END;
}

enum got
input_line(struct input *in, bool more)
{
  if (!in->more)
    return GOT_END;
  return sh.interactive ? edited_line(in, more) : read_line(in);
}

// Standard input's buffer starts afresh; the tree that points into it has
// been run.
void
input_used(struct input *in, const char *p)
{
  for (; in->text < p; in->text++)
    in->line += *in->text == '\n';
  if (in->more && *p == 0 && in->buf) {
    in->text = in->buf;
    in->len = 0;
    in->buf[0] = 0;
  }
}
