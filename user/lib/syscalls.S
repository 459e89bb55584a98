// syscalls.S - the system calls: the number goes to a7, the arguments are
// already where the kernel looks for them, and so is the result.
//
// Each lies in a section of its own, so that a program carries only those it
// calls. Names that xv6 does not have are weak: a program's own function of
// that name takes their place.

#include "kernel/syscall.h"

.macro stub name, number
  .section .text.\name, "ax", @progbits
  .type \name, @function
\name:
  li a7, \number
  ecall
  ret
  .size \name, . - \name
.endm

.macro known name, number
  .globl \name
  stub \name, \number
.endm

.macro extra name, number
  .weak \name
  stub \name, \number
.endm

  known fork, SYS_fork
  known exit, SYS_exit
  known wait, SYS_wait
  known pipe, SYS_pipe
  known read, SYS_read
  known kill, SYS_kill
  known exec, SYS_exec
  known fstat, SYS_fstat
  known chdir, SYS_chdir
  known dup, SYS_dup
  known getpid, SYS_getpid
  known sys_sbrk, SYS_sbrk
  known sleep, SYS_sleep
  known pause, SYS_pause
  known uptime, SYS_uptime
  known open, SYS_open
  known write, SYS_write
  known mknod, SYS_mknod
  known unlink, SYS_unlink
  known link, SYS_link
  known mkdir, SYS_mkdir
  known close, SYS_close

  extra sync, SYS_sync
  extra fsync, SYS_fsync
  extra poweroff, SYS_poweroff
  extra yield, SYS_yield
  extra clock_ns, SYS_clock_ns
  extra sleep_ns, SYS_sleep_ns
  extra sched_setattr, SYS_sched_setattr
  extra sched_getattr, SYS_sched_getattr
  extra sched_setaffinity, SYS_sched_setaffinity
  extra sched_getaffinity, SYS_sched_getaffinity
  extra procinfo, SYS_procinfo
  extra hartinfo, SYS_hartinfo
  extra sysinfo, SYS_sysinfo
  extra sched_lend, SYS_sched_lend
  extra sched_param, SYS_sched_param
  extra sched_promise, SYS_sched_promise
  extra sched_attr, SYS_sched_attr
  extra sys_waitx, SYS_waitx
  extra waitpid, SYS_waitpid
  extra setpgid, SYS_setpgid
  extra getpgid, SYS_getpgid
  extra tcsetpgrp, SYS_tcsetpgrp
  extra console_mode, SYS_console_mode
  extra consoleinfo, SYS_consoleinfo
  extra getppid, SYS_getppid
  extra rename, SYS_rename
  extra cacheinfo, SYS_cacheinfo
  extra failalloc, SYS_failalloc
  extra trace_ctl, SYS_trace_ctl
  extra trace_read, SYS_trace_read
  extra sigalarm, SYS_sigalarm
  extra sigreturn, SYS_sigreturn
  extra memmap, SYS_memmap
