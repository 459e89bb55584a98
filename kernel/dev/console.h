// console.h - the console: what programs read and write as a device, and
// what the kernel prints.

#ifndef KERNEL_DEV_CONSOLE_H
#define KERNEL_DEV_CONSOLE_H

#include <stdint.h>

struct device;

extern const struct device console_device;

void console_init(void); // the UART is found and set up

// For kprintf: characters in between go out at once, not mixed with those of
// other harts. Nested calls by one hart are allowed (a panic in a print).
void console_sync_begin(void);
void console_sync_end(void);
void console_put_sync(char c);

// Let out what is buffered. Polls.
void console_drain(void);
// The same for the last time: nobody else prints from here on.
void console_end(void);
// A panic: from here on no lock is waited for for long.
void console_panic(void);

// ---- input.c: what is typed, and whose it is -------------------------------

// console_mode(), tcsetpgrp() and consoleinfo() for the calling process; what
// they mean is in docs/console.md.
int console_set_mode(int mode);
int console_set_group(int pgid);
struct consoleinfo;
void console_info(struct consoleinfo *out);

// The calling process ends: what it has set is set back.
void console_leave(int pid);

#endif
