# Compilers, their flags, and how a step is shown.

Q := $(if $(filter 0,$(V)),@)
SILENT := $(strip $(if $(findstring =,$(firstword $(MAKEFLAGS))),,\
  $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))))
say = $(if $(Q),$(if $(SILENT),@:,@printf '%-5s %s\n' $(1) $(2)))

# found NAME...: the first of these that PATH has, whole; without a process.
found = $(firstword $(foreach n,$(1),\
  $(wildcard $(addsuffix /$(n),$(subst :, ,$(PATH))))))

# The RISC-V compiler under the name that Debian, Arch and Homebrew, or Fedora
# give it.
CROSS ?= $(patsubst %gcc,%,$(notdir $(call found,riscv64-unknown-elf-gcc \
  riscv64-elf-gcc riscv64-linux-gnu-gcc)))
ifneq ($(filter-out 0 n no,$(LLVM)),)
HOSTCC ?= $(call found,clang)
endif
HOSTCC ?= $(call found,cc gcc clang)

# Looked for once, and not again for each use.
CROSS := $(CROSS)
HOSTCC := $(HOSTCC)

# Tools of the host are C11 and POSIX (with XSI), and nothing more.
HOSTSTD := -std=c11 -Wpedantic -D_XOPEN_SOURCE=700

ifeq ($(filter-out 0 n no,$(LLVM)),)
CC := $(CROSS)gcc
LD := $(CROSS)ld
AR := $(CROSS)ar
NM := $(CROSS)nm
STRIP := $(CROSS)strip
KMARCH := rv64imac_zicsr_zifencei
TOOLCHAIN := $(CROSS)
else
CC := clang --target=riscv64-unknown-elf
LD := ld.lld
AR := llvm-ar
NM := llvm-nm
STRIP := llvm-strip
KMARCH := rv64imac
TOOLCHAIN := $(and $(call found,clang),$(call found,ld.lld))
endif

# Goals that build nothing must work without a compiler, and those that stay on
# this machine without one for RISC-V.
ifneq ($(filter-out docs help clean gdb new labs handout hand-in similar,\
  $(or $(MAKECMDGOALS),all)),)
ifeq ($(TOOLCHAIN)$(filter check why grade lab-jail lab-host,\
  $(MAKECMDGOALS)),)
$(error no compiler for RISC-V found: "make setup" installs it)
endif
ifeq ($(HOSTCC),)
$(error no C compiler for this machine found: "make setup" installs it)
endif
endif

# What these say of themselves, asked in one go.
KNOWN := $(shell $(CC) -dumpversion; \
  $(LD) --help | grep -o -e --no-warn-rwx-segments)

# A warning is an error with the compiler that Peach is tested with, and only
# a warning for users of another.
TESTED := $(filter 12.%,$(firstword $(KNOWN)))
WERROR ?= $(if $(TESTED),1,0)

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla \
  -Wno-unused-parameter -Wno-missing-field-initializers $(if $(filter 1,$(WERROR)),-Werror)
COMMON := -O2 -g -mcmodel=medany -mno-relax -ffreestanding -fno-common \
  -fomit-frame-pointer -fno-stack-protector -fno-pie \
  -fno-asynchronous-unwind-tables -I.
LDFLAGS := -nostdlib -static -z max-page-size=4096 --no-relax \
  --build-id=none $(firstword $(filter --no-warn-rwx-segments,$(KNOWN)))

# stamp FILE,TEXT: a rule that rewrites FILE only when TEXT has changed, so
# that what depends on FILE is made again when its command line changes. What
# is compiled is the same with -Werror and without.
stamped = $(strip $(filter-out -Werror,$(1)))
define stamp
$(1): FORCE
	@{ IFS= read -r old < $$@ && [ "$$$$old" = '$(call stamped,$(2))' ]; } \
	  2> /dev/null || \
	  { mkdir -p $$(@D) && printf '%s\n' '$(call stamped,$(2))' > $$@; }
endef
