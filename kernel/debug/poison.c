// poison.c - freed memory is filled with a pattern, and looked at before it is
// used again: who wrote to it meanwhile used it after its end.

#include "kernel/debug/check.h"
#include "kernel/debug/order.h"
#include "kernel/lib/print.h"

#define BYTES(b) ((b) * 0x0101010101010101UL)

// p and n are multiples of 8.
void
debug_poison(void *p, size_t n)
{
  uint64_t *word = p;

  for (size_t i = 0; i < n / 8; i++)
    word[i] = BYTES(POISON);
}

void
debug_intact(const void *p, size_t n, uint8_t byte, const char *what)
{
  const uint64_t *word = p;

  for (size_t i = 0; i < n / 8; i++)
    if (word[i] != BYTES(byte)) {
      debug_report();
      panic("use after free: at offset %ld of a free %s at %p is %016lx, not "
            "%016lx",
            i * 8, what, p, word[i], BYTES((uint64_t)byte));
    }
}
