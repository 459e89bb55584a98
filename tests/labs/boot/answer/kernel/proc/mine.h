// mine.h - the system call of the lab `boot`.

#ifndef KERNEL_PROC_MINE_H
#define KERNEL_PROC_MINE_H

#include <stdint.h>

int64_t sys_children(const uint64_t *a);
int64_t sys_depth(const uint64_t *a);
int64_t sys_age(const uint64_t *a);

#endif
