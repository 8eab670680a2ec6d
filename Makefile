# make demo      install what is missing, build, classify the example photographs
# make test      install what is missing, run every test
# make install   build and install the command; PREFIX=/usr/local unless given
# make package   build a .tar.gz and a Debian package in .build/package
# make lint      check the format
# make fuzz      fuzz the readers of untrusted files; SECONDS_EACH=60 unless given
# make sanitize  run the tests under the address and the thread sanitizer
# make clean     remove everything that was built

PREFIX ?= /usr/local
SECONDS_EACH ?= 60
SWIFT ?= swift
export SWIFT

# The Swift runtime goes into the program where the platform can; macOS has it in the system.
ifeq ($(shell uname -s),Darwin)
STATIC =
else
STATIC = --static-swift-stdlib
endif
RELEASE = $(SWIFT) build -c release $(STATIC) --scratch-path .build/install --product dla

.PHONY: demo test install uninstall package lint fuzz sanitize clean setup build

demo: build
	@echo
	.build/install/release/dla classify --top 3 Examples/Images

setup:
	@sh Scripts/setup.sh

build: setup
	$(RELEASE)

test: setup
	sh Scripts/test.sh

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Examples Fuzzing Package.swift

install: build
	mkdir -p "$(DESTDIR)$(PREFIX)/bin"
	install -s -m 755 .build/install/release/dla "$(DESTDIR)$(PREFIX)/bin/dla"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/dla"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/dla"

package: build
	sh Scripts/package.sh .build/install/release/dla .build/package

fuzz: setup
	bash Scripts/fuzz.sh $(SECONDS_EACH)

sanitize: setup
	sh Scripts/sanitize.sh

clean:
	rm -rf .build Examples/FiveLines/.build Fuzzing/.build
