// memory.h - how much memory there is, for tests that nothing of it is lost.

#ifndef TESTS_GUEST_MEMORY_H
#define TESTS_GUEST_MEMORY_H

#include "tests/guest/guest.h"

#define MB (1 << 20)

struct memory {
  long pages;   // free, or of the block cache, or of kernel objects
  long objects; // in use, but for those that are kept for the next use
};

// After a commit, so that nothing is under way. If no other process does
// anything, this is the same whenever the same things exist.
static inline struct memory
memory_now(void)
{
  struct memory m = { 0, 0 };
  struct cacheinfo ci;
  struct sysinfo si;

  EXPECT_IS(sync(), 0);
  EXPECT_IS(sysinfo(&si), 0);
  m.pages = (si.mem_free + si.mem_dirty) / PAGE;
  for (int i = 0; cacheinfo(i, &ci) == 0; i++) {
    m.pages += ci.pages;
    if (strcmp(ci.name, "block") != 0 && strcmp(ci.name, "inode") != 0 &&
        strcmp(ci.name, "name") != 0)
      m.objects += ci.used;
  }
  return m;
}

static inline void
expect_memory(struct memory then)
{
  struct memory now = memory_now();

  EXPECT_IS(now.pages, then.pages);
  EXPECT_IS(now.objects, then.objects);
}

// Take all that sbrk gives. Returns how many pages that was.
static inline int
take_memory(void)
{
  int n = 0;

  while (sbrk(MB) != SBRK_ERROR)
    n += MB / PAGE;
  while (sbrk(PAGE) != SBRK_ERROR)
    n++;
  return n;
}

#endif
