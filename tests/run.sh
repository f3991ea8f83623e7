#!/usr/bin/env bash
# Runs every suite that can run on this machine and says at the end which ran, on which engines. Installs what it may (Debian, as root).
set -u
cd "$(dirname "$0")/.."
root=$PWD
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
summary=()
failed=0
passed_suites=0
failed_suites=0

note() { summary+=("$1"); }
# suite NAME COMMAND…: runs it, remembers how it ended.
suite() {
  local name=$1; shift
  printf '\n== %s\n' "$name"
  local start=$SECONDS
  if "$@"; then
    passed_suites=$((passed_suites + 1)); note "passed   $name ($((SECONDS - start)) s)"
  else
    failed=1; failed_suites=$((failed_suites + 1)); note "FAILED   $name ($((SECONDS - start)) s)"
  fi
}
skip() { note "skipped  $1: $2"; }

install_debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
  if ! apt-get install -y --no-install-recommends "$@" >"$log/apt" 2>&1; then
    apt-get update >"$log/apt" 2>&1 && apt-get install -y --no-install-recommends "$@" >>"$log/apt" 2>&1
  fi
}

if command -v cargo-nextest >/dev/null 2>&1; then
  rust_tests() { cargo nextest run --workspace --no-fail-fast "$@"; }
else
  rust_tests() { cargo test --workspace --no-fail-fast "$@"; }
fi

scripts/check-tools.sh || exit 1

suite "web: install" scripts/npm-install.sh
suite "web: lint and types" bash -c 'cd web && npm run --silent lint && npm run --silent typecheck'
suite "web: unit tests" bash -c 'cd web && npm test --silent'
suite "web: build and size budgets" bash -c 'cd web && npm run --silent build'

suite "rust: formatting" cargo fmt --all --check
suite "rust: examples in documentation" cargo test --workspace --doc --quiet

# Mail programs that have a session with the program in tests/program/clients.rs; one that is missing is skipped there.
for client in python3:python3 curl:curl swaks:swaks mbsync:isync fetchmail:fetchmail offlineimap:offlineimap3; do
  command -v "${client%%:*}" >/dev/null 2>&1 || install_debian "${client##*:}" || skip "client ${client%%:*}" "it is not installed and could not be"
done
# Libraries that programs are made of, beside the scripts that use them.
(cd tests/clients && npm ci --no-audit --no-fund --loglevel=error >"$log/npm-clients" 2>&1) || skip "client imapflow" "it is not installed and could not be"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --target tests/clients/python_modules \
  -r tests/clients/requirements.txt >"$log/pip-clients" 2>&1 || skip "client IMAPClient" "it is not installed and could not be"

if command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || install_debian postgresql; then
  suite "rust: all tests, SQLite and PostgreSQL" tests/with-postgres.sh bash -c "$(declare -f rust_tests); rust_tests"
else
  suite "rust: all tests, SQLite" rust_tests
  skip "rust: all tests, PostgreSQL" "PostgreSQL is not installed and could not be"
fi

suite "web: the client is the one of the API document" tests/web-client-current.sh

if [ -x /usr/bin/chromium ] || command -v chromium >/dev/null 2>&1 || install_debian chromium fonts-noto-cjk; then
  # The tests have built the program; building it alone would build half of its dependencies again, with other features.
  [ -x "$(scripts/built.sh debug --print-path)" ] || cargo build -p server
  suite "browser: Chromium, SQLite" bash -c 'cd web && YANSHU_BIN=$(../scripts/built.sh debug --print-path) npm run --silent e2e'
else
  skip "browser" "Chromium is not installed and could not be"
fi

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
printf '%d passed, %d failed\n' "$passed_suites" "$failed_suites"
exit $failed
