// scarce.c - files, while all memory is in use: what can be had back from the
// block cache, and what the journal has of its own, is enough.

#include "kernel/fs.h"
#include "tests/guest/memory.h"

static char buf[4 * PAGE];

// Wait for a byte; then make files, some of them without a name at the end.
static void
work_with_files(int i, int go)
{
  char name[] = "t_mem.0", c;

  name[6] += i;
  EXPECT_IS(read(go, &c, 1), 1);
  for (int round = 0; round < 10; round++) {
    int fd = open(name, O_CREATE | O_RDWR | O_TRUNC);

    EXPECT(fd >= 0);
    for (int k = 0; k < 12; k++)
      EXPECT_IS(write(fd, buf, sizeof(buf)), sizeof(buf));
    EXPECT_IS(unlink(name), 0);
    EXPECT_IS(write(fd, buf, sizeof(buf)), sizeof(buf));
    EXPECT_IS(close(fd), 0);
  }
}

static void
write_without_memory(void)
{
  int go[2], n, status;
  char *a;

  EXPECT_IS(pipe(go), 0);
  for (int i = 0; i < 4; i++) {
    int pid = fork();

    EXPECT(pid >= 0);
    if (pid == 0) {
      work_with_files(i, go[0]);
      exit(0);
    }
  }
  a = sbrk(0);
  n = take_memory();
  for (int i = 0; i < n; i++)
    a[(long)i * PAGE] = i;
  EXPECT_IS(write(go[1], buf, 4), 4);
  for (int i = 0; i < 4; i++) {
    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
}

static void
writes_go_on(void)
{
  EXPECT_IS(guest_status(write_without_memory), 0);
}

static const struct guest_case cases[] = {
  { "writes_go_on", writes_go_on },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
