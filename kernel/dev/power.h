// power.h - the end of the machine.

#ifndef KERNEL_DEV_POWER_H
#define KERNEL_DEV_POWER_H

#include <stdint.h>

// A register of the test device (compatible "sifive,test0"), if there is one.
void power_set_test_device(void *reg);

// Power off; the host sees the status, where the machine can tell it: 0 for
// success. A status whose low byte alone is 0 becomes 255. Nothing is synced.
void power_off(int status) __attribute__((noreturn));

#endif
