// memmap.c - the map of the machine's memory: RAM, what lies in it, and the
// devices, as the kernel found them in the device tree. What lies within
// another region is indented.

#include "kernel/types.h"
#include "user/peach.h"

static uint64
end(const struct memregion *r)
{
  return r->start + r->size;
}

static void
show(const struct memregion *r, int inside)
{
  printf("%12lx %12lx %10lu  %s%s", r->start, end(r), r->size / 1024,
         inside ? "  " : "", r->name);
  if (r->irq > 0)
    printf(", interrupt %d", r->irq);
  printf("\n");
}

int
main(int argc, char **argv)
{
  int n = memmap(0, 0);
  struct memregion *map;
  uint64 outer = 0;     // where the last region ends that lies in no other

  if (argc > 1) {
    fprintf(2, "usage: memmap\n");
    return 2;
  }
  map = n > 0 ? calloc(n, sizeof(*map)) : 0;
  if (map == 0 || memmap(map, n) < n) {
    warn("memmap", "the kernel gave no map");
    return 1;
  }
  printf("%12s %12s %10s  %s\n", "START", "END", "KiB", "WHAT");
  for (int i = 0; i < n; i++) {
    show(&map[i], map[i].start < outer);
    if (end(&map[i]) > outer)
      outer = end(&map[i]);
  }
  return 0;
}
