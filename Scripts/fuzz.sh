#!/bin/bash
# Feeds mutated files to the readers of untrusted bytes: Scripts/fuzz.sh [SECONDS for each [READER...]].
# Builds with libFuzzer and the address sanitizer. A failing input is kept outside the repository
# and named; nothing else remains.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
case $seconds in
'' | *[!0-9]*)
  echo "fuzz: '$seconds' is not a number of seconds" >&2
  exit 64
  ;;
esac
shift || true
readers=${*:-safetensors checkpoints images datasets recipes configurations}

# Package.swift adds the program for this script only: without libFuzzer it has no main function.
export DLA_FUZZING=1
build() {
  "${SWIFT:-swift}" build --scratch-path .build/fuzzing -c release --product dla-fuzz \
    --sanitize address --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address "$@"
}
build
program=$(build --show-bin-path)/dla-fuzz

work=$(mktemp -d)
trap 'rm -rf "$work/corpus" "$work/tmp"; rmdir "$work" 2>/dev/null || true' EXIT
mkdir -p "$work/corpus/safetensors" "$work/corpus/images" "$work/corpus/datasets" \
  "$work/corpus/recipes" "$work/corpus/configurations" "$work/tmp"
# Valid and hostile files of each format.
checkpoints=Tests/Fixtures/checkpoints
for kind in pytorch:zip legacy:legacy paddle:pickle; do
  mkdir "$work/corpus/${kind%:*}"
  find "$checkpoints/${kind%:*}" "$checkpoints/hostile/${kind#*:}" -type f -size -16k \
    ! -name '*.safetensors' -exec cp {} "$work/corpus/${kind%:*}" \;
done
# Whole files, and their headers followed by the number of bytes of data; see Fuzzing/Readers.
for file in Tests/Fixtures/safetensors/*.safetensors; do
  name=$(basename "$file")
  cp "$file" "$work/corpus/safetensors/$name"
  size=$(od -An -tu8 -N8 "$file" | tr -d ' ')
  data=$(($(wc -c <"$file") - 8 - size))
  if [ "$data" -lt 256 ]; then
    {
      tail -c +9 "$file" | head -c "$size"
      printf "\\x$(printf %x "$data")"
    } >"$work/corpus/safetensors/$name.header"
  fi
done
find Tests/Fixtures/images -type f ! -name '*.pil' ! -name '*.opencv' -size -16k \
  -exec cp {} "$work/corpus/images" \;

# A small dataset of each kind behind the letter that selects it.
datasets=$work/corpus/datasets
printf 'la.jpg 0\nb c.jpg wolf\n\nd.jpg 3\ne.jpg\n' >"$datasets/list"
printf 'cpath,label\n"a,""b"".jpg",1\nc.jpg,dog\n"d\ne.jpg",2\n' >"$datasets/table"
printf 'n0 tench, Tinca tinca\n1 goldfish\n' >"$datasets/names"
printf 'nn01440764 tench\nn01443537 goldfish\n' >"$datasets/synsets"
printf 'oa.jpg,1,dog,1,dog,0.5,0,cat,0.25,,,,,,,,,,0.6931,\nb,,,,,,,,,,,,,,,,,,,no label\n' \
  >"$datasets/outcomes"
printf 1 >"$work/tmp/0.cls"
printf dog >"$work/tmp/1.cls"
cp Tests/Fixtures/images/png-1x40.png "$work/tmp/0.png"
for format in ustar pax gnu; do
  for letter in t g; do
    {
      printf %s "$letter"
      tar -C "$work/tmp" --format=$format -b 1 -cf - 0.cls 0.png 1.cls
    } >"$datasets/$format-$letter"
  done
done

# The recipe of the tests, alone and before overrides.
recipes=$work/corpus/recipes
sed -n '/^let wholeRecipe = """$/,/^ *"""$/s/^  \([^"]\)/\1/p' Tests/DLARecipesTests/Recipes.swift \
  >"$recipes/whole"
for override in Optimizer.lr.name=Piecewise 'Loss.Train=[{CELoss: {epsilon: 0.1}}]' \
  'Optimizer={name: AdamW, weight_decay: 0.1, lr: {name: Step, learning_rate: 1, step_size: 2.5}}' \
  'DataLoader.Train.dataset.batch_transform_ops=[{OpSampler: {MixupOperator: {prob: 0.5}}}]' \
  'Optimizer={name: RMSProp, momentum: 0.9, rho: 0.9, clip_norm: 1, lr: {learning_rate: 0.1}}' \
  'DataLoader.Train.dataset.transform_ops.1={RandCropImage: {size: 96, interpolation: random, backend: pil}}' \
  'DataLoader.Train.dataset.transform_ops.2={TimmAutoAugment: {config_str: rand-m9-n2-mstd0.5-inc1}}' \
  DataLoader.Train.dataset.transform_ops.1.RandCropImage.size=32; do
  { cat "$recipes/whole" && printf '\0%s' "$override"; } >"$recipes/$(printf %s "$override" | cksum | tr ' ' -)"
done

# timm's configuration, and an old one.
cp Tests/Fixtures/hub/config.json "$work/corpus/configurations/new"
printf '{"architecture": "dla34", "labels": {"0": "cat"}, "input_size": [3, 96, 96], "crop_pct": 0.9}' \
  >"$work/corpus/configurations/old"

# Leak detection needs ptrace, which containers often forbid.
run() {
  local reader=$1 corpus=$2
  shift 2
  case " $readers " in *" $reader "*) ;; *) return 0 ;; esac
  echo "fuzz: $reader, $seconds s, $(find "$corpus" -type f | wc -l) files to start from"
  DLA_FUZZED_READER=$reader "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=30 \
    -detect_leaks=0 -print_final_stats=1 -verbosity=1 -artifact_prefix="$work/$reader-" "$@" \
    "$corpus" || {
    echo "fuzz: $reader failed; the input is kept in $work" >&2
    return 1
  }
}
status=0
run safetensors "$work/corpus/safetensors" -max_len=4096 -dict=Fuzzing/safetensors.dict || status=1
for kind in pytorch legacy paddle; do
  run checkpoints "$work/corpus/$kind" -max_len=16384 || status=1
done
run images "$work/corpus/images" -max_len=16384 || status=1
TMPDIR=$work/tmp run datasets "$datasets" -max_len=8192 || status=1
run recipes "$recipes" -max_len=8192 || status=1
run configurations "$work/corpus/configurations" -max_len=4096 || status=1
exit $status
