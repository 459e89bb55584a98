# The labs: docs/labs/, tests/labs/.
#
# make's own statuses tell less than those of tests/labs/labs, which is what
# these goals call: 0 full points, 1 less, 2 the grader could not work.

ifneq ($(filter labs handout grade hand-in similar test-labs,$(MAKECMDGOALS)),)
# TERM is the terminal's name if it comes from the environment.
LABTERM := $(if $(filter command%,$(origin TERM)),$(TERM))
export LAB FROM OUT ONLY JSON JUNIT HIDDEN LABTERM
LABRUN := MAKEFLAGS= MAKELEVEL= V='$(V)' SEEDS='$(SEEDS)' tests/labs/labs -e
endif

.PHONY: labs handout grade hand-in similar test-labs lab-jail lab-host
labs handout grade hand-in similar:
	@$(LABRUN) $@

test-labs:
	@$(LABRUN) trial

# Runs what has somebody else's code in it.
LJ := $(H)/lab/jail
lab-jail: $(LJ)
$(LJ): tests/labs/frame/jail.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$Q$(HOSTCC) -std=gnu11 -O1 -Wall -Wextra -Wno-unused-parameter -o $@ $<

# A host program of a lab: LABPROG=tests/labs/NAME/probe.c with POLICIES, and
# with LABPARTS, files of the kernel.
ifneq ($(LABPROG),)
LP := $(H)/lab/$(subst /,-,$(LABPROG:tests/labs/%.c=%))
LABFLAGS := -std=gnu11 -D_GNU_SOURCE -g -O1 -fno-pie -Wall -Wextra \
  -Wno-unused-parameter -Wno-missing-field-initializers \
  -Itests/labs/frame/shim -I. -DPOLICIES='$(foreach s,$(POLICIES),X($(s)))'
LABOBJ := $(sort $(patsubst %.c,$(LP)/%.o,$(LABPROG) tests/labs/frame/host.c \
  $(LABPARTS) \
  $(wildcard tests/host/harness*.c) $(SCHED_CORE) $(POLICIES:%=sched/%.c)))

$(eval $(call stamp,$(LP)/flags,$(HOSTCC) $(subst ','\'',$(LABFLAGS))))

$(LP)/%.o: %.c $(LP)/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(LABFLAGS) -MMD -MP -c -o $@ $<

# What can be told of a policy without running it.
$(LP)/sched/%.facts: sched/%.c $(LP)/sched/%.o tests/run/facts
	$Qtests/run/facts $* $(filter %.c %.o,$^) > $@

$(LP)/program: $(LABOBJ) $(POLICIES:%=$(LP)/sched/%.facts)
	$(call say,LD,$@)
	$Q$(HOSTCC) -no-pie -o $@ $(LABOBJ) -lm

lab-host: $(LP)/program

-include $(LABOBJ:.o=.d)
endif
