// host.c - main() of a host program, and the way of its verdicts.
//
// The grader writes one line to our input: the descriptor of a pipe, and a
// word that changes with each run.  Each line that goes to the pipe begins
// with that word.  What the program prints is kept for the reader, and means
// nothing.

#include <stdarg.h>
#include <unistd.h>

#include "tests/labs/frame/host.h"

static char word[80];
static int told;
static int to = -1;

static void
tell(const char *key, const char *format, va_list args)
{
  static char line[1 << 16];
  size_t n = snprintf(line, sizeof(line), "%s %s ", word, key);

  n += vsnprintf(line + n, sizeof(line) - n - 1, format, args);
  if (n > sizeof(line) - 2)
    n = sizeof(line) - 2;
  for (size_t i = 0; i < n; i++)
    if (line[i] == '\n')
      line[i] = ' ';
  line[n++] = '\n';
  for (size_t at = 0; at < n;) {
    ssize_t wrote = write(to, line + at, n - at);

    if (wrote <= 0)
      _exit(124);
    at += wrote;
  }
  told++;
}

void
lab_tell(const char *key, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  tell(key, format, args);
  va_end(args);
}

void
lab_broken(const char *file, int line, const char *format, ...)
{
  char text[512];
  va_list args;

  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  lab_tell("broken", "%s (%s:%d)", text, file, line);
  _exit(123);
}

int
main(int argc, char **argv)
{
  setvbuf(stdout, 0, _IOLBF, 0);
  if (scanf("%d %79s", &to, word) != 2) {
    fprintf(stderr, "%s: to be run by the grader only\n", argv[0]);
    return 125;
  }
  lab_main(argc, argv);
  lab_tell("end", "%d", told);
  return 0;
}
