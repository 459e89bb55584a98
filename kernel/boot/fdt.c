// fdt.c - reads the flattened device tree.
//
// Source: Devicetree Specification 0.4, chapter 5 (the format) and 2 and 3
// (properties and nodes). The tree is walked once; each node's properties are
// gathered, with the cell sizes that its parent gives, and when the node is
// complete it is looked at by its `compatible`, device_type or name.

#include "kernel/boot/fdt.h"

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define FDT_MAGIC 0xd00dfeed
#define MAXDEPTH  16

enum token { FDT_BEGIN = 1, FDT_END, FDT_PROP, FDT_NOP, FDT_DONE = 9 };

enum { NONE = -1, LEFT_OUT = -2 }; // no cpu, or one that is not taken

struct prop {
  const uint8_t *data;
  uint32_t len;
};

struct node {
  const char *name;
  uint32_t addr_cells, size_cells; // of its children
  struct prop reg, compatible, type, isa, extensions, status, phandle;
  struct prop interrupts, contexts, timebase, bootargs, ndev, shift;
  struct prop initrd_start, initrd_end, stdout_path;
  int cpu; // index of the cpu that it is, or is in; or one of these
};

struct machine machine;

static uint32_t
be32(const void *p)
{
  const uint8_t *b = p;

  return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

// n cells as one number.
static uint64_t
cells(const uint8_t *p, uint32_t n)
{
  uint64_t v = 0;

  for (; n > 0; n--, p += 4)
    v = v << 32 | be32(p);
  return v;
}

static uint64_t
number(struct prop p, uint64_t missing)
{
  return p.len >= 4 ? cells(p.data, p.len / 4) : missing;
}

static uint32_t
first_cell(struct prop p)
{
  return p.len >= 4 ? be32(p.data) : 0;
}

// The i-th span of reg.
static bool
reg_at(const struct node *n, const struct node *parent, uint32_t i,
       struct span *out)
{
  uint32_t a = parent->addr_cells, s = parent->size_cells;
  const uint8_t *p = n->reg.data + 4 * i * (a + s);

  if (a + s == 0 || 4 * (i + 1) * (a + s) > n->reg.len)
    return false;
  *out = (struct span){ cells(p, a), cells(p + 4 * a, s) };
  return true;
}

// Is s one of the strings of a list?
static bool
lists(struct prop list, const char *s)
{
  size_t want = strlen(s) + 1;

  for (uint32_t i = 0; i < list.len;) {
    size_t n = strlen((const char *)list.data + i) + 1;

    if (n == want && strcmp((const char *)list.data + i, s) == 0)
      return true;
    i += n;
  }
  return false;
}

// Does an ISA string like rv64imafdc_zicsr_sstc name the extension?
static bool
isa_has(struct prop isa, const char *ext)
{
  const char *s = (const char *)isa.data;
  size_t n = strlen(ext);

  for (uint32_t i = 0; i + n < isa.len; i++)
    if (s[i] == '_' && strncmp(s + i + 1, ext, n) == 0 &&
        (s[i + 1 + n] == '_' || s[i + 1 + n] == 0))
      return true;
  return false;
}

static bool
enabled(const struct node *n)
{
  return n->status.len == 0 || lists(n->status, "okay") ||
         lists(n->status, "ok");
}

static bool
named(const struct node *n, const char *name)
{
  size_t len = strlen(name);

  return strncmp(n->name, name, len) == 0 &&
         (n->name[len] == 0 || n->name[len] == '@');
}

// ---- what a complete node says ---------------------------------------------

static void
add_spans(const struct node *n, const struct node *parent, struct span *list,
          int *count)
{
  struct span s;

  for (uint32_t i = 0; reg_at(n, parent, i, &s); i++) {
    if (*count == MAXRANGES)
      panic("the device tree has more than %d ranges of memory", MAXRANGES);
    list[(*count)++] = s;
  }
}

static int
add_cpu(const struct node *n)
{
  int i = machine.ncpu;

  if (!enabled(n))
    return LEFT_OUT;
  if (i == MAXHART) {
    machine.ncpu_left_out++;
    return LEFT_OUT;
  }
  machine.cpu[i].id = number(n->reg, 0);
  machine.timebase = number(n->timebase, machine.timebase);
  machine.cpu[i].sstc = isa_has(n->isa, "sstc") || lists(n->extensions, "sstc");
  machine.ncpu++;
  return i;
}

static void
add_plic(const struct node *n, const struct node *parent)
{
  uint32_t count = n->contexts.len / 8;

  reg_at(n, parent, 0, &machine.plic);
  machine.plic_irqs = number(n->ndev, 0);
  if (count > 2 * MAXHART)
    count = 2 * MAXHART;
  for (uint32_t i = 0; i < count; i++) {
    machine.plic_context[i].intc = be32(n->contexts.data + 8 * i);
    machine.plic_context[i].cause = be32(n->contexts.data + 8 * i + 4);
  }
  machine.nplic_context = count;
}

static void
add_virtio(const struct node *n, const struct node *parent)
{
  struct device_at *d = &machine.virtio[machine.nvirtio];

  if (machine.nvirtio == MAXVIRTIO || !reg_at(n, parent, 0, &d->reg))
    return;
  d->irq = first_cell(n->interrupts);
  machine.nvirtio++;
}

static void
read_chosen(const struct node *n)
{
  if (n->bootargs.len > 0)
    machine.bootargs = (const char *)n->bootargs.data;
  if (n->initrd_start.len && n->initrd_end.len) {
    uint64_t start = number(n->initrd_start, 0);

    machine.initrd =
      (struct span){ start, number(n->initrd_end, start) - start };
  }
}

static void
add_device(const struct node *n, const struct node *parent)
{
  if (lists(n->compatible, "ns16550a") && machine.uart.reg.size == 0) {
    reg_at(n, parent, 0, &machine.uart.reg);
    machine.uart.irq = first_cell(n->interrupts);
    machine.uart_shift = number(n->shift, 0);
  } else if (lists(n->compatible, "riscv,plic0") ||
             lists(n->compatible, "sifive,plic-1.0.0")) {
    add_plic(n, parent);
  } else if (lists(n->compatible, "virtio,mmio")) {
    add_virtio(n, parent);
  } else if (lists(n->compatible, "sifive,test0")) {
    reg_at(n, parent, 0, &machine.test);
  }
}

static void
finish(const struct node *n, const struct node *parent, int depth)
{
  if (depth == 1 && named(n, "cpus"))
    machine.timebase = number(n->timebase, machine.timebase);
  if (lists(n->type, "memory") && enabled(n))
    add_spans(n, parent, machine.ram, &machine.nram);
  if (depth == 2 && named(parent, "reserved-memory"))
    add_spans(n, parent, machine.reserved, &machine.nreserved);
  if (depth == 1 && named(n, "chosen"))
    read_chosen(n);
  if (n->cpu >= 0 && lists(n->compatible, "riscv,cpu-intc"))
    machine.cpu[n->cpu].intc = number(n->phandle, 0);
  if (enabled(n))
    add_device(n, parent);
}

// ---- the walk --------------------------------------------------------------

static void
set_prop(struct node *n, const char *name, struct prop p)
{
  const struct {
    const char *name;
    struct prop *to;
  } known[] = {
    { "reg", &n->reg },
    { "compatible", &n->compatible },
    { "device_type", &n->type },
    { "riscv,isa", &n->isa },
    { "riscv,isa-extensions", &n->extensions },
    { "status", &n->status },
    { "phandle", &n->phandle },
    { "interrupts", &n->interrupts },
    { "interrupts-extended", &n->contexts },
    { "timebase-frequency", &n->timebase },
    { "bootargs", &n->bootargs },
    { "riscv,ndev", &n->ndev },
    { "reg-shift", &n->shift },
    { "linux,initrd-start", &n->initrd_start },
    { "linux,initrd-end", &n->initrd_end },
  };

  if (strcmp(name, "#address-cells") == 0)
    n->addr_cells = number(p, 2);
  if (strcmp(name, "#size-cells") == 0)
    n->size_cells = number(p, 1);
  for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    if (strcmp(name, known[i].name) == 0)
      *known[i].to = p;
}

// A cpu is complete before its interrupt controller, a child, begins, because
// properties stand before children.
static void
open_child(struct node *stack, int depth, const char *name)
{
  struct node *parent = depth > 0 ? &stack[depth - 1] : 0;
  bool in_cpu = parent && lists(parent->type, "cpu");

  if (in_cpu && parent->cpu == NONE)
    parent->cpu = add_cpu(parent);
  stack[depth] = (struct node){ .name = name,
                                .addr_cells = 2,
                                .size_cells = 1,
                                .cpu = in_cpu ? parent->cpu : NONE };
}

static const char *
walk(const uint8_t *p, const uint8_t *end, const char *strings)
{
  static struct node stack[MAXDEPTH];
  int depth = -1;

  while (p + 4 <= end) {
    uint32_t token = be32(p);

    p += 4;
    if (token == FDT_BEGIN) {
      if (++depth == MAXDEPTH)
        return "it is too deep";
      open_child(stack, depth, (const char *)p);
      p += (strlen((const char *)p) + 4) & ~3UL;
    } else if (token == FDT_PROP && depth >= 0) {
      struct prop prop = { p + 8, be32(p) };

      set_prop(&stack[depth], strings + be32(p + 4), prop);
      p += 8 + ((prop.len + 3) & ~3UL);
    } else if (token == FDT_END && depth >= 0) {
      if (depth > 0)
        finish(&stack[depth], &stack[depth - 1], depth);
      depth--;
    } else if (token == FDT_DONE) {
      return 0;
    } else if (token != FDT_NOP) {
      return "it has an unknown token";
    }
  }
  return "it has no end";
}

// The tree's own list of memory to leave alone.
static void
read_reservations(const uint8_t *p)
{
  for (;; p += 16) {
    struct span s = { cells(p, 2), cells(p + 8, 2) };

    if (s.start == 0 && s.size == 0)
      return;
    if (machine.nreserved == MAXRANGES)
      panic("the device tree reserves more than %d ranges", MAXRANGES);
    machine.reserved[machine.nreserved++] = s;
  }
}

uint32_t
fdt_size(const void *tree)
{
  return be32((const uint8_t *)tree + 4);
}

const char *
fdt_read(const void *tree)
{
  const uint8_t *t = tree;
  uint32_t structs = be32(t + 8), strings = be32(t + 12);

  machine.bootargs = "";
  if (be32(t) != FDT_MAGIC)
    return "its magic number is wrong";
  read_reservations(t + be32(t + 16));
  return walk(t + structs, t + fdt_size(t), (const char *)t + strings);
}
