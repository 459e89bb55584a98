# Programs that need more than the one page of stack that xv6 gives, in bytes.

STACK_sh := 32768
STACK_cp := 32768
STACK_rm := 32768
STACK_t_fuzz := 32768
