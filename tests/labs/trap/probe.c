// probe.c - has the backtrace that was handed in read a made-up stack, and
// tells each line that it prints.
//
//     probe CODE NAMES WORDS PC SP RA
//
// CODE: the text, in hexadecimal digits. NAMES: name@offset, ascending. WORDS:
// offset=value, at so many bytes below the stack's top. A value is n and a
// number, t and an offset in the text, or s and an offset below the top.
// Around the stack lies memory that nobody may touch, as around a real one.

#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#include "kernel/lib/backtrace.h"
#include "kernel/lib/print.h"
#include "kernel/lib/symbols.h"
#include "kernel/trap/frame.h"
#include "tests/labs/frame/tell.h"

#define MAXNAME 64

extern char text_start[], text_end[], kernel_return[];
asm(".data\n"
    ".balign 4096\n"
    ".globl text_start, text_end, kernel_return\n"
    "text_start: .skip 4096\n"
    "kernel_return: .skip 4096\n"
    "text_end:\n"
    ".text\n");

static struct {
  char name[16];
  uint64_t at;
} names[MAXNAME];
static int nname;
static char *top; // of the stack

// ---- what the kernel has ---------------------------------------------------

void
kprintf(const char *fmt, ...)
{
  static char text[500];
  size_t n = strlen(text);
  va_list ap;
  char *end;

  va_start(ap, fmt);
  vsnprintf(text + n, sizeof(text) - n, fmt, ap);
  va_end(ap);
  while ((end = strchr(text, '\n'))) {
    *end = 0;
    lab_tell("line", "%s", text);
    memmove(text, end + 1, strlen(end + 1) + 1);
  }
}

const char *
symbol_of(uint64_t pc, uint64_t *offset)
{
  uint64_t start = (uint64_t)text_start;
  int i = nname - 1;

  *offset = 0;
  if (pc < start || pc >= (uint64_t)text_end)
    return "?";
  while (i >= 0 && names[i].at > pc - start)
    i--;
  if (i < 0)
    return "?";
  *offset = pc - start - names[i].at;
  return names[i].name;
}

// ---- the made-up stack -----------------------------------------------------

static uint64_t
value(const char *s)
{
  uint64_t n = strtoull(s + 1, 0, 10);

  return *s == 't'   ? (uint64_t)text_start + n
         : *s == 's' ? (uint64_t)top - n
                     : n;
}

static void
read_code(const char *hex)
{
  unsigned byte;

  for (size_t i = 0; hex[2 * i]; i++) {
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
    text_start[i] = byte;
  }
}

static void
read_names(char *list)
{
  for (char *s = strtok(list, ","); s; s = strtok(0, ",")) {
    char *at = strchr(s, '@');

    assert_true(at && nname < MAXNAME && at - s < 16);
    memcpy(names[nname].name, s, at - s);
    names[nname++].at = strtoull(at + 1, 0, 10);
  }
}

static void
make_stack(char *words)
{
  size_t slot = 2 * KSTACK_SIZE;
  char *room = mmap(0, 3 * slot, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  assert_true(room != MAP_FAILED);
  top = (char *)(((uint64_t)room + slot - 1) / slot * slot + slot);
  assert_int_equal(
    mprotect(top - KSTACK_SIZE, KSTACK_SIZE, PROT_READ | PROT_WRITE), 0);
  for (char *s = strtok(words, ","); s; s = strtok(0, ",")) {
    char *end;
    uint64_t below = strtoull(s, &end, 10);

    assert_true(*end == '=');
    if (below > 0)
      *(uint64_t *)(top - below) = value(end + 1);
  }
}

void
lab_main(int argc, char **argv)
{
  assert_int_equal(argc, 7);
  read_code(argv[1]);
  read_names(argv[2]);
  make_stack(argv[3]);
  backtrace(value(argv[4]), value(argv[5]), value(argv[6]));
}
