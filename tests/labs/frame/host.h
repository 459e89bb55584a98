// host.h - for a host program of a lab: the make-believe machine of
// tests/host/harness.h around the policies that the student handed in, and a
// way to tell the grader what was measured.

#ifndef LABS_HOST_H
#define LABS_HOST_H

#include "tests/host/harness.h"
#include "tests/labs/frame/tell.h"

#endif
