// copy.c - copies between the kernel and user memory.
//
// The kernel walks the page table in software and uses its own map of the
// frame, so user addresses are never dereferenced: no access right has to be
// switched, and a bad pointer is a return value, not a fault.

#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/space.h"
#include "kernel/mm/walk.h"
#include "kernel/proc/proc.h"

// Out of the way of the short case, which then needs no registers saved.
#define NOINLINE __attribute__((noinline))

static inline size_t
in_page(uint64_t va, size_t n)
{
  size_t left = PGSIZE - va % PGSIZE;

  return n < left ? n : left;
}

static NOINLINE int
copy_in_pages(void *dst, uint64_t uva, size_t n)
{
  struct space *s = running()->space;

  while (n > 0) {
    size_t k = in_page(uva, n);
    const void *src = walk(s, uva, PROT_R);

    if (src == 0)
      return -1;
    memcpy(dst, src, k);
    dst = (char *)dst + k;
    uva += k;
    n -= k;
  }
  return 0;
}

static NOINLINE int
copy_out_pages(uint64_t uva, const void *src, size_t n)
{
  struct space *s = running()->space;

  while (n > 0) {
    size_t k = in_page(uva, n);
    void *dst = walk(s, uva, PROT_W);

    if (dst == 0)
      return -1;
    memcpy(dst, src, k);
    src = (const char *)src + k;
    uva += k;
    n -= k;
  }
  return 0;
}

// Single bytes go through pipes often: that case is kept short.
int
copy_in(void *dst, uint64_t uva, size_t n)
{
  const char *src = n == 1 ? walk_near(running()->space, uva, PROT_R) : 0;

  if (src == 0)
    return copy_in_pages(dst, uva, n);
  *(char *)dst = *src;
  return 0;
}

int
copy_out(uint64_t uva, const void *src, size_t n)
{
  char *dst = n == 1 ? walk_near(running()->space, uva, PROT_W) : 0;

  if (dst == 0)
    return copy_out_pages(uva, src, n);
  *dst = *(const char *)src;
  return 0;
}

int
copy_in_str(char *dst, uint64_t uva, size_t max)
{
  struct space *s = running()->space;
  size_t n = 0;

  while (n < max) {
    size_t k = in_page(uva + n, max - n);
    const char *src = walk(s, uva + n, PROT_R);

    if (src == 0)
      return -1;
    for (; k > 0; k--, n++)
      if ((dst[n] = *src++) == 0)
        return n;
  }
  return -1;
}
