# Meson and Ninja do the building (meson.build); these are the few things people ask for. Every target first
# installs what this machine lacks, which takes a fraction of a second when nothing is lacking.
PREFIX ?= /usr/local

build: setup
	@tools/build build

setup:
	@sh tools/setup

demo: build          # a synthetic operation to walk through in a browser
	@build/muster demo $(ARGS)

test: setup          # everything: both builds, journeys, browser, rules
	@tools/test

check: setup         # layering, bans, stray SQL
	@tools/check

bench: setup
	@tools/bench $(ARGS)

fuzz: setup          # FUZZ_SECONDS for each target, 30 unless told
	@tools/fuzz $(ARGS)

soak: build
	@tools/soak $(ARGS)

install: build       # honours DESTDIR and PREFIX
	@meson configure build -Dprefix="$(abspath $(PREFIX))"
	@meson install -C build --quiet

clean:
	@rm -rf build build-asan build-fuzz web/dist

.PHONY: build setup demo test check bench fuzz soak install clean
