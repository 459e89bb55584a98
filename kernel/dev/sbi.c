// sbi.c - calls to the firmware.

#include "kernel/dev/sbi.h"

#include "kernel/lib/print.h"

#define EXT_BASE           0x10
#define EXT_TIME           0x54494d45
#define EXT_IPI            0x735049
#define EXT_HSM            0x48534d
#define EXT_SRST           0x53525354
#define EXT_LEGACY_PUTCHAR 1

#define BASE_PROBE 3

struct answer {
  int64_t error;
  int64_t value;
};

static struct answer
call(uint64_t ext, uint64_t fn, uint64_t x0, uint64_t x1, uint64_t x2)
{
  register uint64_t a0 asm("a0") = x0;
  register uint64_t a1 asm("a1") = x1;
  register uint64_t a2 asm("a2") = x2;
  register uint64_t a6 asm("a6") = fn;
  register uint64_t a7 asm("a7") = ext;

  asm volatile("ecall"
               : "+r"(a0), "+r"(a1)
               : "r"(a2), "r"(a6), "r"(a7)
               : "memory");
  return (struct answer){ a0, a1 };
}

void
sbi_check(void)
{
  static const struct {
    uint64_t ext;
    const char *name;
  } need[] = {
    { EXT_TIME, "TIME" },
    { EXT_IPI, "IPI" },
    { EXT_HSM, "HSM" },
  };

  for (unsigned i = 0; i < sizeof(need) / sizeof(need[0]); i++)
    if (call(EXT_BASE, BASE_PROBE, need[i].ext, 0, 0).value == 0)
      panic("the firmware has no SBI extension %s", need[i].name);
}

void
sbi_set_timer(uint64_t ticks)
{
  call(EXT_TIME, 0, ticks, 0, 0);
}

void
sbi_send_ipi(uint64_t hart_id)
{
  call(EXT_IPI, 0, 1, hart_id, 0);
}

int64_t
sbi_hart_start(uint64_t hart_id, uint64_t pa, uint64_t arg)
{
  return call(EXT_HSM, 0, hart_id, pa, arg).error;
}

void
sbi_shutdown(bool failed)
{
  call(EXT_SRST, 0, 0, failed ? 1 : 0, 0);
}

void
sbi_putchar(char c)
{
  call(EXT_LEGACY_PUTCHAR, 0, c, 0, 0);
}
