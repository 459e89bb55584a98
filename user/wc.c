// wc.c - count lines, words and bytes of files or of standard input.

#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "user/peach.h"

struct counts {
  uint64 lines, words, bytes;
};

static char buf[4096];

static int
is_blank(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
count(int fd, struct counts *c)
{
  int n, in_word = 0;

  while ((n = read(fd, buf, sizeof(buf))) > 0) {
    c->bytes += n;
    for (int i = 0; i < n; i++) {
      int blank = is_blank(buf[i]);

      c->lines += buf[i] == '\n';
      c->words += !blank && !in_word;
      in_word = !blank;
    }
  }
  return n;
}

static void
show(const struct counts *c, const char *name)
{
  printf("%lu %lu %lu %s\n", c->lines, c->words, c->bytes, name);
}

static int
count_file(const char *name, struct counts *total)
{
  struct counts c = { 0, 0, 0 };
  int fd = open(name, O_RDONLY);
  int result;

  if (fd < 0) {
    warn("wc", "%s: %s", name, why_not(name));
    return 1;
  }
  result = count(fd, &c);
  close(fd);
  if (result < 0) {
    warn("wc", "%s: read error", name);
    return 1;
  }
  show(&c, name);
  total->lines += c.lines;
  total->words += c.words;
  total->bytes += c.bytes;
  return 0;
}

int
main(int argc, char **argv)
{
  struct counts total = { 0, 0, 0 };
  int failed = 0;

  if (argc < 2) {
    if (count(0, &total) < 0) {
      warn("wc", "read error");
      return 1;
    }
    show(&total, "");
    return 0;
  }
  for (int i = 1; i < argc; i++)
    failed |= count_file(argv[i], &total);
  if (argc > 2)
    show(&total, "total");
  return failed;
}
