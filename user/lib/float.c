// float.c - the decimal digits of a double, exactly.
//
// A double is m * 2^e, m < 2^53, so its decimal expansion ends, and whole
// numbers of any length find all its digits without an error of rounding: the
// part before the point by dividing by 10^9, the part behind it by multiplying
// by 10. It is then rounded once, to nearest, ties to even, as C's printf
// rounds. Only integer instructions are used.

#include <stdbool.h>

#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/user.h"

#define LIMBS 36                // 1074 binary places and room for a carry
#define GROUP 1000000000        // 9 decimal digits

// A natural number, least significant limb first.
struct big {
  uint limb[LIMBS];
};

// m * 2^shift
static void
big_set(struct big *b, uint64 m, uint shift)
{
  uint at = shift / 32, bits = shift % 32;

  memset(b, 0, sizeof(*b));
  b->limb[at] = m << bits;
  b->limb[at + 1] = m << bits >> 32;
  if (bits)
    b->limb[at + 2] = m >> (64 - bits);
}

// Divide by GROUP; the remainder. *zero: is the quotient 0?
static uint
big_divide(struct big *b, bool *zero)
{
  uint64 rest = 0;

  *zero = true;
  for (int i = LIMBS - 1; i >= 0; i--) {
    rest = rest << 32 | b->limb[i];
    b->limb[i] = rest / GROUP;
    rest %= GROUP;
    *zero = *zero && b->limb[i] == 0;
  }
  return rest;
}

// Multiply by factor; the part that is 2^point or more is taken off and
// returned. It is less than factor if b was less than 2^point.
static uint
big_multiply(struct big *b, uint factor, uint point)
{
  uint at = point / 32, bits = point % 32;
  uint64 carry = 0, top;

  for (int i = 0; i < LIMBS; i++) {
    carry += (uint64)b->limb[i] * factor;
    b->limb[i] = carry;
    carry >>= 32;
  }
  top = (uint64)b->limb[at + 1] << 32 | b->limb[at];
  b->limb[at] &= ((uint64)1 << bits) - 1;
  b->limb[at + 1] = 0;
  return top >> bits;
}

// n as nine digits.
static void
put_group(char *out, uint n)
{
  for (int i = 8; i >= 0; i--) {
    out[i] = '0' + n % 10;
    n /= 10;
  }
}

// m * 2^shift as digits, at least one, no zero in front. Returns how many.
static int
whole(char *out, uint64 m, uint shift)
{
  struct big b;
  uint group[LIMBS];
  int n = 0, len = 0;
  bool zero = false;

  big_set(&b, m, shift);
  while (!zero)
    group[n++] = big_divide(&b, &zero);
  while (n > 0) {
    put_group(out + len, group[--n]);
    len += 9;
  }
  for (n = 0; n < len - 1 && out[n] == '0';)
    n++;
  memmove(out, out + n, len - n);
  return len - n;
}

// Should the last digit go up, when rest / 2^point has been left out?
static bool
round_up(struct big *rest, uint point, bool odd)
{
  uint next = big_multiply(rest, 2, point);

  if (next == 0)
    return false;
  for (int i = 0; i < LIMBS; i++)
    if (rest->limb[i])
      return true;
  return odd;
}

// Add one to the last of n digits. Returns whether there is a carry.
static bool
increment(char *digit, int n)
{
  while (n > 0) {
    if (digit[--n] != '9') {
      digit[n]++;
      return false;
    }
    digit[n] = '0';
  }
  return true;
}

// The prec digits of frac / 2^point, and behind them the whole number's
// carry. Needs point > 0 and frac < 2^point.
static bool
fraction(char *out, uint64 frac, uint point, int prec, bool odd)
{
  struct big b;

  big_set(&b, frac, 0);
  for (int i = 0; i < prec; i++)
    out[i] = '0' + big_multiply(&b, 10, point);
  if (prec > 0)
    odd = out[prec - 1] & 1;
  return round_up(&b, point, odd) && increment(out, prec);
}

int
__float_digits(char *out, uint64_t bits, int prec)
{
  int exponent = bits >> 52 & 0x7ff;
  uint64 m = bits & (((uint64)1 << 52) - 1);
  int point, len;
  bool carry = false;

  if (exponent)
    m |= (uint64)1 << 52;
  else
    exponent = 1;
  point = 1075 - exponent;      // the value is m / 2^point
  if (point <= 0) {
    len = whole(out, m, -point);
    memset(out + len + 1, '0', prec);
  } else {
    uint64 n = point < 64 ? m >> point : 0;
    uint64 frac = point < 64 ? m - (n << point) : m;

    len = whole(out, n, 0);
    carry = fraction(out + len + 1, frac, point, prec, n & 1);
  }
  if (carry && increment(out, len)) {
    memmove(out + 1, out, len + 1 + prec);
    out[0] = '1';
    len++;
  }
  if (prec == 0)
    return len;
  out[len] = '.';
  return len + 1 + prec;
}
