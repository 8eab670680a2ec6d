#!/bin/sh
# Builds the documentation of the public modules into .build/docs from modules that are built already; warnings
# are errors. docs.sh CONFIGURATION, after a build.
set -eu
cd "$(dirname "$0")/.."
sh Scripts/check-documents.sh

modules="DeepLayerAggregation DeepLayerAggregationTraining"
products=$(${SWIFT:-swift} build -c "${1:-release}" --show-bin-path)
tools=$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")
triple=$(basename "$(dirname "$products")")
output=.build/docs
rm -rf "$output"
mkdir -p "$output/symbols" "$output/archives"

set --
for map in Sources/C*/module.modulemap Sources/C*/include/module.modulemap "$products"/C*.build/module.modulemap; do
  [ ! -e "$map" ] || set -- "$@" -Xcc "-fmodule-map-file=$map"
done
for module in $modules; do
  mkdir "$output/symbols/$module"
  "$tools/swift-symbolgraph-extract" -module-name "$module" -target "$triple" -I "$products/Modules" "$@" \
    -minimum-access-level public -skip-synthesized-members -module-cache-path "$output/cache" \
    -output-dir "$output/symbols/$module"
  "$tools/docc" convert "Sources/$module/$module.docc" --warnings-as-errors \
    --additional-symbol-graph-dir "$output/symbols/$module" --fallback-bundle-identifier "swift-dla.$module" \
    --fallback-display-name "$module" --output-path "$output/archives/$module.doccarchive"
done
"$tools/docc" merge "$output"/archives/*.doccarchive --synthesized-landing-page-name swift-dla \
  --output-path "$output/site"
rm -rf "$output/symbols" "$output/archives" "$output/cache"
echo "documentation: $output/site (python3 -m http.server --directory $output/site)"
