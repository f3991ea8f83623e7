#!/usr/bin/env bash
# Feeds every target of fuzz/ (or those named) for so many seconds each, guided by coverage: libFuzzer, built with the ordinary compiler.
# scripts/fuzz.sh SECONDS [TARGET…]. What was found stays in target/fuzz/found, and what was learned in target/fuzz/corpus.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-3600}
shift || true
base=${CARGO_TARGET_DIR:-$PWD/target}
work=$base/fuzz
mkdir -p "$work/corpus" "$work/found"
host=$(rustc -vV | sed -n 's/^host: //p')
# The same versions as what is shipped.
cp Cargo.lock fuzz/libfuzzer/Cargo.lock
# With --target the instruments go into what is fuzzed, and not into build scripts.
instruments="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing"
RUSTFLAGS=$(echo $instruments) CARGO_TARGET_DIR=$work/build \
  cargo build --quiet --release --target "$host" --manifest-path fuzz/libfuzzer/Cargo.toml
names=$(cargo run --quiet -p fuzz --example export -- "$work/honest")
[ $# -gt 0 ] && names=$*
failed=0
for name in $names; do
  mkdir -p "$work/corpus/$name"
  printf '\n== %s, %s s\n' "$name" "$seconds"
  if ! YANSHU_FUZZ_TARGET=$name "$work/build/$host/release/yanshu-libfuzzer" "$work/corpus/$name" "$work/honest/$name" \
      -dict="$work/honest/$name.dict" -max_total_time="$seconds" -max_len=65536 -timeout=120 -rss_limit_mb=4096 \
      -artifact_prefix="$work/found/$name-" -print_final_stats=1 -verbosity=0 2>"$work/$name.log"; then
    failed=1
    printf 'FAILED: %s; the input is in %s/found, the log in %s/%s.log\n' "$name" "$work" "$work" "$name"
  fi
  grep -E '^stat::(number_of_executed_units|peak_rss_mb)' "$work/$name.log" || true
done
exit $failed
