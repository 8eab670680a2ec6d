#!/bin/sh
# Checks the Markdown files: README.md is at most 150 lines, relative links resolve, and the files, types and
# options that the documents name exist. The work log and the change log may name what is gone.
set -eu
cd "$(dirname "$0")/.."
words=$(mktemp)
trap 'rm -f "$words"' EXIT
status=0
fail() {
  echo "$1" >&2
  status=1
}

lines=$(wc -l <README.md)
[ "$lines" -le 150 ] || fail "README.md: $lines lines, at most 150 are allowed"

documents=$(find . -name '*.md' -not -path './.build/*' -not -path '*/.build/*')
for file in $documents; do
  for link in $(sed '/^```/,/^```/d' "$file" | grep -oE '\]\([^):# ]+(#[^) ]*)?\)' | sed 's/^](//; s/)$//; s/#.*//'); do
    [ -e "$(dirname "$file")/$link" ] || fail "$file: link to $link, which does not exist"
  done
done

# Every identifier of the sources, and every file's path from its last two folders on.
{
  grep -rhoE '[A-Za-z_][A-Za-z0-9_]*' Sources Tests Package.swift --include='*.swift' --include='*.cu'
  find Sources Tests Benchmarks Scripts Fuzzing Examples -not -path '*/.build/*' | sed 's|.*/||'
} | sort -u >"$words"
for file in README.md Benchmarks/README.md $(find Documentation -name '*.md' -not -name WORKLOG.md); do
  for span in $(sed '/^```/,/^```/d' "$file" | grep -oE '`[A-Za-z_][A-Za-z0-9_./+]*`' | tr -d '`'); do
    span=${span%/}
    case $span in
    */*) [ -e "$span" ] || [ -e "Sources/$span" ] || [ -n "$(find Sources Tests -path "*/$span" | head -n 1)" ] ||
      fail "$file: $span does not exist" ;;
    *.swift | *.cu | *.py | *.sh) grep -qxF "$span" "$words" || fail "$file: $span does not exist" ;;
    [A-Z]*) grep -qxF "${span%%.*}" "$words" || fail "$file: nothing is called $span" ;;
    esac
  done
  for option in $(grep -oE '(^|[ `])--[a-z][a-z0-9-]+' "$file" | sed 's/^[ `]*//' | sort -u); do
    grep -rqF -e "\"$option\"" Sources/DLATool Benchmarks --include='*.swift' --include='*.py' ||
      fail "$file: option $option does not exist"
  done
done
exit "$status"
