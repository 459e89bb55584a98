// cow.c - what fork promises of memory: parent and child each have their own,
// however it is shared underneath.

#include "tests/guest/guest.h"

#define PAGES 256

static char data[3 * PAGE] = { 1 };
static char *heap;

static void
fill(char *p, uint n, char c)
{
  for (uint i = 0; i < n; i++)
    p[i * PAGE] = c;
}

static int
all(const char *p, uint n, char c)
{
  for (uint i = 0; i < n; i++)
    if (p[i * PAGE] != c)
      return 0;
  return 1;
}

static void
get_heap(void)
{
  heap = sbrk(PAGES * PAGE);
  EXPECT(heap != SBRK_ERROR);
  fill(heap, PAGES, 'a');
}

// The child's writes are not the parent's.
static void
child_writes(void)
{
  int pid, status, local = 5;
  volatile int *p = &local;

  get_heap();
  pid = fork();
  if (pid == 0) {
    fill(heap, PAGES, 'b');
    fill(data, 3, 'b');
    *p = 6;
    exit(all(heap, PAGES, 'b') && all(data, 3, 'b') ? 0 : 1);
  }
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 0);
  EXPECT(all(heap, PAGES, 'a'));
  EXPECT_IS(data[0], 1);
  EXPECT_IS(local, 5);
}

// The parent's writes are not the child's, also after the parent is gone.
static void
parent_writes(void)
{
  int go[2], back[2];
  char c;

  get_heap();
  pipe(go);
  pipe(back);
  if (fork() == 0) {
    read(go[0], &c, 1);
    c = all(heap, PAGES, 'a');
    fill(heap, PAGES, 'c');
    c = c && all(heap, PAGES, 'c');
    write(back[1], &c, 1);
    exit(0);
  }
  fill(heap, PAGES, 'b');
  EXPECT_IS(write(go[1], "", 1), 1);
  EXPECT_IS(read(back[0], &c, 1), 1);
  EXPECT_IS(c, 1);
  EXPECT(all(heap, PAGES, 'b'));
  wait(0);
}

// A chain of processes, each of which changes a page of its own and sees what
// its ancestors changed.
static void
generations(void)
{
  int status = 0;

  get_heap();
  for (int g = 0; g < 12; g++) {
    int pid;

    for (int i = 0; i < g; i++)
      EXPECT_IS(heap[i * PAGE], 'A' + i);
    EXPECT_IS(heap[g * PAGE], 'a');
    heap[g * PAGE] = 'A' + g;
    pid = fork();
    EXPECT(pid >= 0);
    if (pid > 0) {
      EXPECT_IS(wait(&status), pid);
      EXPECT_IS(heap[(g + 1) * PAGE], 'a');
      if (g > 0)
        exit(status);
      break;
    }
    if (g == 11)
      exit(0);
  }
  EXPECT_IS(status, 0);
}

// The kernel writes on the user's behalf: into a copy as well.
static void
kernel_writes(void)
{
  int fd[2], pid, status;

  get_heap();
  pipe(fd);
  pid = fork();
  if (pid == 0) {
    EXPECT_IS(write(fd[1], "xyz", 3), 3);
    EXPECT_IS(read(fd[0], heap + PAGE - 1, 3), 3);      // over two pages
    EXPECT_IS(heap[PAGE - 1], 'x');
    EXPECT_IS(heap[PAGE + 1], 'z');
    EXPECT_IS(pipe((int *)(heap + 4 * PAGE)), 0);
    exit(0);
  }
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, 0);
  EXPECT_IS(heap[PAGE - 1], 0);
  EXPECT(all(heap, PAGES, 'a'));
}

// wait() stores the status into a page that is shared with another child.
static void
status_page(void)
{
  int *status, fd[2];
  char c;

  get_heap();
  status = (int *)(heap + 2 * PAGE);
  *status = 7;
  pipe(fd);
  if (fork() == 0) {
    close(fd[1]);
    read(fd[0], &c, 1);         // until the parent has its status
    exit(*status == 7 ? 3 : 4);
  }
  if (fork() == 0)
    exit(55);
  EXPECT(wait(status) > 0);
  EXPECT_IS(*status, 55);
  close(fd[1]);
  EXPECT(wait(status) > 0);
  EXPECT_IS(*status, 3);
}

// The last sharer writes in place: no page more is used for it.
static void
last_one(void)
{
  struct procinfo before, after;

  get_heap();
  EXPECT_IS(guest_status(get_heap), 0);
  EXPECT_IS(procinfo(getpid(), &before), getpid());
  fill(heap, PAGES, 'b');
  EXPECT_IS(procinfo(getpid(), &after), getpid());
  EXPECT_IS(after.pages, before.pages);
}

static volatile char *target;

static void
touch(void)
{
  *target = 0;
}

// A fork makes nothing writable that was not.
static void
still_protected(void)
{
  target = (char *)touch;
  EXPECT_IS(guest_status(touch), KILLED);
  target = (char *)"constant";
  EXPECT_IS(guest_status(touch), KILLED);
  target = heap = sbrk(PAGE);
  EXPECT_IS(guest_status(touch), 0);
}

// A child of a child with much memory, many times: all is given back.
static void
again(void)
{
  struct sysinfo before, after;

  get_heap();
  EXPECT_IS(guest_status(get_heap), 0);
  sysinfo(&before);
  for (int i = 0; i < 200; i++) {
    if (fork() == 0) {
      if (fork() == 0) {
        fill(heap, PAGES, i);
        exit(0);
      }
      fill(heap, PAGES / 2, i);
      wait(0);
      exit(0);
    }
    EXPECT(wait(0) > 0);
  }
  sysinfo(&after);
  EXPECT(after.mem_free + 16 * PAGE >= before.mem_free);
  EXPECT(all(heap, PAGES, 'a'));
}

static const struct guest_case cases[] = {
  { "child_writes", child_writes },
  { "parent_writes", parent_writes },
  { "generations", generations },
  { "kernel_writes", kernel_writes },
  { "status_page", status_page },
  { "last_one", last_one },
  { "still_protected", still_protected },
  { "again", again },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
