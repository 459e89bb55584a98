// echo.c - print the arguments, with blanks between them; -n: no newline.
//
// All is written at once, so that lines of several processes do not mix.

#include "kernel/types.h"
#include "user/peach.h"

int
main(int argc, char **argv)
{
  int first = 1, newline = 1;
  uint size = 2;
  char *line;

  if (argc > 1 && strcmp(argv[1], "-n") == 0) {
    newline = 0;
    first = 2;
  }
  for (int i = first; i < argc; i++)
    size += strlen(argv[i]) + 1;
  line = malloc(size);
  if (line == 0) {
    warn("echo", "out of memory");
    return 1;
  }
  line[0] = 0;
  for (int i = first; i < argc; i++) {
    strlcat(line, argv[i], size);
    if (i + 1 < argc)
      strlcat(line, " ", size);
  }
  if (newline)
    strlcat(line, "\n", size);
  return write_all(1, line, strlen(line)) < 0;
}
