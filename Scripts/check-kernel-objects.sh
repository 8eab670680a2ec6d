#!/bin/sh
# Kernels are compiled once per instruction set. A function that two of them define weakly is kept
# once by the linker, so a baseline caller could run vector code its processor lacks. None may be
# shared, but for the runtime helpers below, which contain no vector code of the kernels.
set -eu

build=$(swift build -c release --show-bin-path)
allowed='^(__swift_reflection_version|.*_swift_FORCE_LOAD.*|__swift_instantiate.*|__swift_.*|.*WOh|.*WOb|.*Wl|.*Wz|.*Mp|.*MF|.*ML|.*MR|.*Ma|.*Mr)$'

weak() {
  nm "$build/$1.build"/*.o 2>/dev/null | awk '$2 == "W" || $2 == "V" { print $3 }' | sort -u
}

targets="DLAKernels DLAKernelsAVX2 DLAKernelsAVX512"
status=0
for one in $targets; do
  for other in $targets; do
    [ "$one" \< "$other" ] || continue
    [ -d "$build/$one.build" ] && [ -d "$build/$other.build" ] || continue
    a=$(mktemp)
    b=$(mktemp)
    weak "$one" >"$a"
    weak "$other" >"$b"
    shared=$(comm -12 "$a" "$b" | grep -Ev "$allowed" || true)
    rm -f "$a" "$b"
    if [ -n "$shared" ]; then
      printf 'check-kernel-objects: %s and %s both define:\n%s\n' "$one" "$other" "$shared" >&2
      status=1
    fi
  done
done
[ "$status" -eq 0 ] && echo "check-kernel-objects: no function is shared between instruction sets"
exit "$status"
