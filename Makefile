# make demo      install missing packages, build, classify the example images
# make test      install missing packages, run every test; FILTER=ConvolutionTests runs one suite
# make install   build and install the command; PREFIX=/usr/local unless given
# make package   build a .tar.gz and a Debian package in .build/package
# make lint      check the format, and what the documents name
# make docs      build the API reference into .build/docs; needs python3
# make fuzz      fuzz the readers of untrusted files; SECONDS_EACH=60 unless given
# make sanitize  run the tests under the address and the thread sanitizer
# make clean     remove everything that was built
#
# DLA_SLOW_TESTS=1 make test also runs the tests that take many minutes.

PREFIX ?= /usr/local
SECONDS_EACH ?= 60
SWIFT ?= swift
export SWIFT

.PHONY: demo test install uninstall package lint docs fuzz sanitize clean setup build

demo: build
	@echo
	.build/release/dla classify --top 3 Examples/Images

setup:
	@sh Scripts/setup.sh

# The command and the tests are compiled once, into one folder, with the same options.
build: setup
	$(SWIFT) build -c release --product dla

test: setup
	sh Scripts/test.sh "$(FILTER)"

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Examples Fuzzing Package.swift
	sh Scripts/check-documents.sh

docs: build
	sh Scripts/docs.sh

install: build
	sh Scripts/link-static.sh .build/dla
	mkdir -p "$(DESTDIR)$(PREFIX)/bin"
	install -s -m 755 .build/dla "$(DESTDIR)$(PREFIX)/bin/dla"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/dla"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/dla"

package: build
	sh Scripts/link-static.sh .build/dla
	sh Scripts/package.sh .build/dla .build/package

fuzz: setup
	bash Scripts/fuzz.sh $(SECONDS_EACH)

sanitize: setup
	sh Scripts/sanitize.sh

clean:
	rm -rf .build Examples/FiveLines/.build
