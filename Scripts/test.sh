#!/bin/sh
# Runs every test: Scripts/test.sh; or the suites whose names match: Scripts/test.sh FILTER.
#
# In full these are the package's own in release, the kernel objects and the example package.
set -eu

swift=${SWIFT:-swift}
filter=${1-}
log=$(mktemp)
passed=$(mktemp -u)
trap 'rm -f "$log" "$passed"' EXIT

[ -n "$filter" ] || sh Scripts/nvrtc.sh

# Tests run in release: vector code without optimisation is hundreds of times slower. Testable
# imports would need other options than those of the command, and a second build of everything.
# The linker's note about the toolchain's own libraries is left out.
{
  "$swift" test -c release --disable-testable-imports ${filter:+--filter "$filter"} 2>&1 &&
    : >"$passed"
} | tee "$log" | grep -v 'the use of .mktemp. is dangerous' || true
[ -e "$passed" ] && grep -Eq 'Test run with [1-9][0-9]* tests? .*passed' "$log" || {
  echo "test: the tests failed" >&2
  exit 1
}
# Tests may be skipped that need images outside the project, or a compiler from elsewhere.
if grep -E '^(➜|↷|⊘).*skipped|Test .* skipped' "$log" |
  grep -v -e 'CIFAR-10 is not beside the checkout' -e 'NVRTC could not be fetched'; then
  echo "test: a test was skipped that must run" >&2
  exit 1
fi
[ -z "$filter" ] || exit 0

SWIFT=$swift sh Scripts/check-kernel-objects.sh
SWIFT=$swift sh Scripts/check-example.sh
