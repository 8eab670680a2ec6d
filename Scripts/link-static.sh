#!/bin/sh
# Links the command with the Swift runtime inside: Scripts/link-static.sh OUTPUT, after `make build`.
#
# SwiftPM's --static-swift-stdlib would compile every module a second time.
set -eu

swift=${SWIFT:-swift}
output=$1
build=$("$swift" build -c release --show-bin-path)

# macOS has the runtime in the system.
if [ "$(uname -s)" = Darwin ]; then
  cp "$build/dla" "$output"
  exit 0
fi

compiler=$(dirname "$(command -v "$swift")")/swiftc
[ -x "$compiler" ] || compiler=swiftc
# An import that is compiled for static linking names the libraries that Foundation consists of.
# The linker's note about one of them is left out.
imports=$(mktemp -d)
trap 'rm -rf "$imports"' EXIT
echo 'import Foundation' >"$imports/imports.swift"
# shellcheck disable=SC2046
"$compiler" -static-stdlib -parse-as-library -emit-executable -o "$output" \
  "$imports/imports.swift" "@$build/dla.product/Objects.LinkFileList" \
  -Xlinker --defsym=main=DLATool_main -Xlinker --gc-sections \
  $(pkg-config --libs libturbojpeg spng libwebp nettle yaml-0.1) >"$imports/log" 2>&1 || {
  cat "$imports/log" >&2
  exit 1
}
