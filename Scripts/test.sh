#!/bin/sh
# Every test: the package's own in release, the kernel objects, and a package that depends on this.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Tests run in release: vector code without optimisation is hundreds of times slower.
status=0
swift test -c release 2>&1 | tee "$log" | grep -v 'the use of .mktemp. is dangerous' || status=$?
grep -Eq 'Test run with [0-9]+ tests? .*passed' "$log" || {
  echo "test: the tests failed" >&2
  exit 1
}
if grep -Eiq '(➜|↳).*skipped|Test .* skipped' "$log"; then
  echo "test: a test was skipped, which none may be" >&2
  exit 1
fi

sh Scripts/check-kernel-objects.sh
sh Scripts/check-example.sh
