#!/usr/bin/env bash
# Two-way sync by mbsync, with folders in Chinese: mbsync.sh HOST PORT USER PASSWORD DIRECTORY. Ends with "ok".
set -eu
host=$1 port=$2 user=$3 password=$4 dir=$5
mkdir -p "$dir/mail"
cat >"$dir/mbsyncrc" <<CONF
IMAPAccount yanshu
Host $host
Port $port
User $user
Pass $password
SSLType None
AuthMechs LOGIN

IMAPStore far
Account yanshu

MaildirStore near
Path $dir/mail/
Inbox $dir/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Remove None
SyncState *
CONF
sync_all() { mbsync -q -c "$dir/mbsyncrc" -a; }
count() { find "$dir/mail/$1/cur" "$dir/mail/$1/new" -type f 2>/dev/null | wc -l; }
# The modified UTF-7 names of 客户 and 客户/归档; mbsync keeps names as the server says them.
near=$(python3 -c 'print("&" + __import__("base64").b64encode("客户".encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-")')

sync_all
[ -d "$dir/mail/INBOX" ] || { echo "no INBOX came"; exit 1; }

# A folder and two mails made here go there …
mkdir -p "$dir/mail/$near"/{cur,new,tmp}
printf 'From: a@elsewhere.test\nTo: b@example.test\nSubject: one\n\nFirst\n' >"$dir/mail/$near/cur/1.here:2,S"
printf 'From: a@elsewhere.test\nTo: b@example.test\nSubject: two\n\nSecond\n' >"$dir/mail/$near/new/2.here"
sync_all
# … and come again into an empty copy, with their flags.
mv "$dir/mail" "$dir/first"; mkdir "$dir/mail"
sync_all
[ "$(count "$near")" = 2 ] || { echo "the folder came back with $(count "$near") mails"; exit 1; }
ls "$dir/mail/$near/cur" | grep -q ':2,.*S' || { echo "a read mail came back unread"; exit 1; }

# What is deleted and flagged in one copy is so in the other.
rm "$(grep -rl 'Subject: one' "$dir/mail/$near")"
two=$(grep -rl 'Subject: two' "$dir/mail/$near")
mv "$two" "$dir/mail/$near/cur/$(basename "${two%%:2,*}"):2,F"
sync_all
rm -rf "$dir/second"; mv "$dir/mail" "$dir/second"; mv "$dir/first" "$dir/mail"
sync_all
[ "$(count "$near")" = 1 ] || { echo "a deletion did not reach the other copy"; exit 1; }
ls "$dir/mail/$near/cur" | grep -q ':2,F' || { echo "a flag did not reach the other copy"; exit 1; }
echo ok
