#!/usr/bin/env bash
# Generates the web client anew from the committed API document and compares. (That the document and the reference pages are those of the
# program is shown by Rust tests.)
set -eu
cd "$(dirname "$0")/../web/packages/api/src"
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp -r generated "$before"
(cd ../../.. && npm run --silent generate)
if ! diff -r -q "$before/generated" generated; then
  echo 'the web client was not current; run "make generate" and commit it' >&2
  exit 1
fi
