# User programs and the file system image: $(U)/NAME, $(U)/fs.img.
#
# A program is one file user/NAME.c, or all files of one folder user/NAME/, .c
# and .S, or a file named by UPROGS.  All are linked with the library of
# user/lib/, an archive, so that a program may define a function that the
# library has too.
# The image holds stripped programs; the ones for gdb stay in $(U)/.

ULD := user/lib/user.ld
UMARCH := rv64gc
include user/stack.mk
UFLAGS := -std=gnu11 -march=$(UMARCH) -mabi=lp64d $(COMMON) \
  -ffunction-sections -fdata-sections -DHAVE_YIELD -DHAVE_FSYNC
LIBSRC := $(wildcard user/lib/*.c user/lib/*.S)
LIBOBJ := $(LIBSRC:user/lib/%=$(U)/lib/%.o)
ULIB := $(U)/lib/libpeach.a

# The programs: own ones, tests (t_NAME), and the user's, which replace ours of
# the same name. Of the user's, a file /path/NAME.c becomes $(U)/up/path/NAME:
# ours and other ones of that name stay what they are.
UFILES := $(filter-out $(notdir $(UPROGS)),$(notdir $(wildcard user/*.c)))
UDIRS := $(filter-out lib $(basename $(notdir $(UPROGS))),\
  $(patsubst user/%/,%,$(wildcard user/*/)))
UDIRS := $(foreach d,$(UDIRS),$(if $(wildcard user/$(d)/*.c),$(d)))
GFILES := $(notdir $(wildcard tests/guest/*.c))
UPBINS := $(foreach f,$(UPROGS),up$(basename $(abspath $(f))))
BINS := $(basename $(UFILES)) $(UDIRS) $(GFILES:%.c=t_%) $(UPBINS)
PROGS := $(notdir $(BINS))
UNIQ := $(sort $(PROGS))

# What a program has in common with tools of the host.
SHARED_work := $(patsubst %,sched/sim/%.c,words work tasks)

ifneq ($(filter-out %.c,$(UPROGS)),)
$(error UPROGS takes files NAME.c: $(filter-out %.c,$(UPROGS)). \
  A program of several is a folder in user/)
endif
ifneq ($(words $(UNIQ)),$(words $(PROGS)))
$(error two programs of one name among: $(PROGS))
endif

# A program that is not ours, dropped into user/ or named by UPROGS, is
# written to other rules: its main may be of any kind, and xv6's printf took
# what gcc warns of. It is optimized as xv6's makefile does it, for which an
# empty loop is one that takes time. Wherever it is, it may include "user.h" and
# "../kernel/types.h", as if it were in user/. Ours are those that open as all
# files of this tree do: `// NAME.c - what it is`.
FOREIGN := -Wall -Wno-main -Wno-implicit-int -Wno-format -iquote user \
  -O -fno-omit-frame-pointer
OURS := $(shell awk '/^\/\/ [a-z0-9_]+\.[cS] - / { print FILENAME } \
  { nextfile }' $(wildcard user/*.c user/*/*.c user/*/*.S) /dev/null)

$(eval $(call stamp,$(U)/flags,\
  $(CC) $(UFLAGS) $(WARN) $(FOREIGN) $(LDFLAGS)))

# compile OBJECT-PATTERN,SOURCE-PATTERN,WARNINGS
define compile
$(1): $(2) $(U)/flags
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$Q$$(CC) $$(UFLAGS) $(3) -MMD -MP -MF $$(@:.o=.d) -MT $$@ \
	  -c -o $$@.$$$$$$$$ $$< && mv $$@.$$$$$$$$ $$@
endef

# The headers and constants share the text's segment, as user.ld says.
ROSEGMENT := $(if $(call on,$(LLVM)),--no-rosegment)

# program NAME,OBJECTS
define program
UOBJ += $(2)
$$(U)/$(1): $(2) $$(ULIB) $$(ULD) user/stack.mk
	$$(call say,LD,$$@)
	$$Q$$(LD) $$(LDFLAGS) $(ROSEGMENT) --gc-sections -u start -T $$(ULD) \
	  $(if $(STACK_$(notdir $(1))),-z stack-size=$(STACK_$(notdir $(1)))) -o $$@ \
	  $(2) $$(ULIB)
	$$Q$$(STRIP) -o $$@.s $$@
endef

$(eval $(call compile,$(U)/lib/%.o,user/lib/%,$(WARN)))
$(eval $(call compile,$(U)/obj/%.o,user/%,\
  $$(if $$(filter $$<,$$(OURS)),$(WARN),$(FOREIGN))))
$(eval $(call compile,$(U)/obj/sched/%.o,sched/%,$(WARN)))
$(eval $(call compile,$(U)/obj/t_%.o,tests/guest/%,$(WARN)))
$(foreach f,$(UPROGS),\
  $(eval $(call compile,$(U)/up$(abspath $(f)).o,$(f),$(FOREIGN))))

$(foreach f,$(UFILES),\
  $(eval $(call program,$(f:.c=),$(U)/obj/$(f).o)))
$(foreach d,$(UDIRS),\
  $(eval $(call program,$(d),$(patsubst user/%,$(U)/obj/%.o,\
    $(wildcard user/$(d)/*.c user/$(d)/*.S)) \
    $(SHARED_$(d):%=$(U)/obj/%.o))))
$(foreach f,$(GFILES),\
  $(eval $(call program,t_$(f:.c=),$(U)/obj/t_$(f).o)))
$(foreach b,$(UPBINS),\
  $(eval $(call program,$(b),$(U)/$(b).c.o)))

$(ULIB): $(LIBOBJ)
	$(call say,AR,$@)
	$Qrm -f $@ && $(AR) rcs $@ $(LIBOBJ)

.PHONY: $(U)/all
$(U)/all: $(ULIB) $(BINS:%=$(U)/%)

# --- the image ---------------------------------------------------------------

MKFS := $(H)/peachfs
MKSRC := $(wildcard mkfs/*.c)
HFLAGS := $(HOSTSTD) -O2 -g -Wall -Wextra -Wshadow -Wmissing-prototypes \
  -Wvla -I. -D_FILE_OFFSET_BITS=64

$(eval $(call stamp,$(H)/mkfs/flags,$(HOSTCC) $(HFLAGS)))

$(H)/mkfs/%.o: mkfs/%.c $(H)/mkfs/flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$Q$(HOSTCC) $(HFLAGS) -MMD -MP -c -o $@ $<

$(MKFS): $(MKSRC:mkfs/%.c=$(H)/mkfs/%.o)
	$(call say,LD,$@)
	$Q$(HOSTCC) -o $@ $^

JOBS := $(wildcard sched/sim/work/*.work)
IMGFILES := $(foreach b,$(BINS),$(notdir $(b))=$(U)/$(b).s) \
  $(foreach j,$(JOBS),jobs/$(notdir $(j))=$(j)) \
  $(if $(wildcard README.md),README=README.md)

$(eval $(call stamp,$(U)/image,$(FSSIZE) $(IMGFILES)))

$(U)/fs.img: $(MKFS) $(BINS:%=$(U)/%) $(U)/image $(wildcard README.md) $(JOBS)
	$(call say,MKFS,$@)
	$Q$(MKFS) build $@ -s $(FSSIZE) $(IMGFILES)

# The same with room for a long trace.
$(U)/trace.img: $(U)/fs.img
	$Q$(MKFS) build $@ -s 40M $(IMGFILES)

# What `make qemu` works on in place; what it wrote stays until a program
# changes.
$(U)/disk.img: $(U)/fs.img
	$Qcp $< $@

-include $(UOBJ:.o=.d) $(LIBOBJ:.o=.d) $(MKSRC:mkfs/%.c=$(H)/mkfs/%.d)
