#!/usr/bin/env bash
# Generates every generated file anew beside the committed one and compares.
set -eu
cd "$(dirname "$0")/.."
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
files="crates/serve-http/openapi.json docs/reference web/packages/api/src/generated"
for file in $files; do mkdir -p "$before/$(dirname "$file")" && cp -r "$file" "$before/$file"; done
scripts/generate.sh
for file in $files; do
  if ! diff -r -q "$before/$file" "$file" >/dev/null; then
    echo "$file was not current; run \"make generate\" and commit it" >&2
    exit 1
  fi
done
