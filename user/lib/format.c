// format.c - the engine of the printf family: text goes to a sink piece by
// piece, so that the same code prints to files and into memory.
//
//     %[-+ 0#][width][.precision][l|ll|h|hh|z]conversion
//
// Conversions are d i u x X o p s c f and %; width and precision may be *.
// A lone %l, as xv6 of 2022 has it, prints 64 bits as an unsigned decimal,
// %p prints 0x and 16 digits, and a null string prints (null). What is not
// understood is printed as it stands, to draw attention.

#include <stdbool.h>

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/user.h"

struct spec {
  bool left, zero, plus, space, alt;
  bool wide;            // an argument of 64 bits
  int width;
  int prec;             // -1: not given
};

// A converted argument: width is filled up before the prefix with blanks or
// behind it with zeros.
struct field {
  const char *prefix;   // sign or 0x
  const char *body;
  uint len;             // of body
  uint zeros;           // between the two
  uint tail;            // zeros behind the body
};

struct args {
  va_list ap;
};

static void
put(struct sink *s, const char *text, uint n)
{
  if (n > 0)
    s->put(s, text, n);
}

static void
pad(struct sink *s, char c, int n)
{
  static const char blanks[] = "                ";
  static const char zeros[] = "0000000000000000";
  int most = sizeof(blanks) - 1;

  for (; n > 0; n -= most)
    put(s, c == '0' ? zeros : blanks, n < most ? n : most);
}

static void
put_field(struct sink *s, const struct spec *sp, const struct field *f)
{
  uint prefix = strlen(f->prefix);
  int fill = sp->width - (int)(prefix + f->zeros + f->len + f->tail);

  if (!sp->left && !sp->zero)
    pad(s, ' ', fill);
  put(s, f->prefix, prefix);
  if (!sp->left && sp->zero)
    pad(s, '0', fill);
  pad(s, '0', f->zeros);
  put(s, f->body, f->len);
  pad(s, '0', f->tail);
  if (sp->left)
    pad(s, ' ', fill);
}

static void
put_string(struct sink *s, struct spec *sp, const char *text)
{
  struct field f = { "", text ? text : "(null)", 0, 0, 0 };

  while ((sp->prec < 0 || f.len < (uint)sp->prec) && f.body[f.len])
    f.len++;
  sp->zero = false;
  put_field(s, sp, &f);
}

static const char *
sign(const struct spec *sp, bool minus)
{
  return minus ? "-" : sp->plus ? "+" : sp->space ? " " : "";
}

// Write n in the given base so that it ends before end; where it begins.
static char *
digits(char *end, uint64 n, uint base, const char *set)
{
  do {
    *--end = set[n % base];
    n /= base;
  } while (n);
  return end;
}

static void
put_number(struct sink *s, struct spec *sp, char kind, uint64 n)
{
  bool minus = (kind == 'd' || kind == 'i') && (long)n < 0;
  uint base = kind == 'x' || kind == 'X' ? 16 : kind == 'o' ? 8 : 10;
  const char *set = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  char text[24], *end = text + sizeof(text);
  struct field f = { "", 0, 0, 0, 0 };

  if (kind == 'd' || kind == 'i')
    f.prefix = sign(sp, minus);
  else if (sp->alt && n && base != 10)
    f.prefix = kind == 'x' ? "0x" : kind == 'X' ? "0X" : "0";
  f.body = digits(end, minus ? -n : n, base, set);
  f.len = end - f.body;
  if (sp->prec == 0 && n == 0)
    f.len = 0;
  if (sp->prec > (int)f.len)
    f.zeros = sp->prec - f.len;
  if (sp->prec >= 0)
    sp->zero = false;
  put_field(s, sp, &f);
}

static void
put_pointer(struct sink *s, struct spec *sp, uint64 p)
{
  char text[24], *end = text + sizeof(text);
  struct field f = { "0x", digits(end, p, 16, "0123456789abcdef"), 0, 0,
                     0 };

  f.len = end - f.body;
  f.zeros = 16 - f.len;
  sp->zero = false;
  put_field(s, sp, &f);
}

// Not inlined, so that only programs that print such a number need the stack
// for its digits.
static __attribute__((noinline)) void
put_float(struct sink *s, struct spec *sp, uint64 bits)
{
  char text[FLOAT_MAX];
  int prec = sp->prec < 0 ? 6 : sp->prec;
  int cut = prec < FLOAT_PREC ? prec : FLOAT_PREC;
  bool finite = (bits >> 52 & 0x7ff) != 0x7ff;
  struct field f = { sign(sp, bits >> 63), text, 0, 0, 0 };

  if (finite) {
    f.len = __float_digits(text, bits, cut);
    f.tail = prec - cut;
  } else {
    f.body = bits << 12 ? "nan" : "inf";
    f.len = 3;
    sp->zero = false;
  }
  put_field(s, sp, &f);
}

// ---- reading a conversion --------------------------------------------------

static const char *
flags(const char *p, struct spec *sp)
{
  for (;; p++) {
    if (*p == '-')
      sp->left = true;
    else if (*p == '0')
      sp->zero = true;
    else if (*p == '+')
      sp->plus = true;
    else if (*p == ' ')
      sp->space = true;
    else if (*p == '#')
      sp->alt = true;
    else
      return p;
  }
}

static const char *
amount(const char *p, struct args *a, int *n)
{
  *n = 0;
  if (*p == '*') {
    *n = va_arg(a->ap, int);
    return p + 1;
  }
  for (; *p >= '0' && *p <= '9'; p++)
    if (*n < 100000)
      *n = *n * 10 + (*p - '0');
  return p;
}

static const char *
read_spec(const char *p, struct args *a, struct spec *sp)
{
  *sp = (struct spec){ .prec = -1 };
  p = amount(flags(p, sp), a, &sp->width);
  if (sp->width < 0) {
    sp->left = true;
    sp->width = -sp->width;
  }
  if (*p == '.')
    p = amount(p + 1, a, &sp->prec);
  for (; *p == 'l' || *p == 'h' || *p == 'z'; p++)
    sp->wide = sp->wide || *p != 'h';
  return p;
}

static uint64
integer(struct args *a, const struct spec *sp, bool is_signed)
{
  if (sp->wide)
    return va_arg(a->ap, uint64);
  if (is_signed)
    return va_arg(a->ap, int);
  return va_arg(a->ap, uint);
}

static uint64
float_bits(struct args *a)
{
  union {
    double d;
    uint64 bits;
  } u = { .d = va_arg(a->ap, double) };

  return u.bits;
}

// One conversion, of which p is the letter. Returns what follows it, or 0 if
// it is none.
static const char *
convert(struct sink *s, struct spec *sp, const char *p, struct args *a)
{
  char c;

  switch (*p) {
  case 'd':
  case 'i':
    put_number(s, sp, *p, integer(a, sp, true));
    return p + 1;
  case 'u':
  case 'x':
  case 'X':
  case 'o':
    put_number(s, sp, *p, integer(a, sp, false));
    return p + 1;
  case 'p':
    put_pointer(s, sp, (uint64)va_arg(a->ap, void *));
    return p + 1;
  case 's':
    put_string(s, sp, va_arg(a->ap, const char *));
    return p + 1;
  case 'c':
    c = va_arg(a->ap, int);
    sp->zero = false;
    put_field(s, sp, &(struct field){ "", &c, 1, 0, 0 });
    return p + 1;
  case 'f':
  case 'F':
    put_float(s, sp, float_bits(a));
    return p + 1;
  case '%':
    put(s, "%", 1);
    return p + 1;
  default:
    if (!sp->wide)
      return 0;
    put_number(s, sp, 'u', va_arg(a->ap, uint64));  // a lone %l
    return p;
  }
}

void
__format(struct sink *s, const char *fmt, va_list ap)
{
  struct args a;
  struct spec sp;
  const char *p = fmt, *next;

  va_copy(a.ap, ap);
  while (*p) {
    uint n = 0;

    while (p[n] && p[n] != '%')
      n++;
    put(s, p, n);
    p += n;
    if (*p == 0)
      break;
    next = read_spec(p + 1, &a, &sp);
    next = convert(s, &sp, next, &a);
    if (next == 0)
      put(s, p, 1);
    p = next ? next : p + 1;
  }
  va_end(a.ap);
}
