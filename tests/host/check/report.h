// report.h - between main.c and report.c: what the parts have reported.

#ifndef TESTS_HOST_CHECK_REPORT_H
#define TESTS_HOST_CHECK_REPORT_H

#include <stdio.h>

#include "tests/host/check/check.h"

#define MAXNAME 64

struct lines {
  char **line;
  int n;
};

struct name {
  char *name;
  struct lines says, fails;
  bool unknown;
};

struct report {
  struct name name[MAXNAME];
  int n;
};

// Add what a part sent; a failure that it could not tell itself.
void report_read(struct report *r, FILE *in);
void report_fails(struct report *r, const char *name, const char *text);

void report_free(struct report *r); // it is empty again

// Print all.  How many names fail.
void report_print(const struct report *r);
int report_failing(const struct report *r);

#endif
