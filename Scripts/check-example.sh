#!/bin/sh
# The programs of the example package must resolve, build, classify and train.
#
# Package.swift compiles them beside the tests, without access to what only this package sees. The
# example package itself builds everything again, which is done only with DLA_SLOW_TESTS=1.
set -eu

swift=${SWIFT:-swift}
package=Examples/FiveLines
scratch=.build/example
fail() {
  printf '%s\ncheck-example: %s\n' "$output" "$1" >&2
  exit 1
}

output=$("$swift" package --package-path $package --scratch-path $scratch show-dependencies 2>&1) ||
  fail "the example package does not resolve"
if [ "${DLA_SLOW_TESTS-}" = 1 ]; then
  output=$("$swift" build -c release --package-path $package --scratch-path $scratch 2>&1) ||
    fail "the example package does not build"
  programs=$scratch/release
else
  output=$("$swift" build -c release --product FiveLines 2>&1 &&
    "$swift" build -c release --product PublicTypes 2>&1 &&
    "$swift" build -c release --product TrainClassifier 2>&1) || fail "the examples do not build"
  programs=.build/release
fi

output=$("$programs/FiveLines" Examples/Images/horse.png 2>&1) || fail "FiveLines failed"
case $output in
  *horse*'level5 [1, 256, '*) ;;
  *) fail "FiveLines gave another prediction" ;;
esac

output=$("$programs/PublicTypes" 2>&1) || fail "PublicTypes failed"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
images=$folder/images
mkdir -p "$images/cat" "$images/horse"
for number in 1 2 3 4 5 6 7 8; do
  cp Examples/Images/cat.jpg "$images/cat/$number.jpg"
  cp Examples/Images/horse.png "$images/horse/$number.png"
done
output=$("$programs/TrainClassifier" "$images" "$folder/run" cat horse 2>&1) ||
  fail "TrainClassifier failed"
case $output in
  *'epoch 3: loss '*'classes: cat, horse'*) ;;
  *) fail "TrainClassifier gave another result" ;;
esac
echo "check-example: the example package resolves, builds, classifies and trains"
