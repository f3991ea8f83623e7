#!/usr/bin/env bash
# Mail beside Debian's Postfix and Dovecot, one client for all, in one run: bench/mail.sh [NAME…], all when none is named.
#
#   smtp    durable, to the mailbox: 4 KiB and 100 KiB, over 1, 20 and 100 connections into 20 mailboxes
#   append  IMAP APPEND over 20 connections into one mailbox
#   fetch   IMAP FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE), warm, and cold where the page cache can be dropped
#   change  every message of the mailbox of "fetch" marked, moved and expunged, while somebody else makes small changes
#   download  IMAP FETCH 1:* (BODY.PEEK[]) of messages of 20 KiB
#   search  IMAP SEARCH TEXT for a rare and a common word, Latin and Chinese: Dovecot without an index
#   imaptest  50 clients of Dovecot's imaptest, where IMAPTEST names the program and IMAPTEST_MBOX a file of mail for it
#   idle    the memory of very many sessions in IDLE under TLS
#   jmap    Email/query and Email/get of the first page of a very large inbox
#   busy    the same while members are imported and a mail to 10,000 recipients is fanned out; and that fan-out alone
#   xapian  "search" beside Dovecot with Xapian's index, which takes it the better part of an hour to make
#   slow    "smtp", 4 KiB over 20 connections, on disks whose syncs take 2 ms and 10 ms longer (slow_sync.c)
#
# The client has a core of its own, all servers the others. Each line tells messages a second, processor seconds of the server for 1,000 messages (what the machine spent without the client), bytes on disk for
# each message, and how many times the first of its table that is. Nothing else should run on the machine meanwhile. TMPDIR chooses the disk;
# Postfix and Dovecot are installed by apt when root allows, and skipped otherwise; so is PostgreSQL. Sizes, with "quick" for a small try:
#   BENCH_MAIL_SMALL=20000 BENCH_MAIL_LARGE=3000 BENCH_MAIL_APPEND=10000 BENCH_MAIL_FETCH=100000 BENCH_MAIL_DOWNLOAD=10000
#   BENCH_MAIL_SEARCH=100000 BENCH_MAIL_JMAP=1000000 BENCH_MAIL_IDLE=10000 BENCH_MAIL_IMPORT=100000 BENCH_MAIL_SIZES=quick
set -eu
# Figures are those of a server that loses nothing.
export YANSHU_POSTGRES_FSYNC=on
cd "$(dirname "$0")/.."
all=(smtp append fetch change download search imaptest idle jmap busy xapian slow)

if [ "${1:-}" != --inside ]; then
  for name in "$@"; do
    [[ " ${all[*]} " = *" $name "* ]] || { echo "bench/mail.sh: there is no \"$name\"; there are: ${all[*]}" >&2; exit 2; }
  done
  # PostgreSQL, too, keeps its data in the folder that is measured. Its own user must reach it.
  folder=$(mktemp -d "${TMPDIR:-/tmp}/yanshu-mail-bench.XXXXXX")
  chmod 755 "$folder"
  # What it starts is a process group of its own, which is told to end before the folder goes.
  set -m
  inside=
  inside() {
    "$@" &
    inside=$!
    wait $inside
  }
  trap 'rm -rf "$folder"' EXIT
  trap 'trap "" INT TERM HUP; [ -z "$inside" ] || kill -TERM -- "-$inside" 2>/dev/null || true; wait; exit 143' INT TERM HUP
  if [ $# -gt 0 ]; then names=("$@"); else names=("${all[@]}"); fi
  on_servers_cores=()
  if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
    on_servers_cores=(taskset -c "0-$(($(nproc) - 2))")
    BENCH_CLIENT_CORE=$(($(nproc) - 1))
    export BENCH_CLIENT_CORE
  fi
  # A virtual machine gets memory when it first uses it: whoever wrote to memory first took a third longer for messages of 100 KiB.
  perl -e 'vec(my $bytes = "", shift, 8) = 1' "$(awk '/^MemAvailable:/ { printf "%.0f", $2 * 1024 / 4 * 3 }' /proc/meminfo)" || true
  status=0
  others=()
  for name in "${names[@]}"; do [ "$name" = slow ] || others+=("$name"); done
  [ ${#others[@]} = 0 ] || TMPDIR=$folder inside "${on_servers_cores[@]}" tests/with-postgres.sh bench/mail.sh --inside "${others[@]}" || status=1
  if [[ " ${names[*]} " = *" slow "* ]]; then
    cc -O2 -shared -fPIC -o "$folder/slow_sync.so" bench/slow_sync.c -ldl
    for micros in 2000 10000; do
      mkdir "$folder/$micros"
      chmod 755 "$folder/$micros"
      SLOW_SYNC=$folder/slow_sync.so SLOW_SYNC_MICROS=$micros TMPDIR=$folder/$micros \
        inside "${on_servers_cores[@]}" env "LD_PRELOAD=$folder/slow_sync.so" tests/with-postgres.sh bench/mail.sh --inside slow || status=1
    done
  fi
  exit $status
fi
shift
names=("$@")
wants() { [[ " ${names[*]} " = *" $1 "* ]]; }

if [ "${BENCH_MAIL_SIZES:-}" = quick ]; then
  small=500 large=100 append=500 fetch=2000 download=200 search=2000 jmap=10000 idle=200 import=1000
else
  small=20000 large=3000 append=10000 fetch=100000 download=10000 search=100000 jmap=1000000 idle=10000 import=100000
fi
small=${BENCH_MAIL_SMALL:-$small} large=${BENCH_MAIL_LARGE:-$large} append=${BENCH_MAIL_APPEND:-$append}
fetch=${BENCH_MAIL_FETCH:-$fetch} download=${BENCH_MAIL_DOWNLOAD:-$download} idle=${BENCH_MAIL_IDLE:-$idle} import=${BENCH_MAIL_IMPORT:-$import}
search=${BENCH_MAIL_SEARCH:-$search} jmap=${BENCH_MAIL_JMAP:-$jmap}

yanshu=$(scripts/built.sh release --print-path)
bin=$(dirname "$yanshu")
folder=$TMPDIR
client() { if [ -n "${BENCH_CLIENT_CORE:-}" ]; then taskset -c "$BENCH_CLIENT_CORE" "$bin/mail_client" "$@"; else "$bin/mail_client" "$@"; fi; }
export BENCH_PASSWORD=one-for-all-of-the-peers
mailboxes=20
domain=bench.test

# ---- What is measured: each has an address for SMTP or LMTP, one for IMAP, and folders whose growth is told.

declare -A server_pid=()
peers_run=

stop_all() {
  trap - EXIT INT TERM HUP
  for engine in "${!server_pid[@]}"; do stop_yanshu "$engine"; done
  [ -z "$peers_run" ] || bench/peers.sh stop "$folder/peers" >/dev/null 2>&1 || true
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

have_peers() {
  for program in postfix dovecot doveadm; do command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || return 1; done
}

start_peers() {
  if ! have_peers && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Postfix and Dovecot"
    # RUNLEVEL keeps the packages from starting servers of their own.
    { apt-get update -q; RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q postfix dovecot-imapd dovecot-lmtpd; } >"$folder/apt.log" 2>&1 || true
  fi
  if ! have_peers || [ "$(id -u)" != 0 ]; then
    echo "Postfix and Dovecot: SKIPPED, because they are not here and cannot be installed, or because only root can start them"
    return
  fi
  peers_run=yes
  bench/peers.sh start "$folder/peers" >"$folder/peers.log" 2>&1 || { cat "$folder/peers.log" >&2; exit 1; }
  echo "Peers: Postfix $(postconf -h mail_version), Dovecot $(dovecot --version | cut -d' ' -f1)"
}

# configuration ENGINE SQL FIRST-DIGITS-OF-PORTS
configure_yanshu() {
  mkdir -p "$folder/$1"
  cat >"$folder/$1/yanshu.toml" <<TOML
[listen]
http = "127.0.0.1:${3}80"
smtp = "127.0.0.1:${3}25"
imap = "127.0.0.1:${3}43"
https = ""
submission = ""
submissions = ""
lmtp = ""
imaps = "127.0.0.1:${3}93"
pop3 = ""
pop3s = ""
managesieve = ""
[smtp]
checks = false
recipients_per_message = 20000
[storage]
sql = "$2"
TOML
}

run_yanshu() {
  local engine=$1
  shift
  "$yanshu" --config "$folder/$engine/yanshu.toml" --data "$folder/$engine/data" "$@"
}

start_yanshu() {
  local engine=$1 tries=0
  : >"$folder/$engine/out"
  "$yanshu" --config "$folder/$engine/yanshu.toml" --data "$folder/$engine/data" serve >"$folder/$engine/out" 2>>"$folder/$engine/log" &
  server_pid[$engine]=$!
  until grep -q ready "$folder/$engine/out"; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 "${server_pid[$engine]}" 2>/dev/null; then
      tail -n 20 "$folder/$engine/log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

stop_yanshu() {
  kill "${server_pid[$1]}" 2>/dev/null || true
  wait "${server_pid[$1]}" 2>/dev/null || true
  unset "server_pid[$1]"
}

# An organisation with the members that mail goes to, each with a client password.
set_up_yanshu() {
  local engine=$1 user made
  printf 'Quiet-Machine-9-Runs' >"$folder/admin-password"
  run_yanshu "$engine" setup --org-code bench --org-name Bench --domain $domain --admin admin --password-file "$folder/admin-password" --assume-verified >/dev/null
  start_yanshu "$engine"
  for user in $(seq -f 'user%g' 0 $((mailboxes - 1))) append fetch download search imaptest jmap; do
    run_yanshu "$engine" member add "$user" --org bench --address "$user@$domain" >/dev/null
    made=$(run_yanshu "$engine" --json member add-client-password "$user@$domain" --org bench --name bench --protocols imap,jmap)
    printf '%s@%s:%s\n' "$user" "$domain" "$(sed 's/.*"password":"\([^"]*\)".*/\1/' <<<"$made")" >>"$folder/$engine/passwords"
  done
}

# PostgreSQL looks at what tables hold up to a minute late; what is measured is a database in use.
look_at_tables() { [ "$1" != postgres ] || psql -q "$YANSHU_TEST_POSTGRES" -c ANALYZE; }

# Waits until what came in for the lines before is in the way of nobody any more: little is left to index (an account that is few messages behind waits its
# minute), and the servers' core has been idle for two seconds, so that nobody sweeps, merges or vacuums either.
settle() {
  local tries=0
  until has_little_to_index && is_idle; do
    tries=$((tries + 1))
    if [ $tries -ge 100 ]; then
      echo "  (the machine has not come to rest)"
      return
    fi
  done
}
has_little_to_index() {
  local engine waiting
  for engine in "${!server_pid[@]}"; do
    waiting=$(run_yanshu "$engine" --json search status | sed -n 's/.*"waiting":\([0-9]*\).*/\1/p')
    if [ "${waiting:-0}" -ge 2000 ]; then
      sleep 3
      return 1
    fi
  done
}
is_idle() {
  local before after
  before=$(work_so_far)
  sleep 2
  after=$(work_so_far)
  [ $((after - before)) -lt 20 ]
}
# What all cores have worked so far, in hundredths of a second.
work_so_far() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }

# ---- One line of a table.

declare -A base=()

# What lies on the disk of a system, without what its database writes ahead and uses again.
disk_bytes() {
  sync
  case $1 in
  peers) du -sB1 "$folder/peers/dovecot/mail" "$folder/peers/postfix/queue" | awk '{ sum += $1 } END { printf "%.0f\n", sum }' ;;
  sqlite) du -sB1 "$folder/sqlite/data" | cut -f1 ;;
  postgres) du -sB1 --exclude=pg_wal "$folder/postgres/data" "$folder"/yanshu-postgres.* | awk '{ sum += $1 } END { printf "%.0f\n", sum }' ;;
  esac
}

# measure TABLE SYSTEM DISK ARGUMENTS-OF-THE-CLIENT…
measure() {
  local table=$1 system=$2 disk=$3 before after said messages rate cpu
  shift 3
  [ -n "${beside_work:-}" ] || settle
  sleep 1
  before=$(disk_bytes "$disk")
  if [ "$disk" = peers ]; then
    said=$(client "$@") || { echo "  $system: FAILED"; failed=yes; return; }
  else
    said=$(BENCH_PASSWORDS=$folder/$disk/passwords client "$@") || { echo "  $system: FAILED"; failed=yes; return; }
  fi
  after=$(disk_bytes "$disk")
  read -r messages _ rate cpu <<<"$(sed -n 's/^result //p' <<<"$said" | tail -n1)"
  # The first of a table is what the others are held against.
  : "${base[$table]:=$rate}"
  awk -v name="$system" -v rate="$rate" -v cpu="$cpu" -v messages="$messages" -v grown="$((after - before))" -v base="${base[$table]}" -v kind="$1" \
    'BEGIN { bytes = kind ~ /^(fetch|download|search|jmap|change)$/ ? "" : sprintf("%9.0f bytes on disk", grown / messages)
             printf "  %-28s %9s a second  %8.3f s of processor for 1,000  %-24s %6.2f x\n", name, sprintf(rate < 100 ? "%.2f" : "%.0f", rate), cpu / messages * 1000, bytes, rate / base }'
  case $1 in jmap | change | fanout) grep -v '^result ' <<<"$said" | sed 's/^/      /' ;; esac
}

table() { printf '\n%s\n' "$1"; }

# Runs its arguments for each Yanshu that runs, with the engine, its label and the first digits of its ports behind them.
each_yanshu() {
  "$@" sqlite "Yanshu on SQLite" 131
  [ -z "${server_pid[postgres]:-}" ] || "$@" postgres "Yanshu on PostgreSQL" 132
}

# ---- The measurements.

smtp_of_yanshu() { measure "$1" "$6" "$5" smtp "127.0.0.1:${7}25" "$2" "$3" "$4" $mailboxes $domain "127.0.0.1:${7}43"; }

# measure_smtp "SIZES" "CONNECTIONS"
measure_smtp() {
  # One message to every mailbox first: mailboxes are made, logs have their length.
  local size count clients what
  if [ -n "$peers_run" ]; then client smtp 127.0.0.1:12525 20 200 4096 $mailboxes $domain 127.0.0.1:12143 >/dev/null; fi
  warm() {
    BENCH_PASSWORDS=$folder/$1/passwords client smtp "127.0.0.1:${3}25" 20 2000 4096 $mailboxes $domain "127.0.0.1:${3}43" >/dev/null
    look_at_tables "$1"
  }
  each_yanshu warm
  for size in $1; do
    for clients in $2; do
      if [ $size = 4096 ]; then count=$small; else count=$large; fi
      # One connection alone waits for the disk every time.
      [ $clients != 1 ] || count=$(((count + 9) / 10))
      what="SMTP to mailbox, $((size / 1024)) KiB, $clients connections, $count messages"
      table "$what"
      if [ -n "$peers_run" ]; then
        measure "$what" "Postfix to Dovecot by LMTP" peers smtp 127.0.0.1:12525 $clients "$count" $size $mailboxes $domain 127.0.0.1:12143
        measure "$what" "Dovecot's LMTP alone" peers lmtp 127.0.0.1:12424 $clients "$count" $size $mailboxes $domain 127.0.0.1:12143
      fi
      each_yanshu smtp_of_yanshu "$what" $clients "$count" $size
    done
  done
}

append_to_yanshu() { measure "$1" "$3" "$2" append "127.0.0.1:${4}43" 20 "$append" 4096 append@$domain; }

measure_append() {
  local what="IMAP APPEND, 4 KiB, 20 connections, $append messages"
  table "$what"
  fill_peers append 1 0 0 append
  [ -z "$peers_run" ] || measure "$what" Dovecot peers append 127.0.0.1:12143 20 "$append" 4096 append@$domain
  each_yanshu append_to_yanshu "$what"
}

# fill_peers KIND CONNECTIONS COUNT SIZE USER: one message by itself first, because Dovecot refuses some of those who make a mailbox together.
fill_peers() {
  [ -n "$peers_run" ] || return 0
  client append 127.0.0.1:12143 1 1 2048 "$5@$domain" >/dev/null
  [ "$3" = 0 ] || client "$1" 127.0.0.1:12143 "$2" "$3" "$4" "$5@$domain" >/dev/null
}
fill_yanshu() {
  BENCH_PASSWORDS=$folder/$1/passwords client append "127.0.0.1:${3}43" 8 "$fetch" 2048 fetch@$domain >/dev/null
  look_at_tables "$1"
}
fetch_of_yanshu() { measure "$1" "$4" "$3" fetch "127.0.0.1:${5}43" fetch@$domain "$fetch" "$2"; }

drop_caches() {
  sync
  { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null
}

# Restarts what was measured, so that its own memory is as empty as the machine's.
cold_yanshu() {
  stop_yanshu "$2"
  start_yanshu "$2"
  drop_caches
  fetch_of_yanshu "$1" 1 "$2" "$3" "$4"
}

measure_fetch() {
  local what
  fill_peers append 8 $((fetch - 1)) 2048 fetch
  each_yanshu fill_yanshu
  what="IMAP FETCH of flags, envelope, structure and date of $fetch messages, warm"
  table "$what"
  [ -z "$peers_run" ] || measure "$what" Dovecot peers fetch 127.0.0.1:12143 fetch@$domain "$fetch" 3
  each_yanshu fetch_of_yanshu "$what" 3
  what="The same, with nothing in memory"
  table "$what"
  if drop_caches; then
    [ -z "$peers_run" ] || measure "$what" Dovecot peers fetch 127.0.0.1:12143 fetch@$domain "$fetch" 1
    each_yanshu cold_yanshu "$what"
  else
    echo "  skipped: the page cache cannot be dropped here"
  fi
}

change_of_yanshu() { measure "$1" "$4" "$3" change "127.0.0.1:${5}43" fetch@$domain "$fetch" "$2" user0@$domain; }

# Follows "fetch", whose mailbox it empties.
measure_change() {
  local what how
  if ! wants fetch; then
    fill_peers append 8 $((fetch - 1)) 2048 fetch
    each_yanshu fill_yanshu
  fi
  # The bystander has something to change.
  one_message() { BENCH_PASSWORDS=$folder/$1/passwords client append "127.0.0.1:${3}43" 1 1 2048 user0@$domain >/dev/null; }
  fill_peers append 1 0 0 user0
  each_yanshu one_message
  for how in mark move expunge; do
    what="IMAP: $how $fetch messages"
    table "$what"
    [ -z "$peers_run" ] || measure "$what" Dovecot peers change 127.0.0.1:12143 fetch@$domain "$fetch" $how user0@$domain
    each_yanshu change_of_yanshu "$what" $how
  done
}

download_of_yanshu() { measure "$1" "$3" "$2" download "127.0.0.1:${4}43" download@$domain "$download" 3; }
fill_download() {
  BENCH_PASSWORDS=$folder/$1/passwords client append "127.0.0.1:${3}43" 8 "$download" 20480 download@$domain >/dev/null
  look_at_tables "$1"
}

measure_download() {
  local what="IMAP FETCH of the whole of $download messages of 20 KiB, warm"
  fill_peers append 8 $((download - 1)) 20480 download
  each_yanshu fill_download
  table "$what"
  [ -z "$peers_run" ] || measure "$what" Dovecot peers download 127.0.0.1:12143 download@$domain "$download" 3
  each_yanshu download_of_yanshu "$what"
}

# imaptest_on TABLE SYSTEM PORT PASSWORD: what it prints at the end are commands, by kind.
imaptest_on() {
  local said commands
  said=$(${BENCH_CLIENT_CORE:+taskset -c "$BENCH_CLIENT_CORE"} "$IMAPTEST" host=127.0.0.1 port="$3" "user=imaptest@$domain" "pass=$4" "mbox=$IMAPTEST_MBOX" \
    clients=50 secs=60 seed=1 no_pipelining 2>&1) || { echo "  $2: FAILED"; tail -n 5 <<<"$said"; failed=yes; return; }
  # The line of totals: a number for each command.
  commands=$(awk '/^Totals:/ { totals = 1; next } totals && /^ *[0-9]+%/ { next } totals && NF > 5 && $1 ~ /^[0-9]+$/ { sum = 0; for (i = 1; i <= NF; i++) sum += $i; print sum; exit }' <<<"$said")
  [ -n "$commands" ] || { echo "  $2: FAILED"; tail -n 12 <<<"$said"; failed=yes; return; }
  : "${base[$1]:=$commands}"
  awk -v name="$2" -v commands="$commands" -v base="${base[$1]}" 'BEGIN { printf "  %-28s %9.0f commands a second  %6.2f x\n", name, commands / 60, commands / base }'
}
imaptest_of_yanshu() { imaptest_on "$1" "$3" "${4}43" "$(sed -n "s/^imaptest@$domain://p" "$folder/$2/passwords")"; }

measure_imaptest() {
  local what="imaptest, 50 clients, 60 s"
  table "$what"
  if [ -z "${IMAPTEST:-}" ] || [ -z "${IMAPTEST_MBOX:-}" ]; then
    echo "  skipped: IMAPTEST and IMAPTEST_MBOX do not say where imaptest and its mail are"
    return
  fi
  [ -z "$peers_run" ] || imaptest_on "$what" Dovecot 12143 "$BENCH_PASSWORD"
  each_yanshu imaptest_of_yanshu "$what"
}

# So many accounts, because each may have 100 sessions.
idle_users=110
idle_of_yanshu() {
  local user made
  for user in $(seq -f 'user%g' $mailboxes $((idle_users - 1))); do
    run_yanshu "$1" member add "$user" --org bench --address "$user@$domain" >/dev/null
    made=$(run_yanshu "$1" --json member add-client-password "$user@$domain" --org bench --name bench --protocols imap)
    printf '%s@%s:%s\n' "$user" "$domain" "$(sed 's/.*"password":"\([^"]*\)".*/\1/' <<<"$made")" >>"$folder/$1/passwords"
  done
  stop_yanshu "$1"
  start_yanshu "$1"
  BENCH_PASSWORDS=$folder/$1/passwords client idle "127.0.0.1:${3}93" "$idle" $idle_users $domain "${server_pid[$1]}" 40 | sed "/^result /d; s/^/  $2: /" || failed=yes
}

measure_idle() {
  table "Memory of $idle sessions in IDLE under TLS"
  each_yanshu idle_of_yanshu
}

texts_for_yanshu() {
  local before after tries=0
  BENCH_PASSWORDS=$folder/$1/passwords client texts "127.0.0.1:${3}43" 8 "$search" 4096 search@$domain >/dev/null
  before=$(disk_bytes "$1")
  until run_yanshu "$1" --json search status | grep -q '"waiting":0'; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "  $2: was not indexed in time"; failed=yes; return; }
    sleep 1
  done
  after=$(disk_bytes "$1")
  awk -v name="$2" -v grown="$((after - before))" -v text="$(run_yanshu "$1" search status | tail -n1)" -v memory="$(awk '/VmHWM/ { print $2 }' "/proc/${server_pid[$1]}/status")" \
    'BEGIN { printf "  %s: %s; grown by %d bytes meanwhile; %d KiB of memory at most\n", name, text, grown, memory }'
}
search_word_of_yanshu() { measure "$1" "$5" "$4" search "127.0.0.1:${6}43" search@$domain "$search" "$2" "$3" 5; }

fill_search() {
  fill_peers texts 8 "$search" 4096 search
  table "Text for searches: $search messages of 4 KiB"
  each_yanshu texts_for_yanshu
}

# search_beside PEER TIMES: each kind of word, so many times by the peer.
search_beside() {
  local word script what
  for word in rare common; do
    for script in latin chinese; do
      what="IMAP SEARCH TEXT, a $word $script word, $search messages, beside $1"
      table "$what"
      [ -z "$peers_run" ] || measure "$what" "$1" peers search 127.0.0.1:12143 search@$domain "$search" $word $script "$2"
      each_yanshu search_word_of_yanshu "$what" $word $script
    done
  done
}

measure_search() {
  fill_search
  search_beside "Dovecot without an index" 2
}

# With Xapian's index, where Debian's package of it is or can be installed.
index_peers() {
  if ! compgen -G '/usr/lib/dovecot/modules/lib*fts_xapian_plugin.so' >/dev/null; then
    { DEBIAN_FRONTEND=noninteractive apt-get install -y -q dovecot-fts-xapian; } >>"$folder/apt.log" 2>&1 || return 1
  fi
  bench/peers.sh index "$folder/peers" search@$domain >>"$folder/peers.log" 2>&1
}

# Last, because the index is in the way of what Dovecot does without it.
measure_xapian() {
  local began
  wants search || fill_search
  began=$SECONDS
  if [ -n "$peers_run" ] && index_peers; then
    printf '\nDovecot with Xapian: its index of %s messages took %s s\n' "$search" $((SECONDS - began))
    search_beside "Dovecot with Xapian" 5
  else
    echo "Dovecot with Xapian: SKIPPED, because it is not here, or its index could not be made"
  fi
}

jmap_of_yanshu() {
  local sql
  stop_yanshu "$2"
  sql=$(sed -n 's/^sql = "\(.*\)"/\1/p' "$folder/$2/yanshu.toml")
  "$bin/mail_fill" "$folder/$2/data" "$sql" bench jmap@$domain "$jmap" | sed "s/^/  $3: filled with /"
  start_yanshu "$2"
  measure "$1" "$3" "$2" jmap "127.0.0.1:${4}80" jmap@$domain 300
}

measure_jmap() {
  local what="JMAP, the first 50 of an inbox of $jmap messages, one request after the other"
  table "$what"
  each_yanshu jmap_of_yanshu "$what"
}

# Lets a Yanshu and its database have these cores, where they have cores of their own.
run_on() {
  local pid database=()
  [ -n "${BENCH_CLIENT_CORE:-}" ] || return 0
  if [ "$1" = postgres ]; then
    database=("$(head -n1 "$folder"/yanshu-postgres.*/data/postmaster.pid)")
    mapfile -t -O 1 database < <(pgrep -P "${database[0]}")
  fi
  for pid in "${server_pid[$1]}" "${database[@]}"; do
    # A process of the database may have ended meanwhile.
    taskset -a -p -c "$2" "$pid" >/dev/null 2>&1 || true
  done
}

# An organisation of its own for what is imported meanwhile, and members for a mail to all of them.
busy_of_yanshu() {
  local members=10000 number made what watched=()
  [ "$import" -ge $members ] || members=$import
  { echo "姓名,手机号码,邮箱前缀,所属部门"; for number in $(seq 1 "$members"); do echo "同事$number,$((13700000000 + number)),colleague$number,总部/同事"; done; } >"$folder/$1/colleagues.csv"
  run_yanshu "$1" member import "$folder/$1/colleagues.csv" --org bench --domain $domain >"$folder/$1/import.out" || { tail -n 5 "$folder/$1/import.out"; failed=yes; return; }
  for number in 1 $((members / 3)) $((members / 2)) $members; do
    made=$(run_yanshu "$1" --json member add-client-password "colleague$number@$domain" --org bench --name bench --protocols imap)
    printf 'colleague%s@%s:%s\n' "$number" "$domain" "$(sed 's/.*"password":"\([^"]*\)".*/\1/' <<<"$made")" >>"$folder/$1/passwords"
    watched+=("colleague$number@$domain")
  done
  what="One message to $members recipients, on all cores"
  table "$what"
  run_on "$1" "0-${BENCH_CLIENT_CORE:-}"
  measure "$what" "$2" "$1" fanout "127.0.0.1:${3}25" $members $domain "127.0.0.1:${3}43" "${watched[@]}"
  run_on "$1" "0-$((${BENCH_CLIENT_CORE:-1} - 1))"
  if ! wants jmap; then jmap_of_yanshu "The first 50, idle" "$1" "$2" "$3"; fi
  what="The first 50 while $import members are imported and a mail to $members is fanned out"
  table "$what"
  "$bin/imports" write "$import" "$folder/$1/import.xlsx"
  run_yanshu "$1" member import "$folder/$1/import.xlsx" --org bench --domain $domain >"$folder/$1/import.out" 2>&1 &
  local importing=$!
  (
    while kill -0 $importing 2>/dev/null; do
      BENCH_PASSWORDS=$folder/$1/passwords client fanout "127.0.0.1:${3}25" $members $domain "127.0.0.1:${3}43" "${watched[@]}" >"$folder/$1/fanout.out" 2>&1
    done
  ) &
  local fanning=$!
  sleep 2
  beside_work=yes measure "$what" "$2" "$1" jmap "127.0.0.1:${3}80" jmap@$domain 1000000 $importing
  wait $importing || { echo "  $2: the import FAILED"; tail -n 5 "$folder/$1/import.out"; failed=yes; }
  wait $fanning || true
}

measure_busy() { each_yanshu busy_of_yanshu; }

failed=
start_peers
configure_yanshu sqlite sqlite:yanshu.db 131
set_up_yanshu sqlite
if [ -n "${YANSHU_TEST_POSTGRES:-}" ]; then
  configure_yanshu postgres "$YANSHU_TEST_POSTGRES" 132
  set_up_yanshu postgres
else
  echo "Yanshu on PostgreSQL: SKIPPED, because there is no PostgreSQL"
fi
wants smtp && measure_smtp "4096 102400" "20 1 100"
wants slow && { printf '\n== Every sync takes %s microseconds longer\n' "$SLOW_SYNC_MICROS"; measure_smtp 4096 20; }
wants append && measure_append
wants fetch && measure_fetch
wants change && measure_change
wants download && measure_download
wants search && measure_search
wants imaptest && measure_imaptest
wants idle && measure_idle
wants jmap && measure_jmap
wants busy && measure_busy
wants xapian && measure_xapian
# What was delivered fits together.
check_yanshu() { run_yanshu "$1" verify >"$folder/$1/verified" || { echo "$2: NOT SOUND"; cat "$folder/$1/verified"; failed=yes; }; }
each_yanshu check_yanshu
[ -z "$failed" ]
