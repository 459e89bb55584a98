// sbrk.c - more memory at the end of the heap, or less. Returns where the
// heap ended before, or SBRK_ERROR.

#include "kernel/types.h"
#include "kernel/vm.h"
#include "user/user.h"

char *
sbrk(int n)
{
  return sys_sbrk(n, SBRK_EAGER);
}

char *
sbrklazy(int n)
{
  return sys_sbrk(n, SBRK_LAZY);
}
