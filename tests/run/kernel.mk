# The kernel of one configuration: $(B)/kernel.elf.
#
# Its objects lie in $(O), where all policies, queue modes and values of HZ share
# them: which of these a kernel has is said when it is linked. $(B) holds what is
# linked, and the one object that HZ is for.
# Each object is moved to its place when it is whole, as another make may be at
# the same one.
#
# It is linked twice.  A backtrace needs the names of the kernel's functions
# at run time, and they are known only when the kernel has been linked: so it
# is linked with an empty table, the table is made from the result
# (tests/run/ksyms), and it is linked again with the full one.  The table lies
# behind the text, so no function moves; tests/run/ksyms checks that.

KROOMS := boot trap proc mm fs dev lib trace $(if $(call on,$(DEBUG)),debug)
KSRC := $(filter-out kernel/proc/runq_%.c kernel/proc/hz.c,\
  $(wildcard $(KROOMS:%=kernel/%/*.c) $(KROOMS:%=kernel/%/*.S))) \
  kernel/proc/runq_$(RUNQ).c $(SCHED_CORE) sched/$(SCHED).c
KOBJ := $(KSRC:%=$(O)/%.o)
KLD := kernel/boot/kernel.ld
KLINK = $(LD) $(LDFLAGS) --defsym=kernel_policy=$(SCHED)_policy -T $(KLD)

KFLAGS := -std=gnu11 -march=$(KMARCH) -mabi=lp64 $(COMMON) $(WARN) \
  $(if $(call on,$(DEBUG)),-DDEBUG=1 -fno-omit-frame-pointer \
  -fno-optimize-sibling-calls)

# What the compiler puts into a DEBUG=1 kernel, calls functions of
# kernel/debug/, which therefore goes without, but for its planted damage.
CHECKS := $(if $(call on,$(DEBUG)),-fstack-protector-strong \
  -fsanitize=undefined -fno-sanitize-recover=all \
  -fsanitize-coverage=trace-pc)
$(filter-out %/plant.c.o,$(filter $(O)/kernel/debug/%,$(KOBJ))): CHECKS :=

$(eval $(call stamp,$(O)/flags,$(CC) $(KFLAGS) $(CHECKS)))
$(eval $(call stamp,$(B)/flags,$(KLINK) $(KSRC)))
KMADE = $(KOBJ) $(B)/hz.o

$(O)/%.c.o: %.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$Q$(CC) $(KFLAGS) $(CHECKS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && \
	  mv $@.$$$$ $@

# The one file that may name the floating point registers.
$(O)/kernel/proc/fpu.S.o: KFLAGS += -march=$(KMARCH:rv64imac%=rv64imafdc%)

$(O)/%.S.o: %.S $(O)/flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$Q$(CC) $(KFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && \
	  mv $@.$$$$ $@

$(B)/ksyms0.S: tests/run/ksyms
	@mkdir -p $(@D)
	$Qtests/run/ksyms table < /dev/null > $@.$$$$ && mv $@.$$$$ $@

$(B)/hz.o: kernel/proc/hz.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$Q$(CC) $(KFLAGS) $(CHECKS) -DHZ=$(HZ) -MMD -MP -c -o $@ $<

$(B)/kernel0.elf: $(KMADE) $(B)/ksyms0.o $(KLD) $(B)/flags
	$Q$(KLINK) -o $@ $(KMADE) $(B)/ksyms0.o

$(B)/ksyms.S: $(B)/kernel0.elf tests/run/ksyms
	$Q$(NM) -n $< | tests/run/ksyms table > $@.$$$$ && mv $@.$$$$ $@

$(B)/ksyms0.o $(B)/ksyms.o: %.o: %.S
	$Q$(CC) $(KFLAGS) -c -o $@ $<

$(B)/kernel.elf: $(B)/kernel0.elf $(B)/ksyms.o
	$(call say,LD,$@)
	$Q$(KLINK) -o $@ $(KMADE) $(B)/ksyms.o
	$Q$(NM) -n $< > $(B)/nm0; $(NM) -n $@ > $(B)/nm1; \
	  tests/run/ksyms same $(B)/nm0 $(B)/nm1 || { rm -f $@; exit 1; }

-include $(KMADE:.o=.d)
