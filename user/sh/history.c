// history.c - the lines that were entered, the newest HISTORY of them.

#include "user/sh/sh.h"

#define HISTORY 100

static char *lines[HISTORY];    // a ring
static uint count;              // of all that were ever kept

const char *
history_line(uint back)
{
  if (back == 0 || back > count || back > HISTORY)
    return 0;
  return lines[(count - back) % HISTORY];
}

// Blank lines are not kept, nor is one that repeats the one before.
void
history_add(const char *line)
{
  const char *p = line, *newest = history_line(1);
  char *copy;

  while (*p == ' ')
    p++;
  if (*p == 0 || (newest && strcmp(newest, line) == 0))
    return;
  copy = malloc(strlen(line) + 1);
  if (copy == 0)
    return;
  strcpy(copy, line);
  free(lines[count % HISTORY]);
  lines[count++ % HISTORY] = copy;
}

void
history_list(void)
{
  for (uint back = count < HISTORY ? count : HISTORY; back > 0; back--)
    printf("%4d  %s\n", count - back + 1, history_line(back));
}
