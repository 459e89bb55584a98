// exec.c - a process becomes another program.
//
// A new address space is built beside the old one: the file's segments, a
// guard page, the stack with the arguments, the heap, in this order. Only
// when it is complete does the process change over; then nothing can fail.

#include "kernel/proc/exec.h"

#include "kernel/elf.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/csr.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/space.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/current.h"
#include "kernel/proc/fpu.h"
#include "kernel/proc/proc.h"

#define MAXPHDR  16
#define MAXSTACK (1 << 20)
#define EM_RISCV 243
#define ET_EXEC  2
#define PT_STACK 0x6474e551 // GNU_STACK: its size is in memsz

struct image {
  struct inode *file;
  struct space *space;
  struct elfhdr head;
  struct proghdr seg[MAXPHDR];
  uint64_t stack_size;
  uint64_t sp;
  uint64_t argv;
  int argc;
};

// ---- arguments -------------------------------------------------------------

int
args_init(struct args *args)
{
  args->argc = 0;
  args->used = 0;
  if (mm_reserve(1) < 0)
    return -1;
  args->page = page_alloc();
  if (args->page == 0)
    mm_unreserve(1);
  return args->page ? 0 : -1;
}

void
args_free(struct args *args)
{
  page_free(args->page);
  mm_unreserve(1);
}

int
args_add(struct args *args, const char *s)
{
  size_t n = strlen(s) + 1;

  if (args->argc == MAXARG || n > PGSIZE - args->used)
    return -1;
  memcpy(args->page + args->used, s, n);
  args->at[args->argc++] = args->used;
  args->used += n;
  return 0;
}

int
args_from_user(struct args *args, uint64_t argv)
{
  uint64_t string;
  int n;

  for (;; argv += sizeof(string)) {
    if (copy_in(&string, argv, sizeof(string)) < 0)
      return -1;
    if (string == 0)
      return 0;
    if (args->argc == MAXARG)
      return -1;
    n = copy_in_str(args->page + args->used, string, PGSIZE - args->used);
    if (n < 0)
      return -1;
    args->at[args->argc++] = args->used;
    args->used += n + 1;
  }
}

// ---- the file --------------------------------------------------------------

// No reason to print: a shell that is told so takes the file for a script.
static const char not_elf[] = "not an ELF file";

static const char *
read_headers(struct image *im)
{
  struct elfhdr *h = &im->head;
  int64_t size;

  if (fs_read(im->file, h, 0, sizeof(*h)) != sizeof(*h) ||
      h->magic != ELF_MAGIC)
    return not_elf;
  if (h->elf[0] != 2 || h->elf[1] != 1 || h->machine != EM_RISCV ||
      h->type != ET_EXEC)
    return "not a 64-bit RISC-V program";
  if (h->phnum > MAXPHDR || h->phentsize != sizeof(struct proghdr))
    return "its program headers are not understood";
  size = h->phnum * sizeof(struct proghdr);
  if (fs_read(im->file, im->seg, h->phoff, size) != size)
    return "it ends in its program headers";
  return 0;
}

// The page of the segment at va, of which n bytes come from the file. A whole
// one that nobody may write is the file's own page, which all who run the
// program share; else it is a copy.
static const char *
load_page(struct image *im, const struct proghdr *ph, uint64_t va, size_t n)
{
  uint64_t off = ph->off + (va - ph->vaddr);
  void *page = 0;

  if (n == PGSIZE && off % PGSIZE == 0 && (ph->flags & 2) == 0)
    page = fs_page(im->file, off);
  if (page)
    return space_map(im->space, va, page) < 0 ? "no memory is left" : 0;
  page = space_fill(im->space, va);
  if (page == 0)
    return "no memory is left";
  if (fs_read(im->file, page, off, n) != (int64_t)n)
    return "it ends in a segment";
  return 0;
}

static const char *
load_segment(struct image *im, const struct proghdr *ph)
{
  int prot = (ph->flags & 4 ? PROT_R : 0) | (ph->flags & 2 ? PROT_W : 0) |
             (ph->flags & 1 ? PROT_X : 0);
  uint64_t end = ph->vaddr + ph->memsz, filled = ph->vaddr + ph->filesz;

  if ((prot & PROT_W) && (prot & PROT_X))
    return "a segment is both writable and executable";
  if (ph->memsz < ph->filesz || end < ph->vaddr ||
      space_add(im->space, ph->vaddr, end, prot) < 0)
    return "a segment lies where it may not";
  for (uint64_t va = ph->vaddr; va < filled; va += PGSIZE) {
    size_t n = filled - va < PGSIZE ? filled - va : PGSIZE;
    const char *why = load_page(im, ph, va, n);

    if (why)
      return why;
  }
  if (space_promise(im->space, ROUND_UP(filled, PGSIZE),
                    ROUND_UP(end, PGSIZE)) < 0)
    return "no memory is left";
  return 0;
}

static const char *
load(struct image *im)
{
  const char *why = 0;

  im->stack_size = USERSTACK * PGSIZE;
  for (int i = 0; i < im->head.phnum && why == 0; i++) {
    const struct proghdr *ph = &im->seg[i];

    if (ph->type == ELF_PROG_LOAD && ph->memsz > 0)
      why = load_segment(im, ph);
    if (ph->type == PT_STACK && ph->memsz > im->stack_size &&
        ph->memsz <= MAXSTACK)
      im->stack_size = ROUND_UP(ph->memsz, PGSIZE);
  }
  if (why == 0 && im->space->nregion == 0)
    why = "it has no segments";
  return why;
}

// ---- stack and heap --------------------------------------------------------

// Write below the stack pointer; nothing if it does not fit. 0, or why not.
static const char *
push(struct image *im, const void *data, size_t n)
{
  const struct region *stack = &im->space->region[im->space->nregion - 1];
  uint64_t va = (im->sp - n) & ~15UL;
  const char *from = data;

  if (n > im->sp - stack->start || va < stack->start)
    return "its arguments do not fit on the stack";
  im->sp = va;
  while (n > 0) {
    size_t k = PGSIZE - va % PGSIZE < n ? PGSIZE - va % PGSIZE : n;
    char *page = space_fill(im->space, va);

    if (page == 0)
      return "no memory is left";
    memcpy(page + va % PGSIZE, from, k);
    va += k;
    from += k;
    n -= k;
  }
  return 0;
}

static const char *
push_args(struct image *im, const struct args *args)
{
  uint64_t argv[MAXARG + 1];
  const char *why;

  for (int i = 0; i < args->argc; i++) {
    const char *s = args->page + args->at[i];

    why = push(im, s, strlen(s) + 1);
    if (why)
      return why;
    argv[i] = im->sp;
  }
  argv[args->argc] = 0;
  why = push(im, argv, (args->argc + 1) * sizeof(argv[0]));
  im->argv = im->sp;
  im->argc = args->argc;
  return why;
}

static const char *
build_stack(struct image *im, const struct args *args)
{
  struct space *s = im->space;
  const char *why;
  uint64_t guard = ROUND_UP(s->region[s->nregion - 1].end, PGSIZE);
  uint64_t bottom = guard + PGSIZE, top = bottom + im->stack_size;

  if (space_add(s, bottom, top, PROT_R | PROT_W) < 0)
    return "there is no room for a stack";
  if (space_promise(s, bottom, top) < 0)
    return "no memory is left";
  im->sp = top;
  why = push_args(im, args);
  if (why)
    return why;
  if (space_add(s, top, top, PROT_R | PROT_W) < 0)
    return "there is no room for a heap";
  return 0;
}

// ---- the change ------------------------------------------------------------

static void
rename_to(struct proc *p, const char *path)
{
  const char *last = path;

  for (const char *s = path; *s; s++)
    if (*s == '/' && s[1] && s[1] != '/')
      last = s + 1;
  strcopy(p->name, last, sizeof(p->name));
}

static void
become(struct image *im)
{
  struct proc *p = running();
  struct frame *f = user_frame(p);
  struct space *old = p->space;

  alarm_drop(p);
  irq_hold();
  p->space = im->space;
  space_use(p->space);
  memset(f, 0, sizeof(*f));
  f->status = SSTATUS_SPIE;
  f->pc = im->head.entry;
  f->sp = im->sp;
  f->a[0] = im->argc;
  f->a[1] = im->argv;
  irq_allow();
  if (old)
    space_free(old);
}

static const char *
build(struct image *im, const struct args *args)
{
  const char *why = read_headers(im);

  if (why)
    return why;
  im->space = space_new();
  if (im->space == 0)
    return "no memory is left";
  why = load(im);
  return why ? why : build_stack(im, args);
}

int
proc_exec(const char *path, const struct args *args)
{
  struct image im = { .file = fs_open_exec(current_files(), path) };
  const char *why;

  if (im.file == 0)
    return -1;
  why = build(&im, args);
  fs_close_exec(im.file);
  if (why) {
    if (why != not_elf)
      kprintf("exec %s: %s\n", path, why);
    if (im.space)
      space_free(im.space);
    return -1;
  }
  become(&im);
  rename_to(running(), path);
  proc_note_exec();
  return args->argc;
}
