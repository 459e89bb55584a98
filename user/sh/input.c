// input.c - where commands come from.
//
// A file or a text is there as a whole. Standard input is read line by line,
// when the parser wants one: from the console a line a call, from a file or a
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

bool
input_line(struct input *in)
{
  int n, most = sh.interactive ? 256 : 1;
  uint before = in->len;

  if (!in->more)
    return false;
  do {
    make_room(in, most);
    n = read(0, in->buf + in->len, most);
    if (n > 0)
      in->len += n;
  } while (n > 0 && in->buf[in->len - 1] != '\n');
  in->buf[in->len] = 0;
  if (in->len == before)
    in->more = false;
  return in->len > before;
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
