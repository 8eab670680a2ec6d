#!/bin/sh
# The example package depends on this one as any other package would; its programs must build, classify and train.
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
  *) fail "the example package gave another result" ;;
esac

output=$("$swift" run -c release --package-path Examples/FiveLines Types 2>&1) ||
  fail "a type that a reader would guess is missing"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/images/cat" "$folder/images/horse"
for number in 1 2 3 4 5 6 7 8; do
  cp Examples/Images/cat.jpg "$folder/images/cat/$number.jpg"
  cp Examples/Images/horse.png "$folder/images/horse/$number.png"
done
output=$("$swift" run -c release --package-path Examples/FiveLines Train "$folder/images" "$folder/run" cat horse 2>&1) ||
  fail "the training failed"
case $output in
  *'epoch 3: loss '*'classes: cat, horse'*) ;;
  *) fail "the training gave another result" ;;
esac
echo "check-example: the example package builds, classifies and trains"
