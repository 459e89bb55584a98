// symbols.c - names for addresses in the kernel's text, from the table that
// the build makes of the kernel's own symbols (section .ksyms).

#include "kernel/lib/symbols.h"

struct ksym {
  uint64_t address;
  uint64_t name; // offset in ksyms_names
};

struct table {
  uint64_t n;
  struct ksym sym[]; // ascending
};

extern const struct table ksyms;
extern const char ksyms_names[];
extern char text_end[]; // kernel.ld

const char *
symbol_of(uint64_t pc, uint64_t *offset)
{
  uint64_t low = 0, high = ksyms.n;

  // The last one not above pc is below high and not below low.
  while (high - low > 1) {
    uint64_t mid = (low + high) / 2;

    if (ksyms.sym[mid].address <= pc)
      low = mid;
    else
      high = mid;
  }
  *offset = 0;
  if (ksyms.n == 0 || pc < ksyms.sym[low].address || pc >= (uint64_t)text_end)
    return "?";
  *offset = pc - ksyms.sym[low].address;
  return ksyms_names + ksyms.sym[low].name;
}
