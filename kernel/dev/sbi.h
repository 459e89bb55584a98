// sbi.h - calls to the firmware. Source: RISC-V Supervisor Binary Interface
// Specification, version 1.0.

#ifndef KERNEL_DEV_SBI_H
#define KERNEL_DEV_SBI_H

#include <stdbool.h>
#include <stdint.h>

// Says on the console what is missing, if something is, and stops.
void sbi_check(void);

void sbi_set_timer(uint64_t ticks);  // TIME, chapter 6
void sbi_send_ipi(uint64_t hart_id); // IPI, chapter 7
// HSM, chapter 9. 0, or an SBI error below 0.
int64_t sbi_hart_start(uint64_t hart_id, uint64_t pa, uint64_t arg);
void sbi_shutdown(bool failed); // SRST, chapter 10
void sbi_putchar(char c);       // legacy, chapter 5

#endif
