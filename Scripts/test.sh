#!/bin/sh
# Every test: the package's own in release, the kernel objects, and a package that depends on this.
set -eu

swift=${SWIFT:-swift}
log=$(mktemp)
passed=$(mktemp -u)
trap 'rm -f "$log" "$passed"' EXIT

# Tests run in release: vector code without optimisation is hundreds of times slower. Warnings of
# ours are errors; a note of the linker about the toolchain's own libraries is left out.
{ "$swift" test -c release -Xswiftc -warnings-as-errors 2>&1 && : >"$passed"; } | tee "$log" |
  grep -v 'the use of .mktemp. is dangerous' || true
[ -e "$passed" ] && grep -Eq 'Test run with [1-9][0-9]* tests? .*passed' "$log" || {
  echo "test: the tests failed" >&2
  exit 1
}
# The one that may be skipped needs pictures that are no part of the project.
if grep -E '^(➜|↷|⊘).*skipped|Test .* skipped' "$log" |
  grep -v 'CIFAR-10 is not beside the checkout'; then
  echo "test: a test was skipped, which none but CIFAR-10 may be" >&2
  exit 1
fi

SWIFT=$swift sh Scripts/check-kernel-objects.sh
SWIFT=$swift sh Scripts/check-example.sh
