# Tests that run on the host: $(H)/test/test_NAME for each.
#
#   tests/host/test_*.c      with sched/: the scheduler's core and policies
#   tests/host/fs/test_*.c   with kernel/fs/ and mkfs/: the file system
#
# What lies beside a test_*.c and is no test itself is linked with all of that
# folder. Everything is built with the sanitizers, which end a test at once.

HT := $(H)/test
TFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter -I. \
  -fsanitize=address,undefined -fno-sanitize-recover=all \
  -DPOLICIES='$(foreach s,$(sort $(SCHEDS)),X($(s)))'

$(eval $(call stamp,$(HT)/flags,$(HOSTCC) $(subst ','\'',$(TFLAGS))))

$(HT)/%.o: %.c $(HT)/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(TFLAGS) -MMD -MP -c -o $@ $<

# hosttests FOLDER,SOURCES: the tests in a folder, linked with these as well
define hosttests
TESTS += $(patsubst $(1)/%.c,$(HT)/%,$(wildcard $(1)/test_*.c))
TSRC += $(wildcard $(1)/*.c) $(2)
$(patsubst $(1)/%.c,$(HT)/%,$(wildcard $(1)/test_*.c)): $(HT)/%: \
  $(HT)/$(1)/%.o $(patsubst %.c,$(HT)/%.o,\
    $(filter-out $(1)/test_%,$(wildcard $(1)/*.c)) $(2))
	$$(call say,LD,$$@)
	$$Q$$(HOSTCC) -fsanitize=address,undefined -o $$@ $$^ -lcmocka
endef

$(eval $(call hosttests,tests/host,$(wildcard sched/*.c) \
  $(SHARED_work)))
$(eval $(call hosttests,tests/host/fs,$(wildcard kernel/fs/*.c) \
  $(filter-out mkfs/peachfs.c,$(wildcard mkfs/*.c))))

.PHONY: host-tests
host-tests: $(TESTS)

-include $(patsubst %.c,$(HT)/%.d,$(TSRC))
