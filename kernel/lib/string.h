// string.h - bytes and strings. The first four are C's.

#ifndef KERNEL_LIB_STRING_H
#define KERNEL_LIB_STRING_H

#include <stddef.h>

void *memset(void *dst, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);

size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

// Copy at most size - 1 characters and a 0.
void strcopy(char *dst, const char *src, size_t size);

// Fill, or copy, one page; both are PGSIZE-aligned.
void page_zero(void *page);
void page_copy(void *dst, const void *src);

#endif
