// host.h - for a host program of a lab: the make-believe machine of
// tests/host/harness.h around the policies that the student handed in, and a
// way to tell the grader what was measured.

#ifndef LABS_HOST_H
#define LABS_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/harness.h"

// The lab's own: argv[1] and so on are what the grader gave.
void lab_main(int argc, char **argv);

// Tell the grader this under the key.  It counts even if the program crashes
// or hangs later.
void lab_tell(const char *key, const char *format, ...)
  __attribute__((format(printf, 2, 3)));

#endif
