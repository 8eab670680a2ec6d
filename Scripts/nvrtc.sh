#!/bin/sh
# Fetches NVIDIA's compiler of kernels, which tests compile the kernels with, to .build/nvrtc.
#
# A release of CUDA 12: that of 13 knows no sm_70 any more. Where it can't be had the test is skipped.
set -eu

package=nvidia-cuda-nvrtc-cu12
version=12.9.86
folder=.build/nvrtc

[ -e "$folder/nvidia/cuda_nvrtc/lib/libnvrtc.so.12" ] && exit 0
command -v python3 >/dev/null 2>&1 || exit 0
mkdir -p "$folder"
python3 -m pip download --quiet --no-deps --disable-pip-version-check --dest "$folder" \
  "$package==$version" >/dev/null 2>&1 || {
  echo "test: $package could not be fetched; kernels are not compiled for devices" >&2
  exit 0
}
# Beside and renamed, so that what is there is whole.
rm -rf "$folder/new"
for wheel in "$folder"/*.whl; do
  python3 -m zipfile -e "$wheel" "$folder/new"
  rm -f "$wheel"
done
rm -rf "$folder/nvidia"
mv "$folder/new/nvidia" "$folder/nvidia"
rm -rf "$folder/new"
