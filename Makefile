# mutstream.  `make help` lists the targets.
PREFIX ?= /usr/local
BUILD ?= build
CC ?= cc
# A value crosses many small functions of many files on its way: to optimize
# over files at the end is worth 3 to 5 % of the time.
ifneq ($(findstring Free Software,$(shell $(CC) --version 2>&1)),)
LTO = -flto=auto
ifeq ($(origin AR),default)
AR := $(or $(shell command -v gcc-ar),ar)
endif
endif
# Lines and functions for a debugger, not each variable: that is a sixth of
# what linking takes.
CFLAGS ?= -O3 -g1 $(LTO)

BINDIR = $(DESTDIR)$(PREFIX)/bin
MANDIR = $(DESTDIR)$(PREFIX)/share/man

OURS = -std=c17 -D_GNU_SOURCE -Ilib -pthread -Wall -Wextra -Wpedantic \
       -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
LIBS = -lpcre2-8 -lsodium -ljansson -lsqlite3 -lmaxminddb -lidn2 \
       $(if $(findstring -static,$(LDFLAGS)),-lunistring) -lm -pthread
# What one command alone needs.
LIBS_ms-kafka = $(if $(findstring -static,$(LDFLAGS)),\
       $(shell pkg-config --static --libs rdkafka),-lrdkafka)
# Where a target builds first: on all processors, if nobody has said how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all

LIB_SRC := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
# A command is a file cmd/ms-x.c, or a folder cmd/ms-x/.
# WITHOUT=kafka builds and installs all but ms-kafka.  So does -static, since
# Debian has no static Kerberos, unless WITHOUT= says that there is one.
ifneq ($(findstring -static,$(LDFLAGS)),)
ifeq ($(origin WITHOUT),undefined)
WITHOUT := kafka
$(info ms-kafka is left out of a static build; make WITHOUT= tries it)
endif
endif
# An empty one would tell a make within this one that there is one.
ifneq ($(WITHOUT),)
export WITHOUT
endif
LACKING := $(WITHOUT:%=ms-%)
COMMANDS := $(filter-out $(LACKING),$(patsubst cmd/%.c,%,$(wildcard cmd/*.c)) \
	    $(patsubst cmd/%/,%,$(sort $(dir $(wildcard cmd/*/*.c)))))
BINARIES := $(COMMANDS:%=$(BUILD)/%)
# Programs that only the tests run; fault.c is a library to be preloaded.
CASES := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fault.c,\
	 $(wildcard tests/*.c tests/fuzz/*.c tests/unit/*.c)))
# Test files that look at what was built, not at the sources or the page alone.
OF_THE_BUILD := $(filter-out tests/lint.bats tests/install.bats tests/page.bats,\
	$(wildcard tests/*.bats))
PAGES := $(filter-out $(LACKING:%=%.1),$(notdir $(wildcard man/*.[1-9])))

all: $(BINARIES) ## build the filters into $(BUILD)/

define LINK
$(BUILD)/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,\
	$(wildcard cmd/$(1).c cmd/$(1)/*.c)) $(BUILD)/libms.a
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -Wl,--as-needed -o $$@ $$^ \
	    $$(LIBS_$(1)) $$(LIBS)
endef
$(foreach command,$(COMMANDS),$(eval $(call LINK,$(command))))

# Few of the tests' programs need be fast, and there are many: for them the
# library becomes machine code once.
MACHINE = $(BUILD)/libms.$(if $(and $(LTO),$(findstring $(LTO),$(CFLAGS))),o,a)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(MACHINE)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS)

$(BUILD)/libms.o: $(BUILD)/libms.a
	$(CC) $(CFLAGS) -r -flinker-output=nolto-rel -o $@ \
	    -Wl,--whole-archive $<

$(BUILD)/libms.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c | $(BUILD)/needs
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The page of ms-trace report is part of its program: joined of its parts, in
# the order in which a browser reads them.
PAGE := $(addprefix lib/render/page/,start.html $(addsuffix .css,base head \
	flow list event help media) body.html $(addsuffix .js,text json undo \
	events search head flow list event tree why keys) end.html)

$(BUILD)/report.html: $(PAGE)
	@mkdir -p $(@D)
	cat $^ >$@

$(BUILD)/obj/lib/render/report.o: $(BUILD)/report.html
$(BUILD)/obj/lib/render/report.o: OURS += \
	-DREPORT_PAGE='"$(BUILD)/report.html"'

# So are JSON Schema's own schemas.
$(BUILD)/obj/lib/schema/metaschema.o: $(wildcard lib/schema/*.json)

cases: $(CASES)

# All that is compiled, for who only wants to hear what a compiler says.
objects: $(LIB_OBJ) $(CASES:$(BUILD)/%=$(BUILD)/obj/%.o) \
	$(foreach command,$(COMMANDS),$(patsubst %.c,$(BUILD)/obj/%.o,\
	$(wildcard cmd/$(command).c cmd/$(command)/*.c)))

# What the build needs is looked for once, before the first file.
$(BUILD)/needs:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    tests/needs.sh build
	@mkdir -p $(@D)
	@touch $@

deps: ## install what the build and the pages need (Debian, apt)
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    tests/needs.sh --install build pages

install: all ## install binaries and man pages below $(DESTDIR)$(PREFIX)
	install -d $(BINDIR)
	install -m 755 $(BINARIES) $(BINDIR)
	@for page in $(PAGES); do \
		dir=$(MANDIR)/man$${page##*.}; \
		install -d $$dir && install -v -m 644 man/$$page $$dir || exit 1; \
	done

uninstall: ## remove what install installed
	rm -f $(COMMANDS:%=$(BINDIR)/%)
	@for page in $(PAGES); do \
		rm -fv $(MANDIR)/man$${page##*.}/$$page || exit 1; \
	done

clean: ## remove what was built
	rm -rf $(BUILD) build-asan

demo: deps ## show the main job; FILE=some.ndjson takes your own events
	@$(MAKE) -s $(JOBS) all
	@MS_BUILD='$(abspath $(BUILD))' tests/demo.sh $(if $(FILE),'$(FILE)')

check: ## build, and run all tests; installs what they need
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    tests/needs.sh --install build check
	@tests/needs.sh --install servers || echo 'going on without'
	@$(MAKE) -s $(JOBS) all cases
	@tests/needs.sh --browser '$(BUILD)'
	@CC='$(CC)' MS_BUILD='$(abspath $(BUILD))' tests/check.sh $(FILES)

check-asan asan: ## the same on a build with ASan, UBSan and check-own's poison
	@$(MAKE) --no-print-directory check BUILD=build-asan \
	    CFLAGS='-O1 -g $(SANITIZE)' CPPFLAGS='$(CPPFLAGS) -DVALUE_CHECK_OWN' \
	    FILES='$(or $(FILES),$(OF_THE_BUILD))'

check-own: ## the language, where using a value given away is stopped
	@$(MAKE) -s $(JOBS) BUILD=build-asan CFLAGS='-O1 -g $(SANITIZE)' \
	    CPPFLAGS='$(CPPFLAGS) -DVALUE_CHECK_OWN' all cases
	@MS_BUILD='$(abspath build-asan)' tests/own.sh $(FILES)

check-simd: all cases ## FILES, or the quick ones, under each scan kernel
	@MS_BUILD='$(abspath $(BUILD))' tests/simd.sh $(FILES)

check-engines: all ## pipelines on Kafka, Flink and Redis, which are fetched
	@tests/needs.sh --install check engines
	@tests/needs.sh --install servers || echo 'going on without'
	@MS_BUILD='$(abspath $(BUILD))' tests/check.sh $(or $(FILES),tests/engines)

check-engines-large: all ## on Spark, Pulsar, NATS, Hadoop, parallel (800 MB)
	@tests/needs.sh --install check engines large
	@MS_BUILD='$(abspath $(BUILD))' tests/check.sh \
	    $(or $(FILES),tests/engines/large)

bench: all $(BUILD)/tests/mmdb_make ## measure beside jq and others; see tests/bench/README.md
	@tests/needs.sh --install bench || echo 'going on without'
	@CC='$(CC)' MS_BUILD='$(abspath $(BUILD))' tests/bench/bench.sh

bench-kafka: all ## measure ms-kafka beside Kafka Streams on a broker of its own
	@tests/needs.sh --install engines streams
	@CC='$(CC)' MS_BUILD='$(abspath $(BUILD))' tests/bench/kafka.sh

lint: ## clang-format, mandoc -Tlint and shellcheck
	@tests/needs.sh --install check
	@bats tests/lint.bats

format: ## let clang-format decide
	clang-format -i $(wildcard cmd/*.c cmd/*/*.[ch] lib/*/*.[ch] lib/*/*/*.[ch] \
	    tests/*.c tests/*/*.[ch])

help: ## this list
	@sed -n 's/^\([a-z -]*\):.*## /\1\t/p' Makefile | expand -t 20

.PHONY: all cases deps install uninstall clean demo check check-engines check-engines-large check-asan asan check-own check-simd bench bench-kafka \
        lint format help
.SECONDARY:
-include $(shell find $(BUILD)/obj -name "*.d" 2>/dev/null)
