// crowd.c - several processes that change the file system at once.
//
// Each works on files of its own, in a directory that all share, and its i-th
// operation depends on i alone. So for each process there is a list of states
// that it went through. After a crash it must be in one of them, not before
// the one that some sync, whoever called it, has promised. Marks of the log
// hold a byte for each process.

#include <stdio.h>
#include <string.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

#define CROWD_SIZE 4   // processes: bytes of a mark
#define STEPS      200 // operations of each: less than a byte holds
#define KEPT       6   // files that one has at most

// Of three steps the first makes a file, the second writes it, and the third
// removes an old one, or writes again while there are few.
enum step { MAKE, WRITE, REMOVE };

static enum step
kind_of(int i)
{
  if (i % 3 == 2)
    return i / 3 >= KEPT ? REMOVE : WRITE;
  return i % 3 == 0 ? MAKE : WRITE;
}

// Which of its files step i works on.
static int
file_of_step(int i)
{
  return kind_of(i) == REMOVE ? i / 3 - KEPT : i / 3;
}

static void
name_of(int p, int f, char *name)
{
  sprintf(name, "/c%d.%d", p, f);
}

// How many bytes step i of process p writes; their value is i.
static int
length_of(int p, int i)
{
  return 1 + (i * 7919 + p * 104729) % 14000;
}

static void
do_step(int p, int i)
{
  static uint8_t bytes[CROWD_SIZE][14000];
  char name[32];
  name_of(p, file_of_step(i), name);
  if (kind_of(i) == REMOVE) {
    REQUIRE(u_unlink(name) == 0);
    return;
  }
  int fd =
    u_open(name, kind_of(i) == MAKE ? O_CREATE | O_RDWR : O_RDWR | O_APPEND);
  REQUIRE(fd >= 0);
  if (kind_of(i) == WRITE) {
    memset(bytes[p], i, length_of(p, i));
    REQUIRE(u_write(fd, bytes[p], length_of(p, i)) == length_of(p, i));
  }
  u_close(fd);
}

// A byte a process: operations that have ended. A sync promises those that had
// ended when it began.
static uint32_t ended;

static void
raise(uint32_t *mark, int p, uint32_t value)
{
  if ((*mark >> 8 * p & 0xff) < value)
    *mark = (*mark & ~(0xffu << 8 * p)) | value << 8 * p;
}

static void
member(void *arg)
{
  int p = (long)arg;
  for (int i = 0; i < STEPS; i++) {
    raise(&machine.issued, p, i + 1);
    do_step(p, i);
    raise(&ended, p, i + 1);
    if (machine_random(12) == 0) {
      uint32_t before = ended;
      REQUIRE(call(sys_sync, 0, 0, 0) == 0);
      for (int q = 0; q < CROWD_SIZE; q++)
        raise(&machine.synced, q, before >> 8 * q & 0xff);
    }
  }
}

void
crowd_workload(void *arg)
{
  for (long p = 0; p < CROWD_SIZE; p++)
    fiber_start("member", member, (void *)p);
}

// ---- after the crash -------------------------------------------------------

// The state that file f of process p has after `steps` of its steps; 0: it is
// not there.
static uint64_t
expected(int p, int f, int steps)
{
  static uint8_t all[3 * 14000];
  bool there = false;
  int size = 0;
  for (int i = 0; i < steps; i++) {
    if (file_of_step(i) != f)
      continue;
    there = kind_of(i) != REMOVE;
    if (kind_of(i) == WRITE) {
      memset(all + size, i, length_of(p, i));
      size += length_of(p, i);
    }
  }
  return there ? model_hash(1, all, size) : 0;
}

static uint64_t
found(struct image *img, int p, int f)
{
  char name[32];
  name_of(p, f, name);
  uint32_t inum = image_path(img, name);
  return inum != 0 ? image_file_state(img, image_inode(img, inum)) : 0;
}

// Is process p where it was after `steps`?
static bool
is_at(struct image *img, int p, int steps)
{
  for (int f = 0; f <= STEPS / 3; f++)
    if (found(img, p, f) != expected(p, f, steps))
      return false;
  return true;
}

bool
crowd_ok(struct image *img, uint32_t synced, uint32_t issued)
{
  for (int p = 0; p < CROWD_SIZE; p++) {
    int steps = issued >> 8 * p & 0xff, least = synced >> 8 * p & 0xff;
    while (steps >= least && !is_at(img, p, steps))
      steps--;
    if (steps < least) {
      fprintf(stderr, "process %d: none of its states %u to %u\n", p, least,
              issued >> 8 * p & 0xff);
      return false;
    }
  }
  return true;
}
