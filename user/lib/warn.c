// warn.c - messages about what went wrong.

#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/lib/lib.h"
#include "user/peach.h"

EXTRA void
warn(const char *program, const char *fmt, ...)
{
  char text[160];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  fprintf(2, "%s: %s\n", program, text);
}

// The kernel says only that it failed; the likely reason can be found out
// afterwards.
EXTRA const char *
why_not(const char *path)
{
  struct stat st;

  if (*path == 0)
    return "empty name";
  if (stat(path, &st) < 0)
    return "no such file or directory";
  if (st.type == T_DIR)
    return "is a directory";
  return "not possible";
}
