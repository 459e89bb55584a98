// syscall.c - the table of system calls.
//
// A call gets its arguments as they lie in the trap frame, a0 to a5, and
// returns what goes into a0; -1 is failure.

#include "kernel/boot/memmap.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/calls.h"
#include "kernel/proc/proc.h"
#include "kernel/syscall.h"
#include "kernel/trace/trace.h"
#include "kernel/trap/private.h"
#include "kernel/trap/trap.h"

// entry.S calls through it.
int64_t (*const syscall_table[SYS_MAX + 1])(const uint64_t *a) = {
  [SYS_fork] = sys_fork,
  [SYS_exit] = sys_exit,
  [SYS_wait] = sys_wait,
  [SYS_pipe] = sys_pipe,
  [SYS_read] = sys_read,
  [SYS_kill] = sys_kill,
  [SYS_exec] = sys_exec,
  [SYS_fstat] = sys_fstat,
  [SYS_chdir] = sys_chdir,
  [SYS_dup] = sys_dup,
  [SYS_getpid] = sys_getpid,
  [SYS_sbrk] = sys_sbrk,
  [SYS_sleep] = sys_sleep,
  [SYS_uptime] = sys_uptime,
  [SYS_open] = sys_open,
  [SYS_write] = sys_write,
  [SYS_mknod] = sys_mknod,
  [SYS_unlink] = sys_unlink,
  [SYS_link] = sys_link,
  [SYS_mkdir] = sys_mkdir,
  [SYS_close] = sys_close,
  [SYS_sync] = sys_sync,
  [SYS_fsync] = sys_fsync,
  [SYS_poweroff] = sys_poweroff,
  [SYS_yield] = sys_yield,
  [SYS_clock_ns] = sys_clock_ns,
  [SYS_sleep_ns] = sys_sleep_ns,
  [SYS_sched_setattr] = sys_sched_setattr,
  [SYS_sched_getattr] = sys_sched_getattr,
  [SYS_sched_setaffinity] = sys_sched_setaffinity,
  [SYS_sched_getaffinity] = sys_sched_getaffinity,
  [SYS_procinfo] = sys_procinfo,
  [SYS_hartinfo] = sys_hartinfo,
  [SYS_sysinfo] = sys_sysinfo,
  [SYS_sched_param] = sys_sched_param,
  [SYS_sched_promise] = sys_sched_promise,
  [SYS_waitx] = sys_waitx,
  [SYS_waitpid] = sys_waitpid,
  [SYS_setpgid] = sys_setpgid,
  [SYS_getpgid] = sys_getpgid,
  [SYS_tcsetpgrp] = sys_tcsetpgrp,
  [SYS_getppid] = sys_getppid,
  [SYS_rename] = sys_rename,
  [SYS_sched_attr] = sys_sched_attr,
  [SYS_console_mode] = sys_console_mode,
  [SYS_consoleinfo] = sys_consoleinfo,
  [SYS_cacheinfo] = sys_cacheinfo,
  [SYS_failalloc] = sys_failalloc,
  [SYS_sched_lend] = sys_sched_lend,
  [SYS_trace_ctl] = sys_trace_ctl,
  [SYS_trace_read] = sys_trace_read,
  [SYS_sigalarm] = sys_sigalarm,
  [SYS_sigreturn] = sys_sigreturn,
  [SYS_memmap] = sys_memmap,
};

void
syscall_unknown(struct frame *f)
{
  kprintf("pid %d %s: no system call has the number %ld\n", running()->pid,
          running()->name, f->a[7]);
  f->a[0] = -1;
}
