#!/usr/bin/env bash
# Whole runs of the program: processor time, wall time and peak memory.
#
#   tests/bench/whole_runs.sh PROJECT.ilp IMAGE [OPTION...]      with 1 and 2 threads, three times each
#
# Needs GNU time. ILASTIK_HEADLESS_PROGRAM=FILE measures that executable instead of the program from source.
set -euo pipefail
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
program=${ILASTIK_HEADLESS_PROGRAM:-$root/scripts/ilastik-headless}
project=$1 image=$2
shift 2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for threads in 1 2 1 2 1 2; do
  /usr/bin/time -f "$threads threads: %U s user, %S s system, %e s wall, %M KiB" \
    "$program" --project="$project" "$image" --threads="$threads" --output_format=hdf5 \
    --output_filename_format="$out/r.h5" "$@" >"$out/log"
done
