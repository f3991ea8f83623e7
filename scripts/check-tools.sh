#!/usr/bin/env bash
# Names every missing tool together with the line that installs it.
set -u
missing=0
say() { printf '%s\n' "$1" >&2; missing=1; }
debian() { command -v apt-get >/dev/null 2>&1; }

if ! command -v cargo >/dev/null 2>&1; then
  say "Rust is missing. Install it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
else
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml")
  have=$(rustc --version | cut -d' ' -f2)
  if [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n1)" != "$wanted" ]; then
    say "Rust $wanted or newer is needed, found $have. Update it with: rustup update stable"
  fi
fi
if ! command -v cc >/dev/null 2>&1; then
  if debian; then say "A C compiler is missing. Install it with: sudo apt-get install build-essential"
  else say "A C compiler is missing. Install it with: xcode-select --install (macOS), dnf install gcc (Fedora)"; fi
fi
if ! command -v node >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  say "Node.js 20 or newer is missing. Install it with: sudo apt-get install nodejs npm (or from https://nodejs.org)"
elif ! command -v npm >/dev/null 2>&1; then
  say "npm is missing. Install it with: sudo apt-get install npm"
fi
exit $missing
