// user.h - what every program may call: xv6's system calls and library, with
// the names of 2022 and of 2025, and the calls that scheduling courses add.
//
// Names that no xv6 program expects stay out of here, so that none of its own
// is taken: Peach's further calls and library are in user/peach.h.

#ifndef USER_USER_H
#define USER_USER_H

#include "kernel/types.h"

struct stat;
struct pstat;

#define SBRK_ERROR ((char *)-1)

// ---- system calls ----------------------------------------------------------

int fork(void);
int exit(int) __attribute__((noreturn));
int wait(int *);
int pipe(int *);
int write(int, const void *, int);
int read(int, void *, int);
int close(int);
int kill(int);
int exec(const char *, char **);
int open(const char *, int);
int mknod(const char *, short, short);
int unlink(const char *);
int fstat(int fd, struct stat *);
int link(const char *, const char *);
int mkdir(const char *);
int chdir(const char *);
int dup(int);
int getpid(void);
char *sys_sbrk(int, int);       // (n, SBRK_EAGER or SBRK_LAZY)
int sleep(int);                 // ticks of 1/HZ s
int pause(int);                 // the same
int uptime(void);               // ticks since boot

// ---- library ---------------------------------------------------------------

int stat(const char *, struct stat *);
char *strcpy(char *, const char *);
void *memmove(void *, const void *, int);
char *strchr(const char *, char c);
int strcmp(const char *, const char *);
char *gets(char *, int max);
uint strlen(const char *);
void *memset(void *, int, uint);
int atoi(const char *);
int memcmp(const void *, const void *, uint);
void *memcpy(void *, const void *, uint);
char *sbrk(int);                // promised memory
char *sbrklazy(int);            // memory that may turn out not to be there

// %d %i %u %x %X %o %p %s %c %f %%, with l or ll, width, precision, - and 0.
void fprintf(int, const char *, ...) __attribute__((format(printf, 2, 3)));
void printf(const char *, ...) __attribute__((format(printf, 1, 2)));

void *malloc(uint);
void free(void *);

// ---- scheduling, as courses call it ----------------------------------------

int yield(void);                // let others run first

// Add inc to the caller's niceness (-20, greedy, to 19). Returns the new one,
// or -1.
int nice(int inc);

// The caller's lottery tickets. 0, or -1 if n is out of range.
int settickets(int n);

// Set the static priority of process pid: 0, most urgent, to 100; 60 is
// where a process starts. Returns the old one, or -1.
int set_priority(int priority, int pid);

// wait(), and for how many ticks the child waited to run, and ran.
int waitx(int *status, int *wtime, int *rtime);

// Fill in kernel/pstat.h's table of the first NPROC processes. 0, or -1.
int getpinfo(struct pstat *);

int fsync(int fd);

// ---- an alarm, as in xv6's labs (docs/syscall.md) ---------------------------

// Have handler called each time when the caller has run for so many ticks of
// 1/HZ s; with 0 ticks, no longer. 0, or -1: ticks < 0, or no memory.
int sigalarm(int ticks, void (*handler)(void));

// The handler's last call: go on where it interrupted, with all registers as
// they were. Returns only outside a handler: -1.
int sigreturn(void);

#endif
