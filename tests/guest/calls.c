// calls.c - the corners of calls that no other program here is about: each
// with what it refuses.

#include "kernel/file.h"
#include "kernel/fs.h"
#include "tests/guest/files.h"

#define DIR "t_calls.dir"

static const char *const wild[] = {
  (char *)0x80000000, (char *)0x3fffffe000, (char *)(1L << 38),
  (char *)(1L << 63), (char *)-1L,
};

// ---- descriptors -----------------------------------------------------------

static void
fstat_of_what(void)
{
  struct stat st;
  int fd[2], con;

  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(fstat(fd[0], &st), -1);     // a pipe is no file
  EXPECT_IS(fstat(fd[1], &st), -1);
  con = open("/console", O_RDWR);
  EXPECT(con >= 0);
  EXPECT_IS(fstat(con, &st), 0);
  EXPECT_IS(st.type, T_DEVICE);
  EXPECT_IS(fstat(99, &st), -1);
  EXPECT_IS(fstat(-1, &st), -1);
  EXPECT_IS(stat("/", &st), 0);
  EXPECT_IS(st.type, T_DIR);
  EXPECT_IS(stat("nofile", &st), -1);
  EXPECT_IS(stat("", &st), 0);          // the current directory, as in xv6
  EXPECT_IS(st.ino, ROOTINO);
}

static void
fsync_of_what(void)
{
  int fd[2];

  EXPECT_IS(pipe(fd), 0);
  EXPECT_IS(fsync(fd[0]), -1);
  EXPECT_IS(fsync(1), -1);      // the console
  EXPECT_IS(fsync(-1), -1);
}

static void
dup_and_close(void)
{
  int fd[2], other;

  EXPECT_IS(dup(-1), -1);
  EXPECT_IS(dup(63), -1);
  EXPECT_IS(dup(1 << 30), -1);
  EXPECT_IS(close(-1), -1);
  EXPECT_IS(close(63), -1);
  EXPECT_IS(pipe(fd), 0);
  other = dup(fd[1]);
  EXPECT_IS(close(fd[1]), 0);
  EXPECT_IS(write(fd[1], "x", 1), -1);
  EXPECT_IS(write(other, "x", 1), 1);
  EXPECT_IS(close(other), 0);
  EXPECT_IS(read(fd[0], buf, 5), 1);
  EXPECT_IS(read(fd[0], buf, 5), 0);
}

// A directory can be read, in pieces of any size, but not written.
static void
reading_a_directory(void)
{
  struct dirent de;
  int fd;

  enter(DIR);
  close(make("f", "x"));
  fd = open(".", O_RDONLY);
  EXPECT_IS(read(fd, &de, 5), 5);
  EXPECT_IS(read(fd, (char *)&de + 5, sizeof(de) - 5), sizeof(de) - 5);
  EXPECT_IS(strcmp(de.name, "."), 0);
  EXPECT_IS(read(fd, buf, BUFFER), 2 * sizeof(de));
  EXPECT_IS(read(fd, buf, BUFFER), 0);
  EXPECT_IS(write(fd, &de, sizeof(de)), -1);
  EXPECT_IS(unlink("f"), 0);
  leave(DIR);
}

// ---- open, mknod, mkdir ----------------------------------------------------

static void
open_flags(void)
{
  struct stat st;
  int fd, other;

  enter(DIR);
  fd = open("a", O_CREATE);             // may be read, not written
  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, "x", 1), -1);
  EXPECT_IS(read(fd, buf, 1), 0);
  close(fd);
  close(make("a", "abcdef"));
  other = open("a", O_RDONLY);
  fd = open("a", O_CREATE | O_WRONLY);  // it is there: nothing is lost
  EXPECT_IS(fstat(fd, &st), 0);
  EXPECT_IS(st.size, 6);
  close(fd);
  close(open("a", O_RDWR | O_TRUNC));
  EXPECT_IS(read(other, buf, 10), 0);
  close(other);
  EXPECT_IS(open("a/", O_CREATE | O_RDWR) >= 0, open("a/", O_RDONLY) >= 0);
  EXPECT_IS(open("", O_CREATE | O_RDWR), -1);
  EXPECT_IS(open(".", O_CREATE | O_RDONLY), -1);
  EXPECT_IS(open("..", O_CREATE | O_RDWR), -1);
  EXPECT_IS(open("nodir/a", O_RDONLY), -1);
  EXPECT_IS(open("a/b", O_RDONLY), -1);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

// Behind a file's end one cannot write: an offset that was left there by a
// truncation is refused, as in xv6.
static void
behind_the_end(void)
{
  int fd;

  enter(DIR);
  fd = make("a", "abcdef");
  close(open("a", O_WRONLY | O_TRUNC));
  EXPECT_IS(write(fd, "x", 1), -1);
  EXPECT_IS(read(fd, buf, 1), 0);
  close(make("a", "123456789"));
  EXPECT_IS(write(fd, "x", 1), 1);
  close(fd);
  content_is("a", "123456x89");
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static void
no_descriptor_left(void)
{
  int fd, last = -1;

  enter(DIR);
  while ((fd = dup(0)) >= 0)
    last = fd;
  EXPECT_IS(open("a", O_RDONLY), -1);
  EXPECT_IS(open("/", O_RDONLY), -1);
  close(last);
  EXPECT_IS(open("/", O_RDONLY), last);
  leave(DIR);
}

static void
mknod_corners(void)
{
  enter(DIR);
  EXPECT_IS(mknod("", 1, 1), -1);
  EXPECT_IS(mknod(".", 1, 1), -1);
  EXPECT_IS(mknod("nodir/d", 1, 1), -1);
  for (int major = -1; major < 40; major += 8) {
    int fd;

    EXPECT_IS(mknod("d", major, 7), 0);
    fd = open("d", O_RDWR);
    if (fd >= 0 && major != CONSOLE) {
      EXPECT_IS(read(fd, buf, 1), -1);
      EXPECT_IS(write(fd, buf, 1), -1);
    }
    close(fd);
    EXPECT_IS(unlink("d"), 0);
  }
  leave(DIR);
}

static void
mkdir_corners(void)
{
  enter(DIR);
  close(make("f", ""));
  EXPECT_IS(mkdir("f"), -1);
  EXPECT_IS(mkdir("f/d"), -1);
  EXPECT_IS(mkdir("nodir/d"), -1);
  EXPECT_IS(mkdir("."), -1);
  EXPECT_IS(mkdir(".."), -1);
  EXPECT_IS(chdir("f"), -1);
  EXPECT_IS(chdir("nodir"), -1);
  EXPECT_IS(chdir(""), 0);
  EXPECT_IS(chdir("../" DIR), 0);
  EXPECT_IS(unlink("f"), 0);
  leave(DIR);
}

// A directory inside a directory, and so on, deeper than a path is long.
static void
deep(void)
{
  enter(DIR);
  for (int i = 0; i < 100; i++) {
    EXPECT_IS(mkdir("d"), 0);
    EXPECT_IS(chdir("d"), 0);
  }
  for (int i = 0; i < 100; i++) {
    EXPECT_IS(chdir(".."), 0);
    EXPECT_IS(unlink("d"), 0);
  }
  leave(DIR);
}

// The current directory is removed: its names are gone, and the process can
// leave it.
static void
directory_goes(void)
{
  enter(DIR);
  EXPECT_IS(mkdir("d"), 0);
  EXPECT_IS(chdir("d"), 0);
  EXPECT_IS(unlink("../d"), 0);
  EXPECT_IS(open("f", O_CREATE | O_RDWR), -1);
  EXPECT_IS(mkdir("e"), -1);
  EXPECT_IS(link("/README", "r"), -1);
  EXPECT_IS(mknod("n", 1, 1), -1);
  EXPECT_IS(rename("/README", "r"), -1);
  EXPECT_IS(chdir("/" DIR), 0);
  leave(DIR);
}

// ---- rename ----------------------------------------------------------------

static void
rename_corners(void)
{
  enter(DIR);
  close(make("a", "A"));
  EXPECT_IS(rename("a", "a"), 0);
  content_is("a", "A");
  EXPECT_IS(link("a", "b"), 0);
  EXPECT_IS(rename("a", "b"), 0);
  content_is("b", "A");
  EXPECT_IS(mkdir("d"), 0);
  EXPECT_IS(mkdir("e"), 0);
  close(make("e/f", "F"));
  EXPECT_IS(rename("d", "b"), -1);      // a directory over a file
  EXPECT_IS(rename("d", "e"), -1);      // over one that is not empty
  EXPECT_IS(rename("e", "e/f/g"), -1);
  EXPECT_IS(rename("e", "e"), 0);
  EXPECT_IS(rename("b", ""), -1);
  EXPECT_IS(rename("", "b"), -1);
  EXPECT_IS(rename("b", "."), -1);
  EXPECT_IS(rename("d", ".."), -1);
  EXPECT_IS(rename("..", "x"), -1);
  EXPECT_IS(rename("/", "x"), -1);
  EXPECT_IS(rename("b", "/"), -1);
  EXPECT_IS(rename("e", "d"), 0);       // over an empty one
  content_is("d/f", "F");
  EXPECT_IS(unlink("d/f"), 0);
  EXPECT_IS(unlink("d"), 0);
  unlink("a");
  EXPECT_IS(unlink("b"), 0);
  leave(DIR);
}

// ---- life ------------------------------------------------------------------

static void
nap(void)
{
  sleep_ns(1000 * SEC);
}

static int
napping(void)
{
  int pid = fork();

  if (pid == 0) {
    nap();
    exit(1);
  }
  EXPECT(pid > 0);
  WAIT_FOR(guest_sleeps(pid)[0]);
  return pid;
}

static void
wild_status(void)
{
  struct usage u;
  int status = 5, pid = fork();

  if (pid == 0)
    exit(6);
  for (uint i = 0; i < COUNT(wild); i++) {
    EXPECT_IS(wait((int *)wild[i]), -1);
    EXPECT_IS(waitpid(pid, (int *)wild[i], 0), -1);
    EXPECT_IS(sys_waitx((int *)wild[i], &u, 0, 0), -1);
    EXPECT_IS(sys_waitx(&status, (struct usage *)wild[i], 0, 0), -1);
    EXPECT_IS(waitx((int *)wild[i], 0, 0), -1);
    EXPECT_IS(waitx(&status, (int *)wild[i], 0), -1);
    EXPECT_IS(waitx(&status, 0, (int *)wild[i]), -1);
  }
  EXPECT_IS(status, 5);
  EXPECT_IS(waitx(&status, 0, 0), pid);         // the child was not lost
  EXPECT_IS(status, 6);
  EXPECT_IS(sys_waitx(0, &u, 0, 0), -1);
}

static void
waitpid_corners(void)
{
  int pid = napping(), status = 5;

  EXPECT_IS(waitpid(0, &status, 0), -1);
  EXPECT_IS(waitpid(-2, &status, 0), -1);
  EXPECT_IS(waitpid(pid, &status, 2), -1);
  EXPECT_IS(waitpid(pid, &status, -1), -1);
  EXPECT_IS(waitpid(getpid(), &status, 0), -1);
  EXPECT_IS(waitpid(getppid(), &status, 0), -1);
  EXPECT_IS(waitpid(1 << 30, &status, 0), -1);
  EXPECT_IS(waitpid(pid, &status, WNOHANG), 0);
  EXPECT_IS(status, 5);
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(waitpid(pid, 0, 0), pid);
}

// kill of a group ends all of it, and nobody else.
static void
kill_a_group(void)
{
  int pid[3], status, outside = napping();

  for (int i = 0; i < 3; i++) {
    pid[i] = napping();
    EXPECT_IS(setpgid(pid[i], pid[0]), 0);
  }
  EXPECT_IS(kill(-pid[0]), 0);
  for (int i = 0; i < 3; i++) {
    EXPECT_IS(waitpid(pid[i], &status, 0), pid[i]);
    EXPECT_IS(status, KILLED);
  }
  EXPECT_IS(kill(-pid[0]), -1);
  EXPECT_IS(kill(-0x7fffffff - 1), -1);
  EXPECT_IS(waitpid(outside, 0, WNOHANG), 0);
  EXPECT_IS(kill(outside), 0);
  EXPECT_IS(wait(0), outside);
}

static void
sleeps_of_nothing(void)
{
  uint64 t = clock_ns();

  EXPECT_IS(sleep(-1), 0);
  EXPECT_IS(sleep(-0x7fffffff - 1), 0);
  EXPECT_IS(pause(0), 0);
  EXPECT_IS(sleep_ns(0), 0);
  EXPECT_IS(sleep_ns(-1UL), 0);
  EXPECT(clock_ns() - t < 5 * SEC);
}

static void
longest(void)
{
  sleep_ns(1UL << 62);
}

static void
longest_ticks(void)
{
  sleep(0x7fffffff);
}

// The longest sleeps do not wrap around, and end by a kill.
static void
endless_sleeps(void)
{
  static void (*const how[])(void) = { longest, longest_ticks };

  for (uint i = 0; i < COUNT(how); i++) {
    int status, pid = fork();

    if (pid == 0) {
      how[i]();
      exit(1);
    }
    WAIT_FOR(guest_sleeps(pid)[0]);
    sleep_ns(20 * MSEC);
    EXPECT_IS(waitpid(pid, &status, WNOHANG), 0);
    EXPECT_IS(kill(pid), 0);
    EXPECT_IS(wait(&status), pid);
    EXPECT_IS(status, KILLED);
  }
}

// ---- what the kernel tells -------------------------------------------------

static void
indices(void)
{
  struct procinfo p;
  struct hartinfo h;
  struct sched_param_info q;
  struct sched_promise_info r;
  struct sched_attr_info a;

  EXPECT_IS(procinfo(0, &p), getpid());
  EXPECT_IS(procinfo(-5, &p), 1);
  EXPECT_IS(procinfo(0x7fffffff, &p), -1);
  EXPECT_IS(hartinfo(0, &h), 0);
  EXPECT_IS(hartinfo(-1, &h), -1);
  EXPECT_IS(hartinfo(1000, &h), -1);
  for (int i = -2; i < 100; i += i < 0 ? 1 : 99) {
    if (i == 0)
      continue;
    EXPECT_IS(sched_param(i, &q), -1);
    EXPECT_IS(sched_promise(i, &r), -1);
    EXPECT_IS(sched_attr(i, &a), -1);
  }
  EXPECT(getppid() > 0);
  EXPECT_IS(tcsetpgrp(0, -1), -1);
}

static const struct guest_case cases[] = {
  { "fstat_of_what", fstat_of_what },
  { "fsync_of_what", fsync_of_what },
  { "dup_and_close", dup_and_close },
  { "reading_a_directory", reading_a_directory },
  { "open_flags", open_flags },
  { "behind_the_end", behind_the_end },
  { "no_descriptor_left", no_descriptor_left },
  { "mknod_corners", mknod_corners },
  { "mkdir_corners", mkdir_corners },
  { "deep", deep },
  { "directory_goes", directory_goes },
  { "rename_corners", rename_corners },
  { "wild_status", wild_status },
  { "waitpid_corners", waitpid_corners },
  { "kill_a_group", kill_a_group },
  { "sleeps_of_nothing", sleeps_of_nothing },
  { "endless_sleeps", endless_sleeps },
  { "indices", indices },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
