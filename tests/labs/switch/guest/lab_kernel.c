// lab_kernel.c - work that is nearly all in the kernel, so that most interrupts
// find the hart there.
//
//   lab_kernel SEED PROCS    tells "work ok", and "preempted N", how often the
//                            processes were
//
// Each process copies a file of its own to and fro, makes children that share
// memory with it, and looks whether all is as it was.

#include "tests/labs/frame/guest.h"

#define NDATA  (40 * 1024)
#define ROUNDS 12  // at least,
#define MOST   200 // and as many as it takes to be
#define ENOUGH 50  // times preempted

static uint64 seed;
static int nproc;
static char data[NDATA], back[NDATA];

// A child with memory of its own, which the kernel copies.
static void
child(uint64 key)
{
  int pid = fork(), status = 0;

  if (pid == 0) {
    for (uint i = 0; i < NDATA; i += 512)
      data[i] ^= key | 1;
    for (uint i = 0; i < NDATA; i += 512)
      if (data[i] == back[i])
        exit(1);
    exit(LAB_OK);
  }
  LAB_IS(waitpid(pid, &status, 0), pid);
  LAB_IS(status, LAB_OK);
}

static void
copy(const char *name, uint64 key)
{
  int fd = open(name, O_RDWR | O_CREATE | O_TRUNC);

  LAB_EXPECT(fd >= 0);
  for (uint i = 0; i < NDATA; i++)
    data[i] = (key + i) * 2654435761u >> 16;
  LAB_IS(write(fd, data, NDATA), NDATA);
  close(fd);
  for (int i = 0; i < 3; i++) {
    fd = open(name, O_RDONLY);
    memset(back, 0, NDATA);
    LAB_IS(read(fd, back, NDATA), NDATA);
    LAB_EXPECT(memcmp(data, back, NDATA) == 0);
    close(fd);
  }
  child(key);
  LAB_IS(unlink(name), 0);
}

static void
one(int number, int out)
{
  struct procinfo me = { 0 };
  char name[16];

  snprintf(name, sizeof(name), "/copy%d", number);
  for (uint64 round = 0;
       round < ROUNDS || (round < MOST && me.preempted < ENOUGH); round++) {
    copy(name, seed + 1000 * number + round);
    LAB_IS(procinfo(getpid(), &me), getpid());
  }
  write(out, &me.preempted, sizeof(me.preempted));
  exit(LAB_OK);
}

static void
work(void)
{
  uint64 n, preempted = 0;
  int counts[2], status;

  LAB_IS(pipe(counts), 0);
  for (int i = 0; i < nproc; i++)
    if (fork() == 0)
      one(i, counts[1]);
  for (int i = 0; i < nproc; i++) {
    LAB_EXPECT(wait(&status) > 0);
    if (status == LAB_TOLD)
      exit(LAB_TOLD);
    LAB_IS(status, LAB_OK);
    LAB_IS(read(counts[0], &n, sizeof(n)), sizeof(n));
    preempted += n;
  }
  lab_tell("preempted", "%ld", (long)preempted);
}

int
main(int argc, char **argv)
{
  lab_begin();
  seed = atoi(argv[1]);
  nproc = atoi(argv[2]);
  lab_case("work", work, 60 * LAB_SEC);
  return lab_end();
}
