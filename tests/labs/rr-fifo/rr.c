// rr.c - the scenes under rr, which this program is linked with.

#include "tests/labs/rr-fifo/scenes.h"
