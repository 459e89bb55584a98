// memmap.c - the map of the machine's memory: that it fits what else is known.

#include "tests/guest/guest.h"

#define MOST 128

static struct memregion map[MOST];
static int n;

static void
get(void)
{
  n = memmap(map, MOST);
  EXPECT(n > 0 && n <= MOST);
}

static uint64
end(const struct memregion *r)
{
  return r->start + r->size;
}

static int
within(const struct memregion *in, const struct memregion *out)
{
  return in->start >= out->start && end(in) <= end(out);
}

static const struct memregion *
ram_around(const struct memregion *r)
{
  for (int i = 0; i < n; i++)
    if (map[i].kind == MEM_RAM && within(r, &map[i]))
      return &map[i];
  return 0;
}

static int
count(int kind)
{
  int found = 0;

  for (int i = 0; i < n; i++)
    found += map[i].kind == kind;
  return found;
}

static void
in_order(void)
{
  get();
  for (int i = 0; i < n; i++) {
    EXPECT(map[i].size > 0 && end(&map[i]) > map[i].start);
    EXPECT(map[i].name[0] != 0 && map[i].name[sizeof(map[i].name) - 1] == 0);
    EXPECT(i == 0 || map[i].start >= map[i - 1].start);
  }
}

static void
what_is_in_ram(void)
{
  get();
  EXPECT_IS(count(MEM_KERNEL), 1);
  EXPECT_IS(count(MEM_TREE), 1);
  for (int i = 0; i < n; i++) {
    if (map[i].kind == MEM_KERNEL || map[i].kind == MEM_TREE ||
        map[i].kind == MEM_DISK)
      EXPECT(ram_around(&map[i]) != 0);
    if (map[i].kind == MEM_DEVICE)
      EXPECT(ram_around(&map[i]) == 0);
  }
}

// The allocator has all of RAM but for what is in use.
static void
as_much_as_there_is(void)
{
  struct sysinfo si;
  uint64 ram = 0;

  get();
  EXPECT_IS(sysinfo(&si), 0);
  for (int i = 0; i < n; i++)
    if (map[i].kind == MEM_RAM)
      ram += map[i].size;
  EXPECT(ram > si.mem_total);
  EXPECT(ram - si.mem_total < 32 << 20);
}

// The console is a device with an interrupt.
static void
devices(void)
{
  int uart = 0;

  get();
  for (int i = 0; i < n; i++)
    if (map[i].kind == MEM_DEVICE && strcmp(map[i].name, "uart") == 0)
      uart += map[i].irq > 0;
  EXPECT_IS(uart, 1);
}

static void
a_part_of_it(void)
{
  static struct memregion some[3];

  get();
  EXPECT_IS(memmap(0, 0), n);
  EXPECT_IS(memmap((void *)-1L, 0), n);         // nothing is written
  some[2].size = 7;
  EXPECT_IS(memmap(some, 2), n);
  EXPECT_IS(memcmp(some, map, 2 * sizeof(map[0])), 0);
  EXPECT_IS(some[2].size, 7);
  EXPECT_IS(memmap(map, -1), -1);
  EXPECT_IS(memmap(map, 0x7fffffff), n);
}

static void
no_place(void)
{
  EXPECT_IS(memmap(0, 1), -1);
  EXPECT_IS(memmap((struct memregion *)no_place, 1), -1);       // text
  EXPECT_IS(memmap((struct memregion *)sbrk(0), 1), -1);
  EXPECT_IS(memmap((struct memregion *)0xffffffc080200000, 1), -1);
}

static const struct guest_case cases[] = {
  { "in_order", in_order },
  { "what_is_in_ram", what_is_in_ram },
  { "as_much_as_there_is", as_much_as_there_is },
  { "devices", devices },
  { "a_part_of_it", a_part_of_it },
  { "no_place", no_place },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
