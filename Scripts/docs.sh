#!/bin/sh
# Builds the API reference of the public modules into .build/docs: docs.sh [CONFIGURATION], after a build, whose
# modules it reads. Warnings are errors. Needs python3.
set -eu
cd "$(dirname "$0")/.."

products=$(${SWIFT:-swift} build -c "${1:-release}" --show-bin-path)
tools=$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")
output=.build/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

set -- -I "$products/Modules" -target "$(basename "$(dirname "$products")")" -minimum-access-level public \
  -skip-synthesized-members -module-cache-path "$work/cache"
for map in Sources/C*/module.modulemap Sources/C*/include/module.modulemap "$products"/C*.build/module.modulemap; do
  [ ! -e "$map" ] || set -- "$@" -Xcc "-fmodule-map-file=$map"
done
for module in DeepLayerAggregation DeepLayerAggregationTraining; do
  mkdir "$work/$module"
  python3 Scripts/docs.py "$module" "$tools/swift-symbolgraph-extract" "$@" \
    "$work/$module/$module.symbols.json"
  "$tools/docc" convert "Sources/$module/$module.docc" --warnings-as-errors \
    --additional-symbol-graph-dir "$work/$module" --fallback-display-name "$module" \
    --fallback-bundle-identifier "swift-dla.$module" --output-path "$work/$module.doccarchive"
done
rm -rf "$output"
"$tools/docc" merge "$work"/*.doccarchive --synthesized-landing-page-name swift-dla --output-path "$output"
echo "wrote $output; to read it: python3 -m http.server --directory $output, then http://localhost:8000/documentation"
