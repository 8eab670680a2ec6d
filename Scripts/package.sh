#!/bin/sh
# Packages of the command: a .tar.gz and, where dpkg-deb is installed, a Debian package.
#
#   sh Scripts/package.sh PROGRAM FOLDER
#
# PROGRAM is a built dla, FOLDER receives the packages.
set -eu
umask 022

fail() {
  printf 'package: %s\n' "$1" >&2
  exit 1
}

program=${1:?a built dla is expected}
output=${2:?an output folder is expected}
[ -x "$program" ] || fail "$program: no such program; run make package"
version=$("$program" --version | sed -n 's/^dla //p')
[ -n "$version" ] || fail "$program does not print a version"
machine=$(uname -m)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
# Equal inputs give equal packages: all files get the time of the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# Installs the files below a prefix of $root.
install_files() {
  prefix=$root$1
  mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/doc/dla" \
    "$prefix/share/bash-completion/completions" "$prefix/share/zsh/$2" \
    "$prefix/share/fish/vendor_completions.d"
  install -m 755 "$program" "$prefix/bin/dla"
  strip "$prefix/bin/dla"
  "$program" man >"$prefix/share/man/man1/dla.1"
  "$program" completions bash >"$prefix/share/bash-completion/completions/dla"
  "$program" completions zsh >"$prefix/share/zsh/$2/_dla"
  "$program" completions fish >"$prefix/share/fish/vendor_completions.d/dla.fish"
}

copyright() {
  cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: swift-dla

Files: *
Copyright: the authors of swift-dla
License: Apache-2.0
 The complete text is in $1.
Comment:
 The program contains the Swift runtime (Apache-2.0 with Runtime Library Exception).
END
}

mkdir -p "$output"

# The archive: dla-VERSION-SYSTEM-MACHINE/{bin,share}, for any prefix.
name=dla-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$machine
install_files "/$name" site-functions
install -m 644 LICENSE CHANGELOG.md "$root/$name/share/doc/dla/"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + 2>/dev/null || true
owner=
tar --version 2>/dev/null | grep -q GNU && owner='--owner=0 --group=0 --numeric-owner'
# shellcheck disable=SC2086
(cd "$root" && find "$name" | LC_ALL=C sort | tar -cf - $owner --no-recursion -T -) | gzip -9n >"$output/$name.tar.gz"
echo "package: $output/$name.tar.gz"

command -v dpkg-deb >/dev/null 2>&1 || exit 0

rm -rf "$root"
install_files /usr vendor-completions
gzip -9n "$root/usr/share/man/man1/dla.1"
gzip -9nc CHANGELOG.md >"$root/usr/share/doc/dla/changelog.gz"
copyright /usr/share/common-licenses/Apache-2.0 >"$root/usr/share/doc/dla/copyright"

# The packages of the libraries that the program is linked against, under this distribution's names.
# The program only starts where libc is as new as here.
libraries=$(readelf -d "$root/usr/bin/dla" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
depends=
for library in $libraries; do
  path=$(ldd "$root/usr/bin/dla" | sed -n "s|^[[:space:]]*$library => \([^ ]*\).*|\1|p")
  [ -n "$path" ] || continue # The loader, which belongs to libc.
  package=$(dpkg-query -S "$(readlink -f "$path")" "$path" 2>/dev/null | sed -n '1s/:.*//p')
  [ -n "$package" ] || fail "$library belongs to no package"
  [ "$package" != libc6 ] || package="libc6 (>= $(dpkg-query -W -f '${Version}' libc6 | sed 's/-.*//'))"
  case ", $depends," in
    *", $package,"*) ;;
    *) depends=${depends:+$depends, }$package ;;
  esac
done

# libarchive (checkpoints of PyTorch 1.6 and later, gzip) and libcurl (dla pull) are loaded when needed.
architecture=$(dpkg --print-architecture)
mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: dla
Version: $version
Architecture: $architecture
Maintainer: ${DEB_MAINTAINER:-swift-dla <swift-dla@localhost>}
Section: science
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $depends
Recommends: libarchive13, libcurl4 | libcurl3-gnutls, ca-certificates
Suggests: bash-completion
Description: image classification with Deep Layer Aggregation networks
 The command dla classifies images, evaluates and trains the Deep Layer
 Aggregation networks (arXiv:1707.06484) on CPUs, and runs them on NVIDIA GPUs.
 A small model of ten classes is included; dla pull downloads others.
END
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
package=$output/dla_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
echo "package: $package"
