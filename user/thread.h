// thread.h - threads within one process: functions that take turns, each on a
// stack of its own.
//
// They are the library's; the kernel knows nothing of them. A thread runs until
// it yields, waits for another, or ends, so what lies between two such calls
// is never interrupted by another thread. A call that sleeps in the kernel
// (sleep, read) holds up all of them. main is thread 0; when main returns, or
// any thread calls exit(), the process ends, with all its threads.

#ifndef USER_THREAD_H
#define USER_THREAD_H

#define THREAD_STACK 8192       // bytes a thread, from malloc

// A thread that runs fn(arg), when it is its turn. When fn returns, it ends
// with status 0. Its id, 1 or more; or -1 without memory.
int thread_create(void (*fn)(void *), void *arg);

int thread_self(void);          // the caller's id

// Let each other thread that is ready run before the caller goes on.
void thread_yield(void);

// The caller ends. If it was the last, the process ends, with main's status.
void thread_exit(int status) __attribute__((noreturn));

// Wait until the thread has ended, which is gone then; *status, if status is
// not 0, is what it ended with. 0, or -1: there is no such thread, another
// waits for it, or it waits, itself or through others, for the caller.
int thread_join(int id, int *status);

#endif
