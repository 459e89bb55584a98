# make new, make check, make why: a policy on the host, without a kernel.
#
# $(H)/check/NAME holds sched/NAME.c, the core, and tests/host/check/, which
# says what it does.  Nothing but this machine's compiler is needed.

HC := $(H)/check
CHECKFLAGS := $(HOSTSTD) -g -O2 -fno-pie -I. -Wall -Wextra \
  -Wshadow -Wmissing-prototypes -Wvla -Wno-unused-parameter \
  -Wno-missing-field-initializers
CHECKSRC := $(wildcard tests/host/check/*.c) $(SCHED_CORE)
CHECKOBJ := $(CHECKSRC:%.c=$(HC)/.o/%.o)

$(eval $(call stamp,$(HC)/.o/flags,$(HOSTCC) $(CHECKFLAGS)))

$(HC)/.o/%.o: %.c $(HC)/.o/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(CHECKFLAGS) -MMD -MP -c -o $@ $< || \
	  { echo '$< does not compile: see above' >&2; exit 1; }

# The policy once more, under another name, with its blocks of code counted.
$(HC)/.o/sched/%.counted.o: sched/%.c $(HC)/.o/flags
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(CHECKFLAGS) -fsanitize-coverage=trace-pc \
	  -D$*_policy=counted_policy -MMD -MP -c -o $@ $<

# What the checker wants to know of the source and the object: a line each.
$(HC)/.o/sched/%.facts: sched/%.c $(HC)/.o/sched/%.o tests/run/facts
	$Qtests/run/facts $* $^ > $@

$(HC)/%: $(HC)/.o/sched/%.o $(HC)/.o/sched/%.counted.o \
  $(HC)/.o/sched/%.facts $(CHECKOBJ)
	$(call say,LD,$@)
	$Q$(HOSTCC) -no-pie -o $@ $(filter %.o,$^) -lm \
	  -Wl,--defsym=policy_under_check=$*_policy -Wl,-z,lazy,-z,muldefs \
	  -Wl,--unresolved-symbols=ignore-all

.SECONDARY: $(CHECKOBJ) $(SCHEDS:%=$(HC)/.o/sched/%.o) \
  $(SCHEDS:%=$(HC)/.o/sched/%.counted.o) \
  $(SCHEDS:%=$(HC)/.o/sched/%.facts)
.PHONY: new check why
new:
	@HOSTCC="$(HOSTCC)" tests/run/new "$$NEW"

check: $(HC)/$(SCHED)
	@$< -f $(HC)/.o/sched/$(SCHED).facts $(if $(DEPTH),-d '$(DEPTH)') \
	  -s '$(SEED)' $(if $(SEEDS),-n '$(SEEDS)') "$$PARAMS"

why: $(HC)/$(SCHED)
	@$< -w -f $(HC)/.o/sched/$(SCHED).facts $(if $(DEPTH),-d '$(DEPTH)') \
	  -s '$(SEED)' "$$PARAMS"

# Mistakes that the check must find: tests/mutants/.
.PHONY: mutants
mutants: $(CHECKOBJ)
	@HC="$(HC)" HOSTCC="$(HOSTCC)" CHECKFLAGS="$(CHECKFLAGS)" \
	  CORE="$(SCHED_CORE:%.c=$(HC)/.o/%.o)" tests/run/mutants $(MUTANTS)

# ---- make fuzz: sched/NAME.c, the core and the parts that tell a story, made by
# clang, with libFuzzer.

HF := $(H)/fuzz
FUZZSRC := $(filter-out tests/host/check/main.c tests/host/check/why.c \
  tests/host/check/cost.c tests/host/check/shares.c tests/host/check/draws.c \
  tests/host/check/crowd.c tests/host/check/contract.c \
  tests/host/check/random.c tests/host/check/exhaustive.c \
  tests/host/check/walk.c,$(wildcard tests/host/check/*.c)) \
  tests/host/check/fuzz/fuzz.c
FUZZOBJ := $(FUZZSRC:%.c=$(HF)/.o/%.o)
CLANG := clang

$(eval $(call stamp,$(HF)/.o/flags,$(CLANG) $(CHECKFLAGS)))

# What its inputs go through counts in the policy and the core alone.
$(HF)/.o/sched/%.o: CHECKFLAGS += -fsanitize=fuzzer-no-link

$(HF)/.o/%.o: %.c $(HF)/.o/flags
	$(call say,CLANG,$<)
	@mkdir -p $(@D)
	$Q$(CLANG) $(CHECKFLAGS) -MMD -MP -c -o $@ $<

$(HF)/%/fuzz: $(HF)/.o/sched/%.o $(SCHED_CORE:%.c=$(HF)/.o/%.o) $(FUZZOBJ)
	$(call say,LD,$@)
	@mkdir -p $(@D)/corpus
	$Q$(CLANG) -no-pie -fsanitize=fuzzer -o $@ $^ -lm \
	  -Wl,--defsym=policy_under_check=$*_policy

.SECONDARY: $(FUZZOBJ) $(HF)/.o/sched/$(SCHED).o $(SCHED_CORE:%.c=$(HF)/.o/%.o)
.PHONY: fuzz
fuzz: $(HF)/$(SCHED)/fuzz
	@tests/run/fuzz $(SCHED) $(HF)/$(SCHED) '$(SEED)' $(or $(TIME),60)

-include $(FUZZOBJ:.o=.d) $(HF)/.o/sched/$(SCHED).d
-include $(CHECKOBJ:.o=.d) $(HC)/.o/sched/$(SCHED).d \
  $(HC)/.o/sched/$(SCHED).counted.d
