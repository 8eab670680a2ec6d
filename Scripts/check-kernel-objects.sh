#!/bin/sh
# Kernels are compiled once per instruction set. The linker keeps one copy of a function that two of
# them define weakly, so a baseline caller could run vector code that its processor lacks. Only what
# the compiler emits for imported types may be shared: it computes nothing.
set -eu

fail() {
  printf 'check-kernel-objects: %s\n' "$1" >&2
  exit 1
}

command -v nm >/dev/null 2>&1 || fail "no nm command; install binutils"
[ "$(uname -m)" = x86_64 ] || {
  echo "check-kernel-objects: one set of kernels on $(uname -m), nothing to compare"
  exit 0
}

build=$("${SWIFT:-swift}" build -c release --show-bin-path)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Metadata, its accessors and caches; descriptors and value witnesses of C types; module marks.
data='(Wl|WL|Wz|Mp|MF|Mf|MD|ML|MR|Ma|Mr|Mn|MB|MXM|WP|WV|WOh|Wo)$'
targets="DLAKernels DLAKernelsAVX2 DLAKernelsAVX512"
for target in $targets; do
  nm "$build/$target.build"/*.o | awk '$2 == "W" || $2 == "V" { print $3 }' |
    grep -Ev "^__swift_|^symbolic$|^associated$|_swift_FORCE_LOAD|$data" | sort -u >"$work/$target" || true
  nm "$build/$target.build"/*.o | grep -q ' [Tt] ' || fail "$target has no code in $build"
done
for pair in "DLAKernels DLAKernelsAVX2" "DLAKernels DLAKernelsAVX512" \
  "DLAKernelsAVX2 DLAKernelsAVX512"; do
  # shellcheck disable=SC2086
  set -- $pair
  shared=$(comm -12 "$work/$1" "$work/$2")
  [ -z "$shared" ] || fail "$1 and $2 both define:
$shared"
done
echo "check-kernel-objects: no function is shared between instruction sets"
