#!/bin/sh
# The example package depends on this one as any other package would; its programs must build, answer and learn.
set -eu

swift=${SWIFT:-swift}
fail() {
  printf '%s\ncheck-example: %s\n' "$output" "$1" >&2
  exit 1
}

output=$("$swift" run -c release --package-path Examples/FiveLines FiveLines Examples/Images/horse.png 2>&1) ||
  fail "the example package failed"
case $output in
  *horse*'level5 [1, 256, '*) ;;
  *) fail "the example package gave another answer" ;;
esac

pictures=$(mktemp -d)
trap 'rm -rf "$pictures"' EXIT
mkdir "$pictures/cat" "$pictures/horse"
for number in 1 2 3 4 5 6 7 8; do
  cp Examples/Images/cat.jpg "$pictures/cat/$number.jpg"
  cp Examples/Images/horse.png "$pictures/horse/$number.png"
done
output=$("$swift" run -c release --package-path Examples/FiveLines TrainingLoop "$pictures" cat horse 2>&1) ||
  fail "the training loop failed"
case $output in
  *'epoch 3: loss '*'classes: cat, horse'*) ;;
  *) fail "the training loop gave another answer" ;;
esac
echo "check-example: the example package builds, answers and learns"
