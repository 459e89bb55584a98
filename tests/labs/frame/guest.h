// guest.h - for a test program of a lab that runs in the guest: a way to tell
// the grader what was measured, and cases in processes of their own.
//
// The file lab.nonce of the image holds a word that changes with each boot;
// each line of lab.told, which the grader reads from the image, begins with
// it.  What is printed on the console is for the reader, and means nothing.

#ifndef LABS_GUEST_H
#define LABS_GUEST_H

#include "kernel/fcntl.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/peach.h"

#define LAB_MSEC 1000000UL
#define LAB_SEC  (1000 * LAB_MSEC)
#define LAB_OK   77 // statuses of a case: it returned,
#define LAB_TOLD 78 // it has told why not

#ifndef WNOHANG
#define WNOHANG 1
#endif

static char lab_word[80];
static const char *lab_now; // the case that runs

static inline void
lab_begin(void)
{
  int fd = open("/lab.nonce", O_RDONLY);
  int n = fd < 0 ? -1 : read(fd, lab_word, sizeof(lab_word) - 1);

  if (n <= 0) {
    fprintf(2, "to be run by the grader only\n");
    exit(125);
  }
  close(fd);
  unlink("/lab.nonce");
  for (char *p = lab_word; *p; p++)
    if (*p == '\n')
      *p = 0;
}

static inline void __attribute__((format(printf, 2, 3)))
lab_tell(const char *key, const char *format, ...)
{
  static char line[1024];
  uint n = snprintf(line, sizeof(line), "%s %s ", lab_word, key);
  int fd = open("/lab.told", O_WRONLY | O_CREATE | O_APPEND);
  va_list args;

  va_start(args, format);
  n += vsnprintf(line + n, sizeof(line) - n - 1, format, args);
  va_end(args);
  if (n > sizeof(line) - 2)
    n = sizeof(line) - 2;
  for (uint i = 0; i < n; i++)
    if (line[i] == '\n')
      line[i] = ' ';
  line[n++] = '\n';
  if (fd < 0 || write(fd, line, n) != (int)n)
    fprintf(2, "lab_tell: cannot write /lab.told\n");
  fsync(fd);
  close(fd);
}

#define LAB_EXPECT(cond)                                                       \
  do {                                                                         \
    if (!(cond)) {                                                             \
      lab_tell(lab_now, "%s:%d: not so: %s", __FILE__, __LINE__, #cond);       \
      exit(LAB_TOLD);                                                          \
    }                                                                          \
  } while (0)

#define LAB_IS(got, want)                                                      \
  do {                                                                         \
    long lab_got = (long)(got), lab_want = (long)(want);                       \
    if (lab_got != lab_want) {                                                 \
      lab_tell(lab_now, "%s:%d: %s is %ld, not %ld", __FILE__, __LINE__,       \
               #got, lab_got, lab_want);                                       \
      exit(LAB_TOLD);                                                          \
    }                                                                          \
  } while (0)

// Run fn in a child, for at most `most` nanoseconds of the guest's time, and
// tell "ok" under the name if it returned, else why not.
static inline void
lab_case(const char *name, void (*fn)(void), uint64 most)
{
  uint64 end = clock_ns() + most;
  int status = -2, pid, got;

  lab_now = name;
  pid = fork();
  if (pid == 0) {
    fn();
    exit(LAB_OK);
  }
  if (pid < 0) {
    lab_tell(name, "fork failed");
    return;
  }
  while ((got = waitpid(pid, &status, WNOHANG)) == 0 && clock_ns() < end)
    sleep_ns(LAB_MSEC);
  if (got == 0) {
    kill(pid);
    lab_tell(name, "no end within %ld ms", (long)(most / LAB_MSEC));
    waitpid(pid, &status, 0);
  } else if (got != pid) {
    lab_tell(name, "waitpid returned %d", got);
  } else if (status == LAB_OK) {
    lab_tell(name, "ok");
  } else if (status != LAB_TOLD) {
    lab_tell(name, "ended with status %d", status);
  }
}

static inline int
lab_end(void)
{
  lab_tell("end", "0");
  return 0;
}

#endif
