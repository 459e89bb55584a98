// frame_check.c - holds the offsets that assembly uses to the structs.

#include <stddef.h>

#include "kernel/proc/proc.h"
#include "kernel/trap/frame.h"

#define AT(type, field, offset)                                                \
  _Static_assert(offsetof(struct type, field) == (offset), #field)

AT(frame, ra, FRAME_REG(1));
AT(frame, tp, FRAME_REG(4));
AT(frame, s0, FRAME_REG(8));
AT(frame, a, FRAME_REG(10));
AT(frame, t6, FRAME_REG(31));
AT(frame, pc, FRAME_PC);
AT(frame, status, FRAME_STATUS);
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "frame");
AT(hart, ksp, HART_KSP);
AT(hart, proc, HART_PROC);
AT(hart, resched, HART_RESCHED);
AT(hart, index, HART_INDEX);
AT(hart, save, HART_SAVE);
AT(hart, files, HART_FILES);
AT(hart, emergency, HART_EMERGENCY);
AT(hart, id, HART_ID);
AT(hart, tracing, HART_TRACING);
_Static_assert(sizeof(struct hart) == HART_SIZE, "hart");
AT(proc, attention, PROC_ATTENTION);
