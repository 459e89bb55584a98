// print.c - formatted print for the kernel.
//
// One walker over the format hands characters to a sink; the console and a
// buffer are the two sinks.

#include "kernel/lib/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "kernel/dev/console.h"
#include "kernel/lib/lock.h"

struct sink {
  void (*put)(struct sink *s, char c);
  char *buf;
  size_t size;
  size_t len;
};

struct spec {
  int width;
  char pad;
  bool left;
  bool wide; // l: 64 bits
};

static void
put_text(struct sink *s, const struct spec *sp, const char *text, int n)
{
  int fill = sp->width - n;

  for (; fill > 0 && !sp->left; fill--)
    s->put(s, sp->pad);
  for (int i = 0; i < n; i++)
    s->put(s, text[i]);
  for (; fill > 0; fill--)
    s->put(s, ' ');
}

static void
put_number(struct sink *s, const struct spec *sp, uint64_t v, int base,
           bool minus)
{
  char digits[24];
  char *d = digits + sizeof(digits);

  do
    *--d = "0123456789abcdef"[v % base];
  while ((v /= base) != 0);
  if (minus)
    *--d = '-';
  put_text(s, sp, d, digits + sizeof(digits) - d);
}

static void
put_string(struct sink *s, const struct spec *sp, const char *text)
{
  int n = 0;

  if (text == 0)
    text = "(null)";
  while (text[n])
    n++;
  put_text(s, sp, text, n);
}

// Parse what stands between % and the letter; returns the letter's place.
static const char *
parse(const char *f, struct spec *sp)
{
  *sp = (struct spec){ .pad = ' ' };
  for (; *f == '-' || *f == '0'; f++)
    if (*f == '-')
      sp->left = true;
    else
      sp->pad = '0';
  for (; *f >= '0' && *f <= '9'; f++)
    sp->width = sp->width * 10 + *f - '0';
  for (; *f == 'l' || *f == 'z'; f++)
    sp->wide = true;
  return f;
}

static uint64_t
argument(const struct spec *sp, va_list *ap, bool is_signed)
{
  if (sp->wide)
    return va_arg(*ap, uint64_t);
  if (is_signed)
    return (int64_t)va_arg(*ap, int);
  return va_arg(*ap, unsigned);
}

static void
convert(struct sink *s, struct spec *sp, char letter, va_list *ap)
{
  int64_t v;

  switch (letter) {
  case 'd':
    v = argument(sp, ap, true);
    put_number(s, sp, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0);
    break;
  case 'u':
    put_number(s, sp, argument(sp, ap, false), 10, false);
    break;
  case 'x':
    put_number(s, sp, argument(sp, ap, false), 16, false);
    break;
  case 'p':
    sp->width = 16;
    sp->pad = '0';
    put_number(s, sp, (uint64_t)va_arg(*ap, void *), 16, false);
    break;
  case 's':
    put_string(s, sp, va_arg(*ap, const char *));
    break;
  case 'c':
    s->put(s, va_arg(*ap, int));
    break;
  default:
    s->put(s, letter);
  }
}

static void
format(struct sink *s, const char *f, va_list *ap)
{
  struct spec sp;

  for (; *f; f++) {
    if (*f != '%') {
      s->put(s, *f);
      continue;
    }
    f = parse(f + 1, &sp);
    if (*f == 0)
      return;
    convert(s, &sp, *f, ap);
  }
}

static void
to_console(struct sink *s, char c)
{
  console_put_sync(c);
}

static void
to_buffer(struct sink *s, char c)
{
  if (s->len + 1 < s->size)
    s->buf[s->len] = c;
  s->len++;
}

int
kvformat(char *buf, size_t size, const char *fmt, va_list ap)
{
  struct sink s = { .put = to_buffer, .buf = buf, .size = size };
  va_list copy;

  va_copy(copy, ap);
  format(&s, fmt, &copy);
  va_end(copy);
  if (size > 0)
    buf[s.len < size ? s.len : size - 1] = 0;
  return s.len;
}

int
kformat(char *buf, size_t size, const char *fmt, ...)
{
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = kvformat(buf, size, fmt, ap);
  va_end(ap);
  return n;
}

void
kprintf(const char *fmt, ...)
{
  struct sink s = { .put = to_console };
  va_list ap;

  console_sync_begin();
  va_start(ap, fmt);
  format(&s, fmt, &ap);
  va_end(ap);
  console_sync_end();
}
