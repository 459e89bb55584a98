// machine.h - what the kernel has found: harts and memory.

#ifndef LABS_BOOT_MACHINE_H
#define LABS_BOOT_MACHINE_H

#include "tests/labs/frame/guest.h"

static inline void
tell_machine(void)
{
  struct sysinfo si;

  if (sysinfo(&si) < 0)
    return;
  lab_tell("harts", "%d", si.nhart);
  lab_tell("memory", "%lu", si.mem_total);
}

#endif
