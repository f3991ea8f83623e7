#!/usr/bin/env bash
# Writes every generated file anew; on an unchanged tree this changes nothing.
set -eu
cd "$(dirname "$0")/.."
cargo run --quiet -p serve-http --example openapi > crates/serve-http/openapi.json.new
mv crates/serve-http/openapi.json.new crates/serve-http/openapi.json
cargo run --quiet -p server --example reference -- docs/reference
scripts/npm-install.sh
cd web && npm run --silent generate
