// probe.c - reads one device tree with the reader that was handed in, and
// tells what it has made of it.
//
//     probe HEX     the tree, in hexadecimal digits
//
// Behind the tree lies a page that nobody may touch.

#include <stdarg.h>
#include <sys/mman.h>

#include "kernel/boot/fdt.h"
#include "tests/labs/frame/tell.h"

#define PAGE 4096
#define TEXT 4000

void panic(const char *fmt, ...);

void
panic(const char *fmt, ...)
{
  char why[200];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(why, sizeof(why), fmt, ap);
  va_end(ap);
  fail_msg("panic: %s", why);
  abort();
}

static const uint8_t *
tree_of(const char *hex)
{
  size_t n = strlen(hex) / 2, room = (n + PAGE - 1) / PAGE * PAGE;
  uint8_t *p = mmap(0, room + PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned byte;

  assert_true(p != MAP_FAILED);
  assert_int_equal(mprotect(p + room, PAGE, PROT_NONE), 0);
  p += (room - n) / 8 * 8;
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
    p[i] = byte;
  }
  return p;
}

static void
tell_spans(const char *key, const struct span *s, int n)
{
  char text[TEXT] = "";

  for (int i = 0; i < n; i++)
    sprintf(text + strlen(text), "%s%lx+%lx", i ? " " : "",
            (unsigned long)s[i].start, (unsigned long)s[i].size);
  lab_tell(key, "%s", text);
}

static void
tell_harts(void)
{
  char text[TEXT] = "";

  for (int i = 0; i < machine.ncpu; i++)
    sprintf(text + strlen(text), "%s%lu:%d:%u", i ? " " : "",
            (unsigned long)machine.cpu[i].id, machine.cpu[i].sstc,
            machine.cpu[i].intc);
  lab_tell("harts", "%s", text);
  lab_tell("left-out", "%d", machine.ncpu_left_out);
  lab_tell("timebase", "%lu", (unsigned long)machine.timebase);
}

static void
tell_devices(void)
{
  char text[TEXT] = "";

  for (int i = 0; i < machine.nvirtio; i++)
    sprintf(text + strlen(text), "%s%lx+%lx:%u", i ? " " : "",
            (unsigned long)machine.virtio[i].reg.start,
            (unsigned long)machine.virtio[i].reg.size, machine.virtio[i].irq);
  lab_tell("virtio", "%s", text);
  tell_spans("uart", &machine.uart.reg, 1);
  lab_tell("uart-irq", "%u", machine.uart.irq);
  tell_spans("plic", &machine.plic, 1);
  tell_spans("test", &machine.test, 1);
}

void
lab_main(int argc, char **argv)
{
  const char *wrong;

  assert_int_equal(argc, 2);
  wrong = fdt_read(tree_of(argv[1]));
  lab_tell("wrong", "%s", wrong ? wrong : "");
  if (wrong)
    return;
  assert_in_range(machine.nram, 0, MAXRANGES);
  assert_in_range(machine.nreserved, 0, MAXRANGES);
  assert_in_range(machine.ncpu, 0, MAXHART);
  assert_in_range(machine.nvirtio, 0, MAXVIRTIO);
  tell_spans("ram", machine.ram, machine.nram);
  tell_spans("reserved", machine.reserved, machine.nreserved);
  tell_spans("initrd", &machine.initrd, 1);
  lab_tell("bootargs", "%s", machine.bootargs ? machine.bootargs : "(null)");
  tell_harts();
  tell_devices();
}
