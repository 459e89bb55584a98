// lab_map.c - the machine as the kernel sees it: harts, memory, its map, and
// what the program memmap prints of that.

#include "tests/labs/boot/guest/machine.h"

#define MOST 128

static struct memregion map[MOST];

static void
tell_regions(void)
{
  int n = memmap(map, MOST);

  for (int i = 0; i < n && i < MOST; i++)
    lab_tell("region", "%lx %lx %d %d %s", map[i].start, map[i].size,
             map[i].kind, map[i].irq, map[i].name);
  lab_tell("count", "%d", memmap(0, 0));
}

// The first regions only: no byte more is written.
static void
part(void)
{
  static struct memregion some[3];
  int n = memmap(map, MOST);

  LAB_IS(n > 3, 1);
  some[2].size = 7;
  LAB_IS(memmap(some, 2), n);
  LAB_IS(memcmp(some, map, 2 * sizeof(map[0])), 0);
  LAB_IS(some[2].size, 7);
  LAB_IS(memmap(some, 0), n);
  LAB_IS(memcmp(some, map, 2 * sizeof(map[0])), 0);
  LAB_IS(memmap(map, 0x7fffffff), n);
}

static void
bad(void)
{
  LAB_IS(memmap(map, -1), -1);
  LAB_IS(memmap(0, 1), -1);
  LAB_IS(memmap((struct memregion *)(uint64)bad, 1), -1); // text
  LAB_IS(memmap((struct memregion *)sbrk(0), 1), -1);
  LAB_IS(memmap((struct memregion *)0xffffffc080200000, 1), -1);
}

// Run /memmap, and tell what it prints.
static void
tell_program(void)
{
  static char *argv[] = { "memmap", 0 };
  struct reader r;
  int to[2], pid, status = -1;

  if (pipe(to) < 0)
    return;
  pid = fork();
  if (pid == 0) {
    close(1);
    dup(to[1]);
    close(to[0]);
    close(to[1]);
    exec("/memmap", argv);
    exit(127);
  }
  close(to[1]);
  reader_open(&r, to[0]);
  for (int lines = 0; lines < MOST && reader_line(&r); lines++)
    lab_tell("line", "%s", r.line);
  reader_close(&r);
  close(to[0]);
  if (waitpid(pid, &status, 0) == pid)
    lab_tell("program-status", "%d", status);
}

int
main(int argc, char **argv)
{
  lab_begin();
  tell_machine();
  tell_regions();
  lab_case("part", part, LAB_SEC);
  lab_case("bad", bad, LAB_SEC);
  tell_program();
  return lab_end();
}
