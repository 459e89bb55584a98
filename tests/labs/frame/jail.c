// jail.c - run a program that has somebody else's code in it.
//
//   jail [-f] CPU_SECONDS MEGABYTES PROGRAM [ARG...]
//
// Limits on CPU time and memory; no file can grow; and, on Linux, only the
// system calls that a program needs that computes and prints: no other
// process, no file opened for writing, none removed, no network, no signal to
// others.  What is not allowed fails with EPERM.  -f: it may fork and write to
// what it can open, which make check does.  The filter is in force before the
// program's first instruction.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
die(const char *what)
{
  perror(what);
  exit(125);
}

static void
at_most(int what, rlim_t soft, rlim_t hard)
{
  struct rlimit limit = { soft, hard };

  if (setrlimit(what, &limit) < 0)
    die("jail: setrlimit");
}

#ifdef __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define MOST   256
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const int allowed[] = {
  __NR_execve,       __NR_brk,
  __NR_mmap,         __NR_munmap,
  __NR_mprotect,     __NR_mremap,
  __NR_madvise,      __NR_read,
  __NR_write,        __NR_readv,
  __NR_writev,       __NR_pread64,
  __NR_lseek,        __NR_close,
  __NR_fstat,        __NR_ioctl,
  __NR_exit,         __NR_exit_group,
  __NR_rt_sigaction, __NR_rt_sigprocmask,
  __NR_rt_sigreturn, __NR_sigaltstack,
  __NR_setitimer,    __NR_clock_gettime,
  __NR_clock_getres, __NR_gettimeofday,
  __NR_getpid,       __NR_gettid,
  __NR_getuid,       __NR_geteuid,
  __NR_getgid,       __NR_getegid,
  __NR_getrusage,    __NR_uname,
  __NR_getrandom,    __NR_set_tid_address,
  __NR_futex,        __NR_set_robust_list,
  __NR_prlimit64,    __NR_sched_getaffinity,
  __NR_sched_yield,  __NR_getcwd,
#ifdef __NR_newfstatat
  __NR_newfstatat,
#endif
#ifdef __NR_statx
  __NR_statx,
#endif
#ifdef __NR_rseq
  __NR_rseq,
#endif
#ifdef __NR_arch_prctl
  __NR_arch_prctl,
#endif
#ifdef __NR_access
  __NR_access,
#endif
#ifdef __NR_faccessat
  __NR_faccessat,
#endif
#ifdef __NR_readlink
  __NR_readlink,
#endif
#ifdef __NR_alarm
  __NR_alarm,
#endif
};

static const int forking[] = {
  __NR_clone, __NR_wait4, __NR_pipe2, __NR_openat,
  __NR_dup,   __NR_dup3,  __NR_fcntl,
#ifdef __NR_fork
  __NR_fork,
#endif
#ifdef __NR_pipe
  __NR_pipe,
#endif
#ifdef __NR_dup2
  __NR_dup2,
#endif
};

static struct sock_filter code[MOST];
static unsigned short ncode;

static void
put(struct sock_filter step)
{
  if (ncode == MOST)
    die("jail: filter too long");
  code[ncode++] = step;
}

// Go on with the next step if the accumulator is k, else skip `skip` of them.
static void
unless(unsigned k, unsigned char skip)
{
  put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip));
}

static void
load(size_t offset)
{
  put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void
answer(unsigned what)
{
  put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

static void
allow(int number)
{
  unless(number, 1);
  answer(SECCOMP_RET_ALLOW);
}

// openat for reading; tgkill of oneself, which abort() is.
static void
allow_some(void)
{
  unless(__NR_openat, 4);
  load(offsetof(struct seccomp_data, args[2]));
  put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITES, 1, 0));
  answer(SECCOMP_RET_ALLOW);
  answer(SECCOMP_RET_ERRNO | EPERM);
  unless(__NR_tgkill, 4);
  load(offsetof(struct seccomp_data, args[0]));
  unless(getpid(), 1);
  answer(SECCOMP_RET_ALLOW);
  answer(SECCOMP_RET_ERRNO | EPERM);
}

static void
confine(int forks)
{
  struct sock_fprog prog;

  // Under another architecture's numbers a call could be another one.
#ifdef __x86_64__
  load(offsetof(struct seccomp_data, arch));
  unless(AUDIT_ARCH_X86_64, 0);
  code[ncode - 1].jt = 1;
  answer(SECCOMP_RET_KILL_PROCESS);
#endif
  load(offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
    allow(allowed[i]);
  for (size_t i = 0; forks && i < sizeof(forking) / sizeof(forking[0]); i++)
    allow(forking[i]);
  allow_some();
#ifdef __NR_clone3
  unless(__NR_clone3, 1); // its flags cannot be seen: libc then takes clone
  answer(SECCOMP_RET_ERRNO | ENOSYS);
#endif
  answer(SECCOMP_RET_ERRNO | EPERM);
  prog = (struct sock_fprog){ ncode, code };
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    die("jail: prctl");
  // Where the kernel has no filters, the limits are all there is.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0 && errno != EINVAL)
    die("jail: no filter for system calls");
}

#else

static void
confine(int forks)
{
}

#endif

int
main(int argc, char **argv)
{
  int forks = argc > 1 && strcmp(argv[1], "-f") == 0;
  rlim_t cpu, memory;

  argv += forks;
  if (argc - forks < 4) {
    fprintf(stderr, "usage: jail [-f] CPU_SECONDS MEGABYTES PROGRAM...\n");
    return 125;
  }
  cpu = strtoul(argv[1], 0, 10);
  memory = strtoul(argv[2], 0, 10) << 20;
  at_most(RLIMIT_CPU, cpu, cpu + 2);
  at_most(RLIMIT_AS, memory, memory);
  at_most(RLIMIT_DATA, memory, memory);
  at_most(RLIMIT_CORE, 0, 0);
  at_most(RLIMIT_FSIZE, 0, 0);
  confine(forks);
  execv(argv[3], argv + 3);
  die(argv[3]);
}
