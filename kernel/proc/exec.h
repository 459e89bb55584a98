// exec.h - a process becomes another program. Private to proc/.

#ifndef KERNEL_PROC_EXEC_H
#define KERNEL_PROC_EXEC_H

#include <stdint.h>

#include "kernel/param.h"

// The arguments on their way from the old program to the new one: strings in
// a page of the kernel's.
struct args {
  int argc;
  char *page;
  uint32_t used;       // bytes of it
  uint32_t at[MAXARG]; // where each string starts
};

int args_init(struct args *args); // 0, or -1: no memory
void args_free(struct args *args);
// -1: too many, too long, or a bad address.
int args_add(struct args *args, const char *s);
int args_from_user(struct args *args, uint64_t argv);

// Replace the caller's program. The number of arguments, or -1: all is as it
// was before.
int proc_exec(const char *path, const struct args *args);

#endif
