#!/usr/bin/env bash
# Runs the program that cargo built: scripts/built.sh release|debug ARGUMENTS…
set -eu
profile=$1; shift
root=$(cd "$(dirname "$0")/.." && pwd)
target=$(cargo metadata --manifest-path "$root/Cargo.toml" --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
if [ "${1-}" = --print-path ]; then echo "$target/$profile/yanshu"; exit; fi
exec "$target/$profile/yanshu" "$@"
