// fifo.c - the scenes under fifo, which this program is linked with.

#include "tests/labs/rr-fifo/scenes.h"
