# Peach: the one entry.  `make help` lists every goal and every variable.
#
# Products go to build/: one folder per kernel configuration, build/user/ for
# the programs, build/host/ for tools of the host.  What is built follows from
# which files exist: a new kernel/*/x.c, user/x.c or sched/x.c needs no line
# here.

ifeq ($(filter-out 0 1 2 3,$(firstword $(subst ., ,$(MAKE_VERSION)))),)
$(error this is make $(MAKE_VERSION), and Peach needs GNU make 4 or newer: \
  use gmake (on macOS: brew install make))
endif

# --- what a user chooses ---------------------------------------------------

# Names that an environment may hold for other reasons count only on make's
# command line.
$(foreach v,A B CALLS CMD CPU DEBUG DEPTH F FROM HIDDEN JSON JUNIT LAB LIMIT \
    ONLY OUT PARAMS RECORDS SEED SEEDS SITE T TIME V WORK,\
  $(if $(filter environment,$(origin $(v))),$(eval undefine $(v))))

SCHED  ?= rr
RUNQ   ?= shared
HZ     ?= 10
DEBUG  ?= 0
LLVM   ?= 0
CPUS   ?= 1
MEM    ?= 128M
SEED   ?= 1
DET    ?= 0
FSSIZE ?= 8M
LIMIT  ?= 300
V      ?= 0

# The name of a policy that is yet to be written: tests/run/new looks at it.
ifneq ($(filter new,$(MAKECMDGOALS)),)
export NEW := $(if $(filter-out file,$(origin SCHED)),$(value SCHED))
override SCHED := rr
ifneq ($(filter-out new,$(MAKECMDGOALS)),)
$(error make new goes alone: then make $(filter-out new,$(MAKECMDGOALS)))
endif
endif

# setup comes before every other goal of the same command line, which then
# runs in a make of its own, when what it needs is there.
ifneq ($(filter setup,$(MAKECMDGOALS)),)

REST := $(filter-out setup,$(MAKECMDGOALS))

.PHONY: setup $(REST)
setup:
	@tests/run/setup $(REST)
ifneq ($(REST),)
$(firstword $(REST)): setup
	@+$(MAKE) --no-print-directory $(REST)
$(wordlist 2,99,$(REST)): $(firstword $(REST)) ;
endif

else

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all
include tests/run/tools.mk

# --- the configuration -----------------------------------------------------

# A policy knows sched.h only; who includes the core's headers is the core.
SCHED_CORE := $(shell grep -lE '^.include "sched/(core|inside)\.h"' \
  sched/*.c)
SCHEDS := $(patsubst sched/%.c,%,$(filter-out $(SCHED_CORE),\
  $(wildcard sched/*.c)))
RUNQS := $(patsubst kernel/proc/runq_%.c,%,$(wildcard kernel/proc/runq_*.c))

# Goals that need no kernel work whatever SCHED says.
ifneq ($(filter-out docs help clean fmt gdb replay user image new labs handout \
  grade hand-in similar test-labs lab-jail lab-host,\
  $(or $(MAKECMDGOALS),all)),)
ifeq ($(filter $(SCHED),$(SCHEDS)),)
$(error no policy SCHED=$(SCHED); known: $(sort $(SCHEDS)))
endif
ifeq ($(filter $(RUNQ),$(RUNQS)),)
$(error no queue mode RUNQ=$(RUNQ); known: $(sort $(RUNQS)))
endif
endif

ifeq ($(shell echo '$(HZ)' | grep -E '^[1-9][0-9]{0,3}$$'),)
$(error HZ=$(HZ): must be 1 to 9999)
endif

on = $(filter-out 0 n no,$(1))
KIND := $(if $(call on,$(DEBUG)),-debug)$(if $(call on,$(LLVM)),-llvm)
B := build/$(SCHED)-$(RUNQ)-hz$(HZ)$(KIND)
O := build/objects$(KIND)
U := build/user$(if $(call on,$(LLVM)),-llvm)
H := build/host

# --- goals -----------------------------------------------------------------

.PHONY: all kernel user image help clean FORCE
all: kernel image
kernel: $(B)/kernel.elf
user: $(U)/all
image: $(U)/fs.img

include tests/run/kernel.mk
include tests/run/user.mk
include tests/run/host.mk
include tests/run/check.mk
include tests/run/sim.mk
include tests/run/goals.mk
include tests/run/labs.mk

# Goals beside clean wait for it.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

clean:
	$(call say,RM,build)
	$Qrm -rf build

help:
	@cat tests/run/help.txt
	@echo "Policies: $(sort $(SCHEDS)).  Queue modes: $(sort $(RUNQS))."

endif
