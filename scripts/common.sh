# Sourced by the scripts of this folder: where things are, and whether the set-up is complete.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
if [ -z "${ILASTIK_HEADLESS_CACHE:-}${XDG_CACHE_HOME:-}${HOME:-}" ]; then
  echo "ilastik-headless: error: no cache folder: set ILASTIK_HEADLESS_CACHE, XDG_CACHE_HOME or HOME" >&2
  exit 1
fi
export ILASTIK_HEADLESS_CACHE=${ILASTIK_HEADLESS_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/ilastik-headless}
cache=$ILASTIK_HEADLESS_CACHE

# Prints the sha256 of a file.
sha256_of() {
  local sum
  if command -v sha256sum >/dev/null; then sum=$(sha256sum "$1"); else sum=$(shasum -a 256 "$1"); fi
  echo "${sum%% *}"
}

pins=$(sha256_of "$root/scripts/tools.txt")
export ILASTIK_HEADLESS_TOOLS=$cache/tools-${pins:0:12}
tools=$ILASTIK_HEADLESS_TOOLS
deno=$tools/bin/deno

# Deno: its own folder inside our cache, certificates of the system, no look-ups for newer versions.
# pip: nothing is installed for the system, so being root is no danger.
export PIP_ROOT_USER_ACTION=ignore
# A failing `deno` shows no stack of its own code.
export RUST_BACKTRACE=0
export DENO_DIR=$cache/deno DENO_TLS_CA_STORE=system DENO_NO_UPDATE_CHECK=1

case $(uname -s)-$(uname -m) in
  Linux-x86_64) host=linux-x64 ;;
  Linux-aarch64) host=linux-arm64 ;;
  Darwin-x86_64) host=macos-x64 ;;
  Darwin-arm64) host=macos-arm64 ;;
  *) echo "ilastik-headless: error: nothing is built for $(uname -sm) from source" >&2; exit 1 ;;
esac

# Prints name, size and time of every file below the given paths: differs as soon as one is changed, cut off or gone.
fingerprint() {
  if [ "${host%%-*}" = linux ]; then
    find "$@" -type f -printf '%p %s %T@\n' 2>&1 || true
  else
    find "$@" -type f -exec stat -f '%N %z %Fm' {} + 2>&1 || true
  fi
}

tool_files=("$deno" "$tools/bin/ninja" "$tools/cmake/data/bin/cmake" "$tools/ziglang/zig")
tools_stamp=$tools/.checked
deno_files=("$root/deno.json" "$root/deno.lock" "$root/lib/std" "$DENO_DIR/npm")
deno_stamp=$root/native/dist/.deno-stamp
native_files=("$root/scripts/tools.txt" "$root/native/"{build,include,sources,src,tiff} "$root/native/dist/$host")
native_stamp=$root/native/dist/.native-stamp

# Whether the files are just as they were when the stamp was written.
is_fresh() { # STAMP FILES...
  local stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(fingerprint "$@")" = "$(<"$stamp")" ]
}

# Notes how the files are now.
write_stamp() { # STAMP FILES...
  local stamp=$1
  shift
  fingerprint "$@" >"$stamp.part"
  mv -f "$stamp.part" "$stamp"
}

# Makes sure that everything is set up; costs a few milliseconds when it is.
ensure_setup() {
  is_fresh "$tools_stamp" "${tool_files[@]}" && is_fresh "$deno_stamp" "${deno_files[@]}" &&
    is_fresh "$native_stamp" "${native_files[@]}" || "$root/scripts/setup"
}

# Prints the comment at the top of a script: its help.
print_help() { # SCRIPT
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p;}' "$1"
}
