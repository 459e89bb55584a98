// fake.h - the kernel that kernel/fs/ stands on, played on the host.
//
// Processes are fibers of one thread, switched by a seeded choice wherever
// the real kernel could switch: when a spinlock is taken or let go, and in
// every sleep. Disk requests end in any order. So one seed is one
// interleaving, and can be run again. User memory is an array, `user`; its
// addresses are the host's.
//
// Everything runs in a child process of its own (child_run), as kernel/fs/
// has one mounted file system and is never unmounted.

#ifndef TESTS_HOST_FS_FAKE_H
#define TESTS_HOST_FS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USER_SIZE (4u << 20)

// What the disk did, in order. A write is durable when a flush that was
// submitted after its end has ended.
struct disk_event {
  bool flush;
  uint32_t no;     // block written
  uint32_t upto;   // flush: events before this one are durable
  uint32_t synced; // marks: what the test had been promised,
  uint32_t issued; // and had begun, when this happened
  uint8_t data[4096];
};

struct disk_log {
  uint32_t n, max;
  struct disk_event event[];
};

struct machine {
  uint8_t *disk; // its contents now
  size_t disk_bytes;
  struct disk_log *log; // where events go, or 0
  uint32_t pages;       // of memory
  uint64_t seed;
  bool switching;          // switch fibers at random, not only in sleeps
  long fail_at;            // the allocation that fails, counted from 1; or 0
  long disk_fails_at;      // the disk request from which on all fail; or 0
  bool disk_stuck;         // no request ends
  uint64_t *folded;        // or 0; by block: the word that it is full of, when
                           // its place on the disk is left as it was
  uint32_t synced, issued; // marks for the log
};

extern struct machine machine;
extern uint8_t user[USER_SIZE];

// Run fn(arg) in a child process; returns 0 if it came back, or the child's
// status or signal. A child that takes longer than the limit is ended.
int child_run(void (*fn)(void *), void *arg, unsigned limit);

// In the child: boot with what `machine` says, run fn as the first process,
// and all that it starts, to the end. Returns what fs_mount returned.
int machine_run(void (*fn)(void *), void *arg);
void fiber_start(const char *name, void (*fn)(void *), void *arg);
void fiber_fork(const char *name, void (*fn)(void *),
                void *arg); // with this
                            // one's open files
void fiber_yield(void);

uint64_t machine_random(uint64_t n); // below n
void machine_shrink(void);           // caches give back all they can
size_t machine_pages_used(void);
size_t machine_objects(void); // bytes in kernel objects
long machine_allocs(void);    // allocations so far
long machine_requests(void);  // disk requests so far

// Like assert, for fibers: says where, and ends the child.
#define REQUIRE(x)                                                             \
  do {                                                                         \
    if (!(x))                                                                  \
      machine_fail(__FILE__, __LINE__, #x);                                    \
  } while (0)
void machine_fail(const char *file, int line, const char *what)
  __attribute__((noreturn));

// System calls by a fiber, with the addresses of the host.
int64_t call(int64_t (*fn)(const uint64_t *), uint64_t a, uint64_t b,
             uint64_t c);
int u_open(const char *path, int mode);
int64_t u_read(int fd, void *dst, int n);
int64_t u_write(int fd, const void *src, int n);
int u_close(int fd);
int u_mkdir(const char *path);
int u_unlink(const char *path);
int u_link(const char *from, const char *to);
int u_rename(const char *from, const char *to);
int u_chdir(const char *path);
int u_fsync(int fd);
int u_pipe(int fd[2]);
int64_t u_size(int fd); // by fstat

#endif
