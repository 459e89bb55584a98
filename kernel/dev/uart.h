// uart.h - the 16550 serial port.

#ifndef KERNEL_DEV_UART_H
#define KERNEL_DEV_UART_H

#include <stdbool.h>

void uart_init(void (*interrupt)(void)); // serves input and room
bool uart_can_put(void);
void uart_put(char c);         // after uart_can_put() said yes
int uart_get(void);            // a character, or -1: there is none
void uart_want_room(bool yes); // interrupt when there is room to put

#endif
