// lab_sleep LINES - sleeps on a pipe that must end, and files that several
// processes write at once.

#include "tests/labs/frame/guest.h"

#define PIPE    16384 // bytes that a pipe holds
#define ATOMIC  4096  // a write of so many goes in as a whole
#define WRITERS 4

static int ends[2];
static int lines_each;

static const char *
sleeps_on(int pid)
{
  static struct procinfo pi;

  if (procinfo(pid, &pi) != pid || pi.state != PROC_SLEEPING)
    return "";
  return pi.wchan;
}

static void
until_asleep(int pid, const char *queue)
{
  for (int i = 0; i < 1000 && strcmp(sleeps_on(pid), queue) != 0; i++)
    sleep_ns(LAB_MSEC);
  LAB_IS(strcmp(sleeps_on(pid), queue), 0);
}

// A child that reads or writes n bytes. Its status: how many, by thousands.
static int
child(int reads, int n)
{
  static char data[PIPE];
  int pid = fork();

  LAB_EXPECT(pid >= 0);
  if (pid == 0) {
    int got;

    close(ends[reads]);
    got = reads ? read(ends[0], data, n) : write(ends[1], data, n);
    exit(got == n ? 0 : got == 0 ? 1 : 2);
  }
  until_asleep(pid, reads ? "pipe read" : "pipe write");
  return pid;
}

static void
ends_with(int pid, int want)
{
  int status = -2;

  LAB_IS(waitpid(pid, &status, 0), pid);
  LAB_IS(status, want);
}

// Two that read a byte each; two bytes come at once.
static void
two_readers(void)
{
  int a, b;

  LAB_IS(pipe(ends), 0);
  a = child(1, 1);
  b = child(1, 1);
  LAB_IS(write(ends[1], "xy", 2), 2);
  ends_with(a, 0);
  ends_with(b, 0);
}

// A full pipe; one who needs room for a byte, one for many. A byte is read.
static void
two_writers(void)
{
  static char data[PIPE];
  int a, b;

  LAB_IS(pipe(ends), 0);
  LAB_IS(write(ends[1], data, PIPE), PIPE);
  a = child(0, 1);
  b = child(0, ATOMIC);
  LAB_IS(read(ends[0], data, 1), 1);
  ends_with(a, 0);
  LAB_IS(read(ends[0], data, ATOMIC), ATOMIC);
  ends_with(b, 0);
}

// Two that read; the last writer goes.
static void
at_the_end(void)
{
  int a, b;

  LAB_IS(pipe(ends), 0);
  a = child(1, 1);
  b = child(1, 1);
  close(ends[1]);
  ends_with(a, 1);
  ends_with(b, 1);
}

// ---- files
// ---------------------------------------------------------------------

static char line[3000];

static int
write_line(const char *file, int how)
{
  int fd = open(file, O_WRONLY | how);
  int n = write(fd, line, sizeof(line));

  close(fd);
  return n == sizeof(line);
}

// Lines at the end of one file; and often the beginning of another, so that
// slices end within.
static void
write_lines(int who)
{
  memset(line, 'a' + who, sizeof(line));
  line[sizeof(line) - 1] = '\n';
  for (int i = 0; i < lines_each; i++) {
    if (!write_line("/lab.file", O_APPEND))
      exit(1);
    for (int k = 0; k < 25; k++)
      if (!write_line("/lab.same", 0))
        exit(2);
  }
  exit(0);
}

static long
whole_lines(const char *file)
{
  struct reader r;
  long n = 0;

  reader_open(&r, open(file, O_RDONLY));
  while (reader_line(&r)) {
    LAB_IS(r.len, 2999);
    for (uint i = 0; i < r.len; i++)
      LAB_IS(r.line[i], r.line[0]);
    n++;
  }
  reader_close(&r);
  return n;
}

// Each line is written as a whole; who waits for the file sleeps.
static void
one_file(void)
{
  int pid[WRITERS], asleep = 0, left = WRITERS;

  close(open("/lab.file", O_WRONLY | O_CREATE | O_TRUNC));
  close(open("/lab.same", O_WRONLY | O_CREATE | O_TRUNC));
  for (int i = 0; i < WRITERS; i++) {
    pid[i] = fork();
    LAB_EXPECT(pid[i] >= 0);
    if (pid[i] == 0)
      write_lines(i);
  }
  while (left > 0) {
    for (int i = 0; i < WRITERS; i++)
      asleep += strcmp(sleeps_on(pid[i]), "file") == 0;
    for (int status = 0; left > 0 && waitpid(-1, &status, WNOHANG) > 0; left--)
      LAB_IS(status, 0);
    sleep_ns(LAB_MSEC / 4);
  }
  LAB_IS(whole_lines("/lab.same"), 1);
  LAB_IS(whole_lines("/lab.file"), WRITERS * lines_each);
  lab_tell("asleep", "%d", asleep);
}

int
main(int argc, char **argv)
{
  lab_begin();
  if (argc != 2)
    return 2;
  lines_each = atoi(argv[1]);
  lab_case("two-readers", two_readers, 10 * LAB_SEC);
  lab_case("two-writers", two_writers, 10 * LAB_SEC);
  lab_case("at-the-end", at_the_end, 10 * LAB_SEC);
  lab_case("one-file", one_file, 60 * LAB_SEC);
  return lab_end();
}
