#!/usr/bin/env bash
# fetchmail brings new mail once and leaves it on the server: fetchmail.sh HOST PORT USER PASSWORD FOLDER [UNIQUE-ID…]. Ends with "ok".
# With unique ids it has brought these from another server before, and there is nothing new.
set -eu
host=$1 port=$2 user=$3 password=$4 folder=$5
shift 5
mkdir -p "$folder"
umask 077
cat >"$folder/fetchmailrc" <<RC
set no bouncemail
poll $host protocol pop3 port $port uidl
  user "$user" password "$password" sslproto '' keep
  mda "cat >>$folder/mail; echo >>$folder/mail"
RC
# It names the folder of its ids by itself otherwise.
fetch() {
  FETCHMAILHOME=$folder HOME=$folder fetchmail --fetchmailrc "$folder/fetchmailrc" --idfile "$folder/ids" --pidfile "$folder/pid" --nosyslog --silent --nodetach
}
if [ $# -gt 0 ]; then
  printf "$user@$host %s\n" "$@" >"$folder/ids"
  fetch && code=0 || code=$?
  [ "$code" = 1 ]
  [ ! -e "$folder/mail" ]
  echo ok
  exit
fi
fetch
before=$(grep -c '^Subject:' "$folder/mail")
# 1: nothing new, by its manual. What it has seen it knows by its unique ids.
fetch && code=0 || code=$?
[ "$code" = 1 ]
[ "$(grep -c '^Subject:' "$folder/mail")" = "$before" ]
[ "$before" = 2 ]
echo ok
