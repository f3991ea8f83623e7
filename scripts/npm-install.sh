#!/usr/bin/env bash
# Installs the web packages when the lock file has changed since they were installed last.
set -eu
cd "$(dirname "$0")/../web"
stamp=node_modules/.yanshu-installed
if ! cmp -s package-lock.json "$stamp" 2>/dev/null; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi
