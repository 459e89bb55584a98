// peach.h - what Peach offers beyond user/user.h: its own system calls, and
// more of a C library.
//
// Times are nanoseconds. pid 0 means the calling process. Calls return -1 on
// failure unless they say otherwise.

#ifndef USER_PEACH_H
#define USER_PEACH_H

#include <stdarg.h>

#include "kernel/peach.h"
#include "kernel/trace.h"
#include "kernel/types.h"
#include "user/user.h"

// ---- processes -------------------------------------------------------------

// Wait for child pid, or any (-1); with WNOHANG, 0 if none has ended yet.
int waitpid(int pid, int *status, int flags);
int sys_waitx(int *status, struct usage *, int *wtime, int *rtime);

int getppid(void);
int setpgid(int pid, int pgid);         // pgid 0: a group of its own
int getpgid(int pid);

uint64 clock_ns(void);                  // since boot
int sleep_ns(uint64 ns);

// ---- the console (docs/console.md) -----------------------------------------

// Give the input to a process group, which ^C kills; or with pgid 0 hold the
// console: the caller's group has the input, and ^C kills nobody.
int tcsetpgrp(int fd, int pgid);
int console_mode(int fd, int mode);     // the mode that was before, or -1
int consoleinfo(int fd, struct consoleinfo *);

// ---- scheduling ------------------------------------------------------------

int sched_setattr(int pid, const char *name, long value);
int sched_getattr(int pid, const char *name, long *value);
int sched_setaffinity(int pid, uint64 mask);
int sched_getaffinity(int pid, uint64 *mask);

// The caller is about to wait for process pid to do something for it, and lends
// it its tickets: until the caller has waited, and runs again.
int sched_lend(int pid);

// The i-th parameter, promise and attribute of the running policy.
int sched_param(int i, struct sched_param_info *);
int sched_promise(int i, struct sched_promise_info *);
int sched_attr(int i, struct sched_attr_info *);

// The first process whose pid is pid or above. Returns its pid.
int procinfo(int pid, struct procinfo *);
int hartinfo(int hart, struct hartinfo *);
int sysinfo(struct sysinfo *);

// The i-th kind of kernel objects.
int cacheinfo(int i, struct cacheinfo *);

// With DEBUG=1: let the n-th allocation fail that the kernel makes for this
// process from now on; 0: none. Returns how far an earlier such call was from
// its end, 0 if it got there.
int failalloc(int n);

// The trace of what the scheduler does (docs/trace.md): on, off, gone; and its
// records, hart by hart, when it is off: how many were read, 0 at the end.
long trace_ctl(enum trace_op, uint64 arg);
long trace_read(struct trace_record *, long n);

// ---- files and the machine -------------------------------------------------

int rename(const char *from, const char *to);
int sync(void);
int poweroff(int status);

// The map of the machine's memory: the first n regions, by address. Returns
// how many there are.
int memmap(struct memregion *, int n);

// ---- library ---------------------------------------------------------------

int strncmp(const char *, const char *, uint n);
char *strrchr(const char *, int c);
char *strstr(const char *s, const char *part);

// Copy, or append, as much as fits into dst of the given size; dst always
// ends with a 0. Return the length that all of it would have had.
uint strlcpy(char *dst, const char *src, uint size);
uint strlcat(char *dst, const char *src, uint size);

// Read a whole number in decimal, 0x or 0 for base 0, else in the given base.
// *end, if end is not 0, is where it ends: s itself if there is none.
long strtol(const char *s, char **end, int base);

// Is all of s one whole number? If so, it is in *value.
int parse_long(const char *s, long *value);

// The text that printf would print, cut to size, always with a 0 at the end.
// Return the length of the whole text.
int snprintf(char *buf, uint size, const char *, ...)
    __attribute__((format(printf, 3, 4)));
int vsnprintf(char *buf, uint size, const char *, va_list);
void vfprintf(int fd, const char *, va_list);

void *calloc(uint n, uint size);        // zeroed
void *realloc(void *, uint size);

// A file read line by line, whatever the length of its lines.
struct reader {
  int fd;
  int error;            // a read has failed
  char *line;           // the line that was read last, without its newline
  uint len;             // its length
  uint cap;
  char *buf;
  uint pos, end;
};
void reader_open(struct reader *, int fd);
int reader_line(struct reader *);       // 0 at the end, or on an error
void reader_close(struct reader *);     // does not close fd

// The entries of a directory, but not . and ..
struct dir {
  int fd;
  uint pos, end;
  char name[16];        // of the entry that was read last
  uint ino;
  char buf[1024];
};
int dir_open(struct dir *, const char *path);   // 0, or -1
int dir_next(struct dir *);             // 0 at the end
void dir_close(struct dir *);

// "dir/name", or "name" if dir is empty. 0 if it does not fit, else out.
char *path_join(char *out, uint size, const char *dir, const char *name);
const char *path_last(const char *path);        // what follows the last /

// Become the program of that name: in the root directory, or the current
// one, or at that path. Returns only if it cannot: 127 if there is no such
// program, 126 if it cannot be executed, after a message from `program`.
int exec_search(const char *program, char **argv);

// Write all n bytes. 0, or -1.
int write_all(int fd, const void *, uint n);

// Print "PROGRAM: message" and a newline to fd 2.
void warn(const char *program, const char *, ...)
    __attribute__((format(printf, 2, 3)));

// A line of the table that ps prints: its title; a process; and the end of that
// line, its name and what it waits for. And ns as seconds, in text of SECONDS.
void proc_title(char *line, uint size, const struct sysinfo *);
void proc_line(char *line, uint size, const struct sysinfo *,
               const struct procinfo *);
void proc_name(char *line, uint size, const struct procinfo *);
#define SECONDS 16
char *seconds(char *text, uint64 ns);

// Why opening path failed, in words, as far as it can be found out.
const char *why_not(const char *path);

#endif
