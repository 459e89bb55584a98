// keys.c - show what is read from the console, for tests/system/test_console.py.
//
//     t_keys MODE [hold]   MODE: lines keys poll
//
// Each read is shown as a line: how many bytes, and their codes. q ends it, x
// is a crash, l loops for ever.

#include "user/peach.h"

static void
obey(char c)
{
  if (c == 'q')
    exit(0);
  if (c == 'x')
    *(volatile char *)0xffffffc080200000 = 1;
  while (c == 'l')
    ;
}

static void
show(const char *s, int n)
{
  char line[256];
  uint len = snprintf(line, sizeof(line), "got %d:", n);

  for (int i = 0; i < n && len < sizeof(line) - 8; i++)
    len += snprintf(line + len, sizeof(line) - len, " %d",
                    (unsigned char)s[i]);
  printf("%s.\n", line);
}

static int
mode_of(const char *name)
{
  return strcmp(name, "keys") == 0   ? CONSOLE_KEYS
         : strcmp(name, "poll") == 0 ? CONSOLE_POLL
                                     : CONSOLE_LINES;
}

int
main(int argc, char **argv)
{
  char s[20];
  int n, empty = 0;

  if (argc > 2 && tcsetpgrp(0, 0) < 0)
    return 3;
  if (console_mode(0, mode_of(argv[1])) < 0)
    return 4;
  printf("ready.\n");
  while ((n = read(0, s, sizeof(s))) >= 0) {
    if (n == 0 && empty++ > 0)
      continue;
    show(s, n);
    for (int i = 0; i < n; i++)
      obey(s[i]);
  }
  return 5;
}
