// zero.c - memory that a program gets is zero, whoever had it before: heap,
// stack, data without a value, and what is left of a page that the program's
// file fills in part. Best run with DEBUG=1, where freed memory is filled with
// rubbish.

#include "kernel/elf.h"
#include "kernel/riscv.h"
#include "tests/guest/guest.h"

#define SELF "/t_zero"
#define COPY "t_zero.tmp"

static char image[16 * PAGE];
static char bss[24 * PAGE];
static char some_data[100] = { 1 };

static int
zeroed(const char *p, uint64 n)
{
  for (uint64 i = 0; i < n; i++)
    if (p[i]) {
      printf("byte %lu of %lu at %p is %x\n", i, n, p, (uchar)p[i]);
      return 0;
    }
  return 1;
}

// ---- what the executed program does ----------------------------------------

// The stack below what is in use.
static __attribute__((noinline)) int
below(void)
{
  char *page = (char *)PGROUNDDOWN(r_sp());

  return zeroed(page, (char *)r_sp() - page - 128);
}

// The last page of the text, from `at` on.
static int
second_life(char **argv)
{
  char *tail = (char *)(uint64)atoi(argv[2]);

  if (!below())
    return 1;
  if (!zeroed(image, sizeof(image)) || !zeroed(bss, sizeof(bss)))
    return 2;
  if (!zeroed(some_data + 1, sizeof(some_data) - 1))
    return 3;
  return zeroed(tail, PGROUNDUP((uint64)tail) - (uint64)tail) ? 0 : 4;
}

// ---- cases -----------------------------------------------------------------

// Leave many pages of rubbish behind, that have been all kinds of things.
static void
litter(void)
{
  int p[2];
  char *a = sbrk(600 * PAGE);

  EXPECT(a != SBRK_ERROR);
  memset(a, 0xee, 600 * PAGE);
  EXPECT_IS(pipe(p), 0);
  EXPECT_IS(write(p[1], a, 3 * PAGE), 3 * PAGE);
  if (fork() == 0) {
    memset(a, 0xdd, 600 * PAGE);
    exit(0);
  }
  EXPECT(wait(0) > 0);
}

static void
heap(void)
{
  int p[2];
  char *a;

  EXPECT_IS(guest_status(litter), 0);
  EXPECT((a = sbrk(500 * PAGE)) != SBRK_ERROR);
  EXPECT(zeroed(a, 500 * PAGE));
  EXPECT_IS(guest_status(litter), 0);
  EXPECT((a = sbrklazy(500 * PAGE)) != SBRK_ERROR);
  EXPECT(zeroed(a, 500 * PAGE));
  // The kernel is the first to touch it.
  EXPECT_IS(guest_status(litter), 0);
  EXPECT((a = sbrklazy(500 * PAGE)) != SBRK_ERROR);
  EXPECT_IS(pipe(p), 0);
  for (int i = 0; i < 500; i++) {
    EXPECT_IS(write(p[1], a + i * PAGE + 7, 1), 1);
    EXPECT_IS(read(p[0], a + i * PAGE + 9, 1), 1);
  }
  EXPECT(zeroed(a, 500 * PAGE));
}

// A page that is given back and taken again is zero again; in the page that
// the heap ends in, the program's own bytes stay.
static void
heap_end(void)
{
  char *a = (char *)PGROUNDUP((uint64)sbrk(0));

  EXPECT(sbrk(a - sbrk(0) + 100) != SBRK_ERROR);
  a[0] = 1;
  EXPECT(zeroed(a + 1, PAGE - 1));
  memset(a, 0xee, PAGE);
  for (int i = 0; i < 100; i++) {
    EXPECT(sbrk(2 * PAGE) != SBRK_ERROR);
    EXPECT(zeroed(a + PAGE, PAGE));
    memset(a + PAGE, 0xee, PAGE);
    EXPECT(sbrk(-2 * PAGE) != SBRK_ERROR);
    EXPECT_IS((uchar)a[99], 0xee);
  }
}

// Run the program in COPY, which looks at itself.
static void
expect_clean(char *tail)
{
  char at[12], *args[] = { COPY, "=look", at, 0 };
  int status;

  snprintf(at, sizeof(at), "%d", (int)(uint64)tail);
  for (int i = 0; i < 20; i++) {
    EXPECT_IS(guest_status(litter), 0);
    if (fork() == 0) {
      exec(COPY, args);
      exit(100);
    }
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
}

static int
load_self(void)
{
  int fd = open(SELF, O_RDONLY), n, all = 0;

  EXPECT(fd >= 0);
  while ((n = read(fd, image + all, sizeof(image) - all)) > 0)
    all += n;
  EXPECT(all < (int)sizeof(image));
  close(fd);
  return all;
}

static void
make_copy(int size)
{
  int fd = open(COPY, O_CREATE | O_TRUNC | O_WRONLY);

  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, image, size), size);
  close(fd);
}

// A file whose segments end amid a page, and go on in the file with something
// else: that is not the program's.
static void
segments(void)
{
  struct proghdr *text = (struct proghdr *)(image + sizeof(struct elfhdr));
  int size = load_self();
  char *end = image + text->filesz;

  EXPECT_IS(text->filesz % PAGE, 0);
  while (end[-1] == 0)
    end--;
  EXPECT(end > image + text->filesz - PAGE);
  memset(end, 0xcc, image + text->filesz - end);
  text->filesz = end - image;
  for (char *p = image + text[1].off + text[1].filesz; p < image + size; p++)
    if (*p == 0)
      *p = 0xcc;
  make_copy(size);
  expect_clean((char *)(end - image));
  EXPECT_IS(unlink(COPY), 0);
}

static const struct guest_case cases[] = {
  { "heap", heap },
  { "heap_end", heap_end },
  { "segments", segments },
};

int
main(int argc, char **argv)
{
  if (argc == 3 && strcmp(argv[1], "=look") == 0)
    return second_life(argv);
  return guest_main(cases, COUNT(cases), argc, argv);
}
