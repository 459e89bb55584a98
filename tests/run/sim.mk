# The simulator, $(H)/sim: sched/sim/ around the core and all policies of
# sched/. $(HT)/sim is the same with the sanitizers, for the tests.

SIMFLAGS := $(HOSTSTD) -O2 -g -Wall -Wextra -Wshadow -Wmissing-prototypes \
  -Wvla -Wno-unused-parameter -Wno-missing-field-initializers $(if $(filter 1,$(WERROR)),-Werror) -I. \
  -DSCHED_RANDOM -DPOLICIES='$(foreach s,$(sort $(SCHEDS)),X($(s)))'
SIMSRC := $(wildcard sched/*.c sched/sim/*.c)

$(eval $(call stamp,$(H)/simobj/flags,$(HOSTCC) $(subst ','\'',$(SIMFLAGS))))

$(H)/simobj/%.o: %.c $(H)/simobj/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(SIMFLAGS) -MMD -MP -c -o $@ $<

$(H)/sim: $(SIMSRC:%.c=$(H)/simobj/%.o)
	$(call say,LD,$@)
	$Q$(HOSTCC) -o $@ $^

$(HT)/simobj/%.o: %.c $(HT)/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(TFLAGS) -DSCHED_RANDOM -MMD -MP -c -o $@ $<

$(HT)/sim: $(SIMSRC:%.c=$(HT)/simobj/%.o)
	$(call say,LD,$@)
	$Q$(HOSTCC) -fsanitize=address,undefined -o $@ $^

.PHONY: sim scale
sim: $(H)/sim

# From 1 hart to 1,000, or CPUS of them, for TIME seconds: docs/simulator.md.
scale: $(H)/sim
	@$(H)/sim --scale -p $(SCHED) --seed $(SEED) --span $(or $(TIME),10)s \
	  --params "$$PARAMS" \
	  $(if $(filter command%,$(origin CPUS)),--harts $(CPUS))

-include $(patsubst %.c,$(H)/simobj/%.d,$(SIMSRC)) \
  $(patsubst %.c,$(HT)/simobj/%.d,$(SIMSRC))
