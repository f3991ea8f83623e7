#!/usr/bin/env bash
# Measures what docs/performance.md tells: bench/run.sh [NAME…], all when none is named.
#
# Names: rows mail packs sheets imports exports directory idle web peers. The last is bench/mail.sh: mail beside Postfix and Dovecot. PostgreSQL takes part where it is installed. Set TMPDIR to choose the disk.
set -eu
# Figures are those of a server that loses nothing.
export YANSHU_POSTGRES_FSYNC=on
cd "$(dirname "$0")/.."
all=(rows mail packs sheets imports exports directory idle web peers)
if [ $# -gt 0 ]; then names=("$@"); else names=("${all[@]}"); fi
for name in "${names[@]}"; do
  [[ " ${all[*]} " = *" $name "* ]] || { echo "bench/run.sh: there is no \"$name\"; there are: ${all[*]}" >&2; exit 2; }
done
wants() { [[ " ${names[*]} " = *" $1 "* ]]; }
heading() { printf '\n== %s\n' "$1"; }

# The program carries the web app, so that is built first.
if wants idle || wants web; then
  scripts/npm-install.sh
  (cd web && npm run --silent build >/dev/null)
fi
cargo build --release --quiet -p bench
if wants idle || wants peers; then cargo build --release --quiet -p server; fi
yanshu=$(scripts/built.sh release --print-path)
bin=$(dirname "$yanshu")

printf 'Machine: %s cores, %s; load at the start %s\n' "$(nproc)" "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n1)" \
  "$(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null)"

wants rows && { heading "Rows like those of deliveries: at least 30,000 a second on SQLite"; tests/with-postgres.sh "$bin/store_rows" 10; }
wants mail && { heading "The store of mail with an account of 1,000,000 messages"; tests/with-postgres.sh "$bin/mail_store"; }
wants packs && { heading "Blobs into pack files, and the plain file beside it"; "$bin/packs"; }
wants sheets && { heading "Reading 100,000 rows of .xlsx"; "$bin/sheets"; }
wants imports && { heading "Planning and applying 100,000 rows of .xlsx: at most 60 s and 500 MiB together"; tests/with-postgres.sh "$bin/imports"; }
wants exports && { heading "Exporting 100,000 members: at most 10 s"; tests/with-postgres.sh "$bin/exports"; }
wants directory && { heading "Tables and tree of 100,000 members in 5,000 departments"; tests/with-postgres.sh "$bin/directory"; }
wants idle && { heading "The server, idle: ready within 1 s, below 60 MiB"; "$bin/idle" "$yanshu"; }
wants web && { heading "Scripts of first pages (brotli): entry below 200 KiB"; node web/scripts/check-budgets.mjs; }
wants peers && { heading "Mail beside Postfix and Dovecot"; bench/mail.sh; }
printf '\nLoad at the end %s\n' "$(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null)"
