#!/bin/sh
# Copies the command and the image libraries it links to a folder that runs on a machine without
# them: bundle.sh FOLDER, after `make build`.
set -eu

root=$(dirname "$0")/..
folder=$1
mkdir -p "$folder/lib"
(cd "$root" && sh Scripts/link-static.sh .build/dla)
cp "$root/.build/dla" "$folder/dla.program"
strip "$folder/dla.program"
ldd "$folder/dla.program" | awk '$3 ~ /^\// { print $3 }' |
  grep -E 'lib(spng|turbojpeg|webp|nettle|yaml)' | while read -r library; do
  cp -L "$library" "$folder/lib/"
done
cat >"$folder/dla" <<'EOF'
#!/bin/sh
folder=$(dirname "$0")
LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$folder/dla.program" "$@"
EOF
chmod +x "$folder/dla"
