# The explorers of lab sleep: build/host/lab/sleep/mutex and sync, each the
# scenes of that name and a file of the student's, in which each access to
# memory calls tests/labs/sleep/access.c.

HOSTCC ?= gcc
S := tests/labs/sleep
O := build/host/lab/sleep
FLAGS := -std=gnu11 -D_GNU_SOURCE -g -O1 -fno-pie -fno-stack-protector -Wall \
  -Wextra -Wno-unused-parameter -DPOLICIES= -I$(S)/shim -I.

.PHONY: explorers
explorers: $(O)/mutex $(O)/sync

$(O)/mutex: kernel/proc/wait.c
$(O)/sync: kernel/proc/sync.c

$(O)/mutex $(O)/sync: $(O)/%: $(wildcard $(S)/*.c $(S)/*.h $(S)/shim/*/*/*.h)
	@mkdir -p $(O)
	@$(HOSTCC) $(FLAGS) -fsanitize=thread -c -o $@.student.o \
	  $(filter kernel/%,$^)
	@nm -u $@.student.o > $@.calls
	@$(HOSTCC) $(FLAGS) -no-pie -o $@ $(S)/$*.c $(S)/explore.c \
	  $(S)/access.c tests/labs/frame/host.c -Itests/labs/frame/shim \
	  $@.student.o

# The model with the student's steps: READERS+BUG is -DREADERS -DBUG.
$(O)/model/%/pan: $(S)/pipe.pml docs/labs/sleep/steps.pml
	@mkdir -p $(@D)
	@cd $(@D) && rm -f pan.c && \
	  spin $(patsubst %,-D%,$(subst +, ,$*)) -a $(CURDIR)/$(S)/pipe.pml && \
	  $(HOSTCC) -w -O1 -DSAFETY -o pan pan.c
