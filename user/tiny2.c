// tiny2.c - tiny.c again, under another name: lat execs one after the other.

#include "user/tiny.c"
