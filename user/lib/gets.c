// gets.c - a line from standard input.

#include "kernel/types.h"
#include "user/user.h"

// Read up to and with the end of the line, at most max - 1 characters. What
// follows must stay unread for others, so one character a call.
char *
gets(char *buf, int max)
{
  int n = 0;

  while (n + 1 < max && read(0, &buf[n], 1) == 1) {
    n++;
    if (buf[n - 1] == '\n' || buf[n - 1] == '\r')
      break;
  }
  buf[n] = 0;
  return buf;
}
