#!/bin/sh
# The example package depends on this one as any other package would; it must build and answer.
set -eu

output=$("${SWIFT:-swift}" run -c release --package-path Examples/FiveLines FiveLines Examples/Photographs/horse.png 2>&1) || {
  printf '%s\ncheck-example: the example package failed\n' "$output" >&2
  exit 1
}
case $output in
  *horse*'level5 [1, 256, 1, 1]'*) echo "check-example: the example package builds and answers" ;;
  *)
    printf '%s\ncheck-example: the example package gave another answer\n' "$output" >&2
    exit 1
    ;;
esac
