// vm.h - the two kinds of sbrk. ABI.

#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#define SBRK_EAGER 1 // promised: touching it later never fails
#define SBRK_LAZY  2 // may turn out not to be there

#endif
