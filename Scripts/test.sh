#!/bin/sh
# Every test: the package's own in release, the kernel objects, and a package that depends on this.
set -eu

swift=${SWIFT:-swift}
log=$(mktemp)
passed=$(mktemp -u)
trap 'rm -f "$log" "$passed"' EXIT

sh Scripts/nvrtc.sh

# Tests run in release: vector code without optimisation is hundreds of times slower. Warnings of
# ours are errors; a note of the linker about the toolchain's own libraries is left out.
{ "$swift" test -c release -Xswiftc -warnings-as-errors 2>&1 && : >"$passed"; } | tee "$log" |
  grep -v 'the use of .mktemp. is dangerous' || true
[ -e "$passed" ] && grep -Eq 'Test run with [1-9][0-9]* tests? .*passed' "$log" || {
  echo "test: the tests failed" >&2
  exit 1
}
# What may be skipped needs pictures that are no part of the project, or a compiler from elsewhere.
if grep -E '^(➜|↷|⊘).*skipped|Test .* skipped' "$log" |
  grep -v -e 'CIFAR-10 is not beside the checkout' -e 'NVRTC could not be fetched'; then
  echo "test: a test was skipped that may not be" >&2
  exit 1
fi

SWIFT=$swift sh Scripts/check-kernel-objects.sh
SWIFT=$swift sh Scripts/check-example.sh
