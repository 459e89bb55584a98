# Goals that run something.  tests/run/run starts QEMU; it takes everything by
# environment, so what CMD holds is never read by a shell or expanded by make.

override CMD := $(value CMD)
override PARAMS := $(value PARAMS)

ifneq ($(call on,$(DET)),)
ifneq ($(CPUS),1)
$(error DET=1 needs CPUS=1: several harts do not repeat)
endif
endif

QEMU ?= qemu-system-riscv64
GDBPORT ?= $(shell expr 25000 + $$(id -u) % 5000)
GDB ?= $(notdir $(call found,gdb-multiarch riscv64-unknown-elf-gdb \
  riscv64-elf-gdb gdb))
ifneq ($(filter gdb qemu-gdb replay,$(MAKECMDGOALS)),)
GDBPORT := $(GDBPORT)
export GDBPORT
endif

export CPUS MEM CPU SEED DET ICOUNT PARAMS CMD LIMIT QEMU QEMUOPTS
export SCHED RUNQ HZ
RUN = KERNEL=$(B)/kernel.elf tests/run/run

.PHONY: qemu run trace record replay qemu-gdb gdb fmt claims bench twin twins compare diff
.PHONY: test test-crash test-stress test-model
qemu: $(B)/kernel.elf $(if $(IMG),,$(U)/disk.img)
	@IMAGE=$(or $(IMG),$(U)/disk.img) WRITE=1 $(RUN) -i

ifneq ($(and $(CMD),$(filter sh.c,$(notdir $(UPROGS)))),)
$(warning CMD goes to `sh -c`: does the sh of UPROGS take that?)
endif

# A run starts from the fresh image and throws away what it wrote, so that it
# can be repeated; IMG=file is kept.
run: $(B)/kernel.elf $(if $(IMG),,$(U)/fs.img)
	@IMAGE=$(or $(IMG),$(U)/fs.img) WRITE=$(if $(IMG),1,0) $(RUN)

# What the scheduler did while CMD ran, as files in build/trace/. The guest's
# status is the command's.
trace: $(B)/kernel.elf $(U)/trace.img
	@KERNEL=$(B)/kernel.elf IMAGE=$(U)/trace.img tests/run/trace

# A run with DET=1, recorded by QEMU; and again, under gdb.
record: $(B)/kernel.elf $(U)/fs.img
	@KERNEL=$(B)/kernel.elf IMAGE=$(U)/fs.img tests/run/record

replay:
	$(check-gdb)
	@GDB="$(GDB)" SWITCH='$(SWITCH)' GDBOPTS="$$GDBOPTS" tests/run/record -r

qemu-gdb: $(B)/kernel.elf $(if $(IMG),,$(U)/disk.img)
	@echo "waiting for gdb on port $(GDBPORT): now \"make gdb\" with the" \
	  "same SCHED, RUNQ, HZ and DEBUG in another window"
	@IMAGE=$(or $(IMG),$(U)/disk.img) WRITE=1 $(RUN) -g

define check-gdb
@[ -n "$(GDB)" ] || { echo 'no gdb for RISC-V found: "make setup gdb"' \
  'installs it' >&2; exit 1; }
endef

gdb:
	$(check-gdb)
	@$(GDB) -q $(B)/kernel.elf -ex "set architecture riscv:rv64" \
	  -ex "target remote 127.0.0.1:$(GDBPORT)" -x tests/run/peach.gdb

# Instructions an operation, and more: see the head of tests/run/bench.
bench:
	@+$(MAKE) --no-print-directory SCHED=rr RUNQ=shared HZ=10 DEBUG=0 all
	@+$(MAKE) --no-print-directory SCHED=mlfq RUNQ=shared HZ=10 DEBUG=0 kernel
	@+$(MAKE) --no-print-directory SCHED=lottery RUNQ=shared HZ=10 DEBUG=0 kernel
	@tests/run/bench $(BENCHOPTS)

# schedtest under each policy, as one table.
claims:
	@MAKEFLAGS= MAKELEVEL= SCHEDS="$(sort $(SCHEDS))" tests/run/claims
# Workload files, docs/workload.md: one on the kernel and in the simulator; on
# the kernel under all policies; two policies in the simulator.
PLAYS := $(patsubst %,$(U)/%,init sh work) $(MKFS)
TWINS = $(if $(filter command%,$(origin SCHED)),$(SCHED),$(sort $(SCHEDS)))
export WORK A B SCHEDS NM

twin: $(B)/kernel.elf $(H)/sim $(PLAYS)
	@KERNEL=$(B)/kernel.elf tests/run/twin

# Each policy, or SCHED if that is on make's command line.
twins: $(H)/sim $(PLAYS)
	@+for s in $(TWINS); do \
	  $(MAKE) --no-print-directory SCHED=$$s DEBUG=0 LLVM=0 kernel || exit; \
	done
	@SCHEDS="$(TWINS)" tests/run/twin -a

compare: $(H)/sim $(PLAYS)
	@+for s in $(SCHEDS); do \
	  $(MAKE) --no-print-directory SCHED=$$s DEBUG=0 LLVM=0 kernel || exit; \
	done
	@tests/run/compare

diff: $(H)/sim
	@tests/run/diff

# Everything is built by the test itself, in makes of its own.
test:
	@MAKEFLAGS= MAKELEVEL= TESTCC="$(CC)" KFLAGS="$(KFLAGS)" \
	  UFLAGS="$(UFLAGS) $(WARN)" SCHEDS="$(SCHEDS)" RUNQS="$(RUNQS)" \
	  tests/run/test $(T)

# Every cut, a thousand damaged images, and a file with trees of all depths,
# of which make test does a sample.
test-crash: $(patsubst %,$(HT)/test_%,crash damaged harm huge)
	FS_CUTS=0 $(HT)/test_crash
	FS_IMAGES=1200 $(HT)/test_damaged
	$(HT)/test_harm
	FS_HUGE=4200 $(HT)/test_huge

# Long: TIME seconds of everything at once, and CALLS random system calls.
test-stress:
	@TIME=$(or $(TIME),600) CALLS=$(or $(CALLS),10000000) RUNQS="$(RUNQS)" \
	  CPUS=$(if $(filter command%,$(origin CPUS)),$(CPUS),4) LIMIT= \
	  tests/run/stress

# The models of the wake-up and the switch, and changes that they must refuse.
test-model:
	@HOSTCC="$(HOSTCC)" tests/run/model

# One site of docs/, with search; what is wrong in a link is an error.
.PHONY: docs figures
docs:
	@tests/run/docs "$(SITE)"

# The tables and figures of docs/, made again: docs/figures.md.
figures:
	@MAKEFLAGS= MAKELEVEL= tests/run/figures $(F)

# For clangd: how each file is compiled, the kernel's first.
.PHONY: compile-commands
compile-commands:
	@$(MAKE) -nB V=1 --no-print-directory kernel user $(MKFS) host-tests \
	  $(H)/check/$(SCHED) 2>/dev/null | tests/run/compdb

# What clang-format would change: nothing, if it prints nothing.
fmt:
	@clang-format --version >/dev/null 2>&1 || { echo 'no clang-format' \
	  'found: install it, on Debian with apt-get install clang-format' >&2; \
	  exit 1; }
	@for f in $$(git ls-files '*.c' '*.h'); do \
	  clang-format $$f | diff -qb - $$f >/dev/null || { echo $$f; bad=1; }; done; \
	  [ -z "$$bad" ]
