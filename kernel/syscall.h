// syscall.h - system call numbers. ABI.
//
// 1 to 21 are xv6's. The rest is Peach's own; struct and flag definitions
// for those are in kernel/peach.h.

#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#define SYS_fork   1
#define SYS_exit   2
#define SYS_wait   3
#define SYS_pipe   4
#define SYS_read   5
#define SYS_kill   6
#define SYS_exec   7
#define SYS_fstat  8
#define SYS_chdir  9
#define SYS_dup    10
#define SYS_getpid 11
#define SYS_sbrk   12 // (n, SBRK_EAGER or SBRK_LAZY)
#define SYS_sleep  13 // (ticks); xv6 of 2025 calls it pause
#define SYS_pause  13
#define SYS_uptime 14
#define SYS_open   15
#define SYS_write  16
#define SYS_mknod  17
#define SYS_unlink 18
#define SYS_link   19
#define SYS_mkdir  20
#define SYS_close  21

#define SYS_sync              22 // ()
#define SYS_fsync             23 // (fd)
#define SYS_poweroff          24 // (status)
#define SYS_yield             25 // ()
#define SYS_clock_ns          26 // () -> nanoseconds since boot
#define SYS_sleep_ns          27 // (ns)
#define SYS_sched_setattr     28 // (pid, name, value)
#define SYS_sched_getattr     29 // (pid, name, long *value)
#define SYS_sched_setaffinity 30 // (pid, mask)
#define SYS_sched_getaffinity 31 // (pid, uint64 *mask)
#define SYS_procinfo          32 // (pid, struct procinfo *): first with pid or above
#define SYS_hartinfo          33 // (hart, struct hartinfo *)
#define SYS_sysinfo           34 // (struct sysinfo *)
#define SYS_sched_param       35 // (i, struct sched_param_info *)
#define SYS_sched_promise     36 // (i, struct sched_promise_info *)
#define SYS_waitx             37 // (int *status, struct usage *, int *wtime, int *rtime)
#define SYS_waitpid           38 // (pid, int *status, flags)
#define SYS_setpgid           39 // (pid, pgid)
#define SYS_getpgid           40 // (pid)
#define SYS_tcsetpgrp         41 // (fd, pgid)
#define SYS_getppid           42 // ()
#define SYS_rename            43 // (old, new)
#define SYS_sched_attr        44 // (i, struct sched_attr_info *)
#define SYS_console_mode      45 // (fd, enum console_mode)
#define SYS_consoleinfo       46 // (fd, struct consoleinfo *)
#define SYS_cacheinfo         50 // (i, struct cacheinfo *)
#define SYS_failalloc         51 // (n) -> what was left; DEBUG=1
#define SYS_sched_lend        52 // (pid)
#define SYS_trace_ctl         54 // (enum trace_op, argument)
#define SYS_trace_read        55 // (struct trace_record *, n) -> how many
#define SYS_sigalarm          56 // (ticks, handler)
#define SYS_sigreturn         57 // () -> back to what the handler interrupted
#define SYS_memmap            58 // (struct memregion *, n) -> how many there are
#define SYS_MAX               58 // the highest

#endif
