#!/bin/sh
# Checks the toolchain and installs the C libraries that are linked, or loaded when they are needed,
# where it may.
set -eu

fail() {
  printf 'setup: %s\n' "$1" >&2
  exit 1
}

swift=${SWIFT:-swift}
command -v "$swift" >/dev/null 2>&1 ||
  fail "no \`$swift\` command; install Swift 6.2 or later from https://www.swift.org/install"
version=$("$swift" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version##*.}
if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "Swift ${version:-of unknown version} was found, 6.2 or later is needed: https://www.swift.org/install"
fi

# The compiler that comes with Swift may not be on the path where `swift` is a link.
compiler=${CC:-clang}
command -v "$compiler" >/dev/null 2>&1 || compiler=$(dirname "$(command -v "$swift")")/clang
command -v "$compiler" >/dev/null 2>&1 || compiler=cc

# A library is there if its header is: pkg-config itself may be missing.
has() {
  printf '#include <%s>\n' "$1" | "$compiler" $(pkg-config --cflags "$2" 2>/dev/null) -E - >/dev/null 2>&1
}

# A library that is loaded at run time; macOS has both of them.
runs() {
  [ "$(uname -s)" = Darwin ] || { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep -q "$1"
}

missing() {
  command -v pkg-config >/dev/null 2>&1 || echo pkg-config
  has turbojpeg.h libturbojpeg || echo jpeg
  has spng.h spng || echo png
  has webp/decode.h libwebp || echo webp
  has nettle/sha2.h nettle || echo nettle
  has yaml.h yaml-0.1 || echo yaml
  runs libarchive.so.13 || echo archive
  runs 'libcurl\(-gnutls\)\?\.so\.4' || echo curl
}

# The package that brings a need, for apt and for brew.
apt_name() {
  case $1 in
    jpeg) echo libturbojpeg0-dev ;;
    png) echo libspng-dev ;;
    webp) echo libwebp-dev ;;
    nettle) echo nettle-dev ;;
    yaml) echo libyaml-dev ;;
    archive) echo libarchive13 ;;
    curl) echo libcurl4 ;;
    *) echo "$1" ;;
  esac
}

brew_name() {
  case $1 in
    jpeg) echo jpeg-turbo ;;
    png) echo libspng ;;
    webp) echo webp ;;
    yaml) echo libyaml ;;
    *) echo "$1" ;;
  esac
}

need=$(missing)
[ -n "$need" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
  packages=$(for name in $need; do apt_name "$name"; done | tr '\n' ' ')
  how="apt-get install -y $packages"
  if [ "$(id -u)" -eq 0 ]; then
    sudo=
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo="sudo -n"
  else
    fail "these packages are missing and this account may not install them; run: sudo $how"
  fi
  echo "setup: installing $packages"
  # shellcheck disable=SC2086
  { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive $how; } >&2 ||
    fail "the packages could not be installed; run: $how"
elif command -v brew >/dev/null 2>&1; then
  packages=$(for name in $need; do brew_name "$name"; done | tr '\n' ' ')
  echo "setup: installing $packages"
  # shellcheck disable=SC2086
  brew install $packages >&2 || fail "the packages could not be installed; run: brew install $packages"
else
  fail "libjpeg-turbo, libspng, libwebp, nettle and libyaml with their headers are needed, libarchive and libcurl (and pkg-config); install them with your package manager"
fi

need=$(missing)
[ -z "$need" ] || fail "still missing after the installation: $(echo "$need" | tr '\n' ' ')"
