#!/bin/sh
# Runs a command beside a throw-away PostgreSQL server and names it in YANSHU_TEST_POSTGRES.
#
#     tests/with-postgres.sh cargo test
#
# The server listens on a free port of the loopback interface and on a socket in a temporary folder, and is gone, with its data, when the command
# ends. It need not survive a power cut, so it does not sync, unless YANSHU_POSTGRES_FSYNC=on asks for it: hundreds of databases that are synced
# while tests run held single statements up for minutes. PostgreSQL refuses to run as root, so root runs it as the user postgres.
# Where PostgreSQL is missing it is installed if apt-get and root allow; otherwise the command runs without the variable, and this says so.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT...]" >&2
    exit 2
fi

# Where distributions keep the server's programs, newest first, besides the path.
find_programs() {
    for folder in $(printf '%s\n' "$PATH" | tr ':' '\n') $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -rV); do
        # Wrappers in the path may lead anywhere; what counts is that all three are there.
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; then
            echo "$folder"
            return 0
        fi
    done
    return 1
}

programs=$(find_programs) || programs=
if [ -z "$programs" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "with-postgres: installing PostgreSQL" >&2
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >&2 ||
        { apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >&2; }; then
        programs=$(find_programs) || programs=
    fi
fi
if [ -z "$programs" ]; then
    echo "with-postgres: PostgreSQL tests are SKIPPED: there is no PostgreSQL here, and it could not be installed" >&2
    exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
    if ! id postgres >/dev/null 2>&1; then
        echo "with-postgres: PostgreSQL tests are SKIPPED: there is no user postgres to run it as" >&2
        exec "$@"
    fi
    as_server() { (cd / && runuser -u postgres -- "$@"); }
else
    as_server() { "$@"; }
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/yanshu-postgres.XXXXXX")
[ "$(id -u)" != 0 ] || chown postgres "$folder"

server_pid=
stop() {
    trap - EXIT INT TERM HUP
    if [ -n "$server_pid" ] && kill -0 "$server_pid" 2>/dev/null; then
        # Immediate shutdown: the data is thrown away.
        kill -QUIT "$server_pid" 2>/dev/null || true
        waited=0
        while kill -0 "$server_pid" 2>/dev/null && [ "$waited" -lt 100 ]; do
            sleep 0.1
            waited=$((waited + 1))
        done
        kill -KILL "$server_pid" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

as_server "$programs/initdb" --pgdata="$folder/data" --username=yanshu --auth=trust --encoding=UTF8 --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
}

# A port that nothing listens on now may be taken a moment later, so several are tried.
port=$((20000 + $$ % 20000))
tries=0
while :; do
    if as_server "$programs/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --wait --timeout=60 --silent \
        --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=${YANSHU_POSTGRES_FSYNC:-off} -c max_connections=300" start \
        >/dev/null 2>&1; then
        break
    fi
    tries=$((tries + 1))
    if [ "$tries" -ge 20 ]; then
        cat "$folder/server.log" >&2
        exit 1
    fi
    port=$((port + 37))
done
server_pid=$(head -n 1 "$folder/data/postmaster.pid")

YANSHU_TEST_POSTGRES="postgres://yanshu@127.0.0.1:$port/postgres"
# Dropping a test's database costs a checkpoint; here they all go with the server.
YANSHU_TEST_POSTGRES_THROWAWAY=1
export YANSHU_TEST_POSTGRES YANSHU_TEST_POSTGRES_THROWAWAY

status=0
"$@" || status=$?
exit "$status"
