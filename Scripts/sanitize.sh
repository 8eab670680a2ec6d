#!/bin/sh
# Runs the tests under the address and the thread sanitizer, without whole models, which are many
# times slower there, and without the simulated GPU, whose threads are fibers.
set -eu

for sanitizer in address thread; do
  log=$(mktemp)
  status=0
  # XCTest's own runner leaks, and no test uses it.
  "${SWIFT:-swift}" test -c release --disable-xctest --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" \
    --skip InferenceTests --skip DLAToolTests --skip DLACUDATests >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ] || grep -Eq 'ERROR: AddressSanitizer|WARNING: ThreadSanitizer' "$log"; then
    grep -E 'ERROR: AddressSanitizer|WARNING: ThreadSanitizer|✘|error:' "$log" | head -n 20 >&2
    echo "sanitize: the $sanitizer sanitizer found something; the whole output is in $log" >&2
    exit 1
  fi
  rm -f "$log"
  echo "sanitize: the $sanitizer sanitizer found nothing"
done
