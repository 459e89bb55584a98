// calls.h - the system calls about processes, scheduling and the machine; for
// the table in kernel/trap/syscall.c.

#ifndef KERNEL_PROC_CALLS_H
#define KERNEL_PROC_CALLS_H

#include <stdint.h>

// calls.c
int64_t sys_fork(const uint64_t *a);
int64_t sys_exit(const uint64_t *a);
int64_t sys_wait(const uint64_t *a);
int64_t sys_waitx(const uint64_t *a);
int64_t sys_waitpid(const uint64_t *a);
int64_t sys_kill(const uint64_t *a);
int64_t sys_exec(const uint64_t *a);
int64_t sys_getpid(const uint64_t *a);
int64_t sys_getppid(const uint64_t *a);
int64_t sys_setpgid(const uint64_t *a);
int64_t sys_getpgid(const uint64_t *a);
int64_t sys_tcsetpgrp(const uint64_t *a);
int64_t sys_console_mode(const uint64_t *a);
int64_t sys_consoleinfo(const uint64_t *a);
int64_t sys_sbrk(const uint64_t *a);
int64_t sys_failalloc(const uint64_t *a);
int64_t sys_sleep(const uint64_t *a);
int64_t sys_sleep_ns(const uint64_t *a);
int64_t sys_uptime(const uint64_t *a);
int64_t sys_clock_ns(const uint64_t *a);
int64_t sys_yield(const uint64_t *a);
int64_t sys_poweroff(const uint64_t *a);

// lend.c
int64_t sys_sched_lend(const uint64_t *a);

// info.c
int64_t sys_sched_setattr(const uint64_t *a);
int64_t sys_sched_getattr(const uint64_t *a);
int64_t sys_sched_setaffinity(const uint64_t *a);
int64_t sys_sched_getaffinity(const uint64_t *a);
int64_t sys_procinfo(const uint64_t *a);
int64_t sys_hartinfo(const uint64_t *a);
int64_t sys_sysinfo(const uint64_t *a);
int64_t sys_cacheinfo(const uint64_t *a);
int64_t sys_sched_param(const uint64_t *a);
int64_t sys_sched_promise(const uint64_t *a);
int64_t sys_sched_attr(const uint64_t *a);

#endif
