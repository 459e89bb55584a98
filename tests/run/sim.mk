# The simulator, $(H)/sim: sched/sim/ around the core and all policies of
# sched/. $(HT)/sim is the same, built as the host's tests are.

SIMFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wshadow -Wmissing-prototypes \
  -Wvla -Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror) -I. \
  -DPOLICIES='$(foreach s,$(sort $(SCHEDS)),X($(s)))'
SIMSRC := $(wildcard sched/*.c sched/sim/*.c)
SIMOBJ := $(SIMSRC:%.c=$(H)/simobj/%.o)

$(eval $(call stamp,$(H)/simobj/flags,$(HOSTCC) $(subst ','\'',$(SIMFLAGS))))

$(H)/simobj/%.o: %.c $(H)/simobj/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(SIMFLAGS) -MMD -MP -c -o $@ $<

$(H)/sim: $(SIMOBJ)
	$(call say,LD,$@)
	$Q$(HOSTCC) -o $@ $^

$(HT)/sim: $(SIMSRC:%.c=$(HT)/%.o)
	$(call say,LD,$@)
	$Q$(HOSTCC) -fsanitize=address,undefined -o $@ $^

.PHONY: sim
sim: $(H)/sim

-include $(SIMSRC:%.c=$(H)/simobj/%.d) $(SIMSRC:%.c=$(HT)/%.d)
